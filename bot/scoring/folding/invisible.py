"""What nobody sees: zero-width characters, direction marks and other controls."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]+")
# From a right-to-left override to its end, letters are shown from right to left.
_OVERRIDDEN = re.compile("\u202e([^\u202c\u202e\u2066-\u2069\n]*)\u202c?")


def without_unseen(text: str) -> str:
    """The text without what is not seen.

    Joiners and marks between letters that are not Latin stay: they are spelling there, and they
    hold emoji together. What sets a direction goes: it is layout.
    """
    return _UNSEEN.sub(_kept, _DIRECTION.sub("", text))


def as_shown(text: str) -> str:
    """As `without_unseen`, and what an override shows from right to left is turned round."""
    return without_unseen(_OVERRIDDEN.sub(lambda shown: shown[1][::-1], text))


def _kept(unseen: re.Match[str]) -> str:
    text, start, end = unseen.string, unseen.start(), unseen.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    return "" if _latin(before) or _latin(after) else unseen[0]


def _latin(character: str) -> bool:
    return character.isalnum() and character < "\u0250"
