"""An engine whose faults a test decides."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from bot.domain.scores import Label
from bot.scoring.engines import Span

FATAL = "fatal"
NOT_A_NUMBER = "not a number"
HANGS = "hangs"


class FaultyEngine:
    """Fits `bot.scoring.engines.Engine`. A token is a character; insult is 0.9 where "!" stands.

    A text with FATAL in it raises, with NOT_A_NUMBER scores NaN, with HANGS waits for `free`.
    calls: the texts of every call. broken: every call raises. gate: calls wait for it.
    """

    window = 40
    tokens_a_call = 512
    pads = True

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.broken = False
        self.free = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.waits = threading.Event()

    def spans(self, text: str) -> Sequence[Span]:
        return [(place, place + 1) for place in range(len(text))]

    def score_batch(self, texts: Sequence[str]) -> list[Mapping[Label, float]]:
        self.calls.append(list(texts))
        self.waits.set()
        self.gate.wait(30)
        if any(HANGS in text for text in texts):
            self.free.wait(30)
        if self.broken or any(FATAL in text for text in texts):
            raise RuntimeError("so asked")
        return [{Label.INSULT: self._rated(text)} for text in texts]

    def _rated(self, text: str) -> float:
        return float("nan") if NOT_A_NUMBER in text else 0.9 if "!" in text else 0.1
