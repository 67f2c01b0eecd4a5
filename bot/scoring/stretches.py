"""Short stretches of a long text.

A model weighs a text as a whole: among pages of civil prose an insult of ten words no longer
counts, though it stands in the model's window. Each stretch is therefore scored by itself, too.
(`windows` reads what no window holds, and changes no score of a text that fits one. This is part
of the handling of evasion: it does, and can be turned off.)
"""

from __future__ import annotations

from itertools import chain

FROM = 1_000
"""Characters from which a text is read in stretches.

The shorter the texts this is done to, the more of them are raised that are merely heated: of civil
Wikipedia comments of this length and more, a quarter reach the review threshold in some stretch.
Chat messages rarely get that long.
"""
STRETCH = 130
"""Characters of a stretch: a sentence or two. In longer ones padding weakens what it surrounds."""
MOST = 256
"""Stretches of one text, and lines; stretches of a text that would need more are longer."""


def stretches(text: str) -> tuple[str, ...]:
    """The text in stretches that overlap by half, cut between words, and its short lines.

    A line is what its author set apart: an insult of two words is outweighed in a stretch, too.
    None of a text shorter than FROM.
    """
    if len(text) < FROM:
        return ()
    step = max(STRETCH // 2, -(-len(text) // MOST))
    last = len(text) - 2 * step
    starts = chain(range(0, last, step), [last])
    lines = [line for line in text.splitlines() if line.strip() and len(line) <= STRETCH]
    cut = (_between_words(text, start, start + 2 * step) for start in starts)
    return tuple(dict.fromkeys([*cut, *(lines if len(lines) <= MOST else ())]))


def _between_words(text: str, start: int, end: int) -> str:
    stretch = text[start:end]
    if start > 0 and not text[start - 1].isspace():
        stretch = stretch.split(maxsplit=1)[-1] if stretch.strip() else stretch
    if end < len(text) and not text[end].isspace():
        stretch = stretch.rsplit(maxsplit=1)[0] if stretch.strip() else stretch
    return stretch
