"""What a replay found, as fixed-size figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.messages import Message
from bot.domain.policy import Policy, Verdict
from bot.domain.scores import Label, Scores

STEPS = 100
"""Scores are counted in steps of 1/STEPS, at whose edges every count is exact."""


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """One label's scores.

    count: messages that the model gave this label; mean and max of their scores, 0.0 to 1.0.
    over_review, over_hide: how many reach the policy's thresholds; None without a threshold.
    review, hidden: how many of them the whole policy sends to review and hides.
    p50, p90, p99: quantiles, to the nearest step below.
    histogram: how many scores lie in each step; the last one holds the scores of exactly 1.
    rest: how many messages in each step the rest of the policy allows, sends to review, hides.
    """

    count: int
    mean: float
    max: float
    over_review: int | None
    over_hide: int | None
    review: int
    hidden: int
    p50: float
    p90: float
    p99: float
    histogram: tuple[int, ...]
    rest: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


class Span(StrEnum):
    """How much time one bar of the timeline stands for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Bar:
    """What was said in one span of time that starts at `start`."""

    start: datetime
    messages: int
    review: int
    hidden: int


@dataclass(frozen=True, slots=True)
class Severe:
    """A message among the most severe. seen: how often its very text came."""

    message: Message
    dated: bool
    verdict: Verdict
    scores: Scores
    seen: int = 1


@dataclass(frozen=True, slots=True)
class Summary:
    """What a policy would have made of a history.

    messages: all that were posted, which is scored + skipped; scored is allowed + review + hidden.
    skipped_why: how many messages were not judged, by reason; asides: things that are no message.
    left_out: whole files of which nothing was read, each with what to mend; the first of many.
    faults: where a file broke off, so that what follows in it is missing here.
    unreadable: characters that were no text; undated: messages without a time.
    seconds: from the first byte read to the last verdict.
    """

    source: str
    format: str
    policy: Policy
    model: str
    messages: int
    scored: int
    skipped: int
    allowed: int
    review: int
    hidden: int
    seconds: float
    labels: Mapping[Label, LabelSummary]
    skipped_why: Mapping[str, int]
    asides: Mapping[str, int]
    left_out: Sequence[str]
    faults: Sequence[str]
    unreadable: int
    undated: int
    span: Span
    timeline: Sequence[Bar]
    severe: Sequence[Severe]

    @property
    def messages_per_second(self) -> float:
        """How fast the whole history went through."""
        return self.messages / self.seconds if self.seconds > 0 else 0.0

    def as_json(self) -> dict[str, Any]:
        """The figures that `aman replay --json` prints."""
        return {
            "messages": self.messages,
            "scored": self.scored,
            "skipped": self.skipped,
            "allowed": self.allowed,
            "review": self.review,
            "hidden": self.hidden,
            "seconds": round(self.seconds, 3),
            "messages_per_second": round(self.messages_per_second, 1),
            "labels": {label.value: _figures(one) for label, one in self.labels.items()},
        }


def _figures(one: LabelSummary) -> dict[str, Any]:
    return {
        "count": one.count,
        "over_review": one.over_review,
        "over_hide": one.over_hide,
        "mean": round(one.mean, 6),
        "max": round(one.max, 6),
        "p50": one.p50,
        "p90": one.p90,
        "p99": one.p99,
    }
