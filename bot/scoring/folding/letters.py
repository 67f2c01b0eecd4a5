"""Other forms of Latin letters: full-width, mathematical, circled, accented, turned, emoji."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)
_MARKED = re.compile(f"(?<=[A-Za-z0-9])[{_MARKS}]+")
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff](?: {0,3}[\U0001f1e6-\U0001f1ff])*")
_LUNATE = "ϲϹ"
"""Forms of sigma that are taken for c: what they are meant for, `lookalikes` tells by the word."""
_LONGEST = 3
"""Characters that one may become: some stand for whole phrases."""
_SIGNS = {"\uff04": "$", "\uff20": "@"}
_WIDE_LETTER = re.compile("[\uff21-\uff3a\uff41-\uff5a]")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def plain_letters(text: str) -> str:
    """The text with every form of a Latin letter or digit as that letter or digit.

    Letters of other scripts lose their compatibility forms and nothing else; flags stay flags.
    """
    if text.isascii():
        return text
    if _WIDE_LETTER.search(text):  # its signs are wide for the same reason, not as in Chinese
        text = text.translate(_WIDE)
    spelled = _FLAG_LETTERS.sub(_spelled, text)
    return _MARKED.sub("", spelled.translate(_PLAIN))


class _Plain:
    """A table for `str.translate` that works its entries out as they are met."""

    @lru_cache(maxsize=8192)  # noqa: B019 - there is one table, for as long as the process lives
    def __getitem__(self, code: int) -> str:
        character = chr(code)
        if code < 0x80 or character in _LUNATE:
            return character
        category = unicodedata.category(character)
        if category == "Zs":
            return " "
        if category[0] == "L" or category in ("Nd", "Nl", "So"):
            return _plain(character, category)
        return _SIGNS.get(character, character)


_PLAIN = _Plain()


def _plain(character: str, category: str) -> str:
    parts = unicodedata.normalize("NFKD", character)
    base = "".join(part for part in parts if not unicodedata.combining(part)).strip("()")
    symbol = category in ("Nl", "So")
    if base.isascii() and base.isalnum() and not (symbol and len(base) > 1):
        return base
    # So are "ø" and "ꜰ", which Unicode does not take apart, and letters in black squares.
    if "LATIN" in unicodedata.name(character, ""):
        spelled = anyascii(character)
        if spelled.isalpha():
            return spelled
    composed = unicodedata.normalize("NFKC", character)
    if symbol or composed == unicodedata.normalize("NFC", character) or len(composed) > _LONGEST:
        return character
    return composed


def _spelled(run: re.Match[str]) -> str:
    if all(len(piece) == 2 for piece in run[0].split()):
        return run[0]  # flags: two such letters each
    return anyascii(run[0])
