"""Long text in windows: what a model cannot read whole, it reads in stretches.

Detoxify reads the first window of a text and drops the rest, so that padding would hide an
insult from it. A text that fits its window is read as Detoxify reads it. A longer one is read so
too, and all of it again in short overlapping stretches; it has the highest score a label of any.
The stretches are short because padding hides an insult within a window as well: the more small talk
stands around it, the lower a model rates both (docs/decisions/0003).

A text has at most MAX_STRETCHES of them, enough for the longest post of Telegram or Discord in
any script. Beyond that the first, the last and evenly spaced ones between are read: even, so that
no long part goes unread and the same text gets the same scores twice; and the text is marked as
not read whole, which asks for a human.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.scoring.engines import Span

STRETCH = 64
OVERLAP = 16
"""Both in tokens. An insult up to the overlap's length is whole in one of two neighbours."""

MAX_STRETCHES = 128
# Tokens are rarely longer than this on average; a longer text is cut before it is tokenized,
# because tokenizing a megabyte takes seconds.
CHARACTERS_A_TOKEN = 6

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text. tokens: how many it has, special tokens left out."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text in windows, at least one. complete: they leave nothing of it out."""

    windows: tuple[Window, ...]
    complete: bool


def read(text: str, spans: Callable[[str], Sequence[Span]], window: int) -> Reading:
    """Cut a text for a model that reads `window` tokens at once."""
    stretch = min(STRETCH, window)
    size = stretch * CHARACTERS_A_TOKEN
    if len(text) > MAX_STRETCHES * size:
        return _sampled(text, spans, window, stretch)
    tokens = spans(text)
    if len(tokens) <= window:
        return Reading((Window(text, len(tokens)),), complete=True)
    stretches = _stretches(text, tokens, stretch)
    kept = _spread(stretches, MAX_STRETCHES)
    windows = (_part(text, tokens[:window]), *kept)
    return Reading(windows, complete=len(kept) == len(stretches))


def _sampled(
    text: str, spans: Callable[[str], Sequence[Span]], window: int, stretch: int
) -> Reading:
    head = text[: window * CHARACTERS_A_TOKEN]
    size = stretch * CHARACTERS_A_TOKEN
    starts = _spread(range(0, len(text) - size + 1), MAX_STRETCHES)
    pieces = (text[start : start + size] for start in starts)
    found = [each for piece in pieces for each in _ends(_stretches(piece, spans(piece), stretch))]
    first = _part(head, spans(head)[:window])
    return Reading((first, *_spread(found, MAX_STRETCHES)), complete=False)


def _stretches(text: str, tokens: Sequence[Span], stretch: int) -> list[Window]:
    last = len(tokens) - stretch
    if last <= 0:
        return [_part(text, tokens)]
    firsts = [*range(0, last, stretch - min(OVERLAP, stretch // 4)), last]
    return [_part(text, tokens[first : first + stretch]) for first in firsts]


def _part(text: str, tokens: Sequence[Span]) -> Window:
    return Window(text[tokens[0][0] : tokens[-1][1]] if tokens else "", len(tokens))


def _ends(windows: Sequence[Window]) -> Sequence[Window]:
    # The tail beside the head, because the last stretch of all is the tail of the last piece.
    return windows if len(windows) < 2 else (windows[0], windows[-1])


def _spread(items: Sequence[T], limit: int) -> Sequence[T]:
    """At most `limit` items, evenly spaced, the first and the last among them."""
    if len(items) <= limit:
        return items
    return [items[round(place * (len(items) - 1) / (limit - 1))] for place in range(limit)]
