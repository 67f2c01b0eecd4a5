"""How near an engine's scores are to Detoxify's, and how near is near enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from bot.domain.scores import Label

Scored = Sequence[Mapping[Label, float]]

THRESHOLDS = (0.35, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98)
"""Where the presets draw their lines, for any label."""


class Parity(msgspec.Struct, frozen=True):
    """How an engine's scores differ from the reference's, over all texts and labels.

    mean, p99, largest: of the absolute differences. flips: the share of scores that fall on the
    other side of a threshold, over all THRESHOLDS. beside: the largest difference that it makes
    to a text whether it is scored alone or with others.
    """

    mean: float
    p99: float
    largest: float
    flips: float
    beside: float

    def faults(self) -> list[str]:
        """Which gates it misses, in words; none when its scores may stand for Detoxify's."""
        held = (
            ("mean difference", self.mean, 0.001),
            ("99th percentile of differences", self.p99, 0.02),
            ("share over another threshold", self.flips, 0.001),
            ("difference that neighbours make", self.beside, 0.02),
        )
        # Not `value > bound`: what is not a number is within no bound.
        return [
            f"{what} {value:.4g} > {bound:g}" for what, value, bound in held if not value <= bound
        ]


def compare(reference: Scored, alone: Scored, together: Scored) -> Parity:
    """The parity of an engine that scored the same texts one at a time and several at once."""
    pairs = list(_pairs(reference, alone))
    differences = sorted(abs(right - wrong) for right, wrong in pairs)
    crossed = sum(
        (right >= threshold) != (ours >= threshold)
        for right, ours in pairs
        for threshold in THRESHOLDS
    )
    return Parity(
        mean=sum(differences) / len(differences),
        p99=differences[int(0.99 * (len(differences) - 1))],
        largest=differences[-1],
        flips=crossed / (len(pairs) * len(THRESHOLDS)),
        beside=max(abs(one - other) for one, other in _pairs(alone, together)),
    )


def _pairs(some: Scored, others: Scored) -> Iterator[tuple[float, float]]:
    for one, other in zip(some, others, strict=True):
        for label, score in one.items():
            yield score, other[label]
