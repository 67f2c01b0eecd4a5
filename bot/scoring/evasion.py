"""A scorer that sees through evasion: what a text says, in whatever way it can be read."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Sequence

from bot.domain.ports import Lane, Scorer
from bot.domain.scores import Scores
from bot.scoring.folding import all_readings
from bot.scoring.stretches import stretches

AT_ONCE = 2_000
"""Characters that are folded on the event loop, in some 8 ms at most; for more a thread does it."""
LONGEST = 100_000
"""Characters of the longest text that is folded, twenty times what a platform lets people post."""


class FoldingScorer:
    """A Scorer around another one: each text has the highest score a label of `all_readings`.

    The readings of all texts, and the stretches of long ones, go to the inner scorer in one call.
    What is too long to be folded is marked as not read whole, which asks for a human.
    """

    def __init__(self, inner: Scorer) -> None:
        self._inner = inner
        self.model = inner.model

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        """Score texts; see `ports.Scorer`."""
        if sum(map(len, texts)) > AT_ONCE:
            read = await asyncio.to_thread(_all_readings, texts)
        else:
            read = _all_readings(texts)
        wanted = [each for group in read for each in group]
        scored = iter(await self._inner.score(wanted, lane=lane))
        return [
            functools.reduce(
                Scores.merged,
                [next(scored) for _ in group],
                Scores(complete=len(text) <= LONGEST),
            )
            for text, group in zip(texts, read, strict=True)
        ]


def _all_readings(texts: Sequence[str]) -> list[tuple[str, ...]]:
    return [_readings(text) for text in texts]


def _readings(text: str) -> tuple[str, ...]:
    whole = all_readings(text) if len(text) <= LONGEST else (text,)
    return (*whole, *(stretch for each in whole for stretch in stretches(each)))
