"""What a model has to do to be served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.domain.scores import Label

Span = tuple[int, int]
"""Where a token stands in its text: its first character, and the one after its last."""


class Engine(Protocol):
    """A loaded model. `score_batch` is called from one thread only, `spans` from any."""

    window: int
    """How many tokens of text the model reads at once, its special tokens not counted."""

    tokens_a_call: int
    """How many tokens are best scored together; a text that has more is scored alone."""

    pads: bool
    """Whether each text of a call costs as much as the longest one."""

    def spans(self, text: str) -> Sequence[Span]:
        """The tokens of a text, in order, special tokens left out. Never cut off."""
        ...

    def score_batch(self, texts: Sequence[str]) -> list[Mapping[Label, float]]:
        """Score texts of at most `window` tokens each; one mapping a text, in order.

        Raises whatever its library raises; what it returns need not be sound (NaN).
        """
        ...
