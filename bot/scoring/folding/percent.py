"""Percent-encoding, as in addresses."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_BYTE = "%[0-9A-Fa-f]{2}"
_ENCODED = re.compile(rf"(?:{_BYTE}){{2,}}|(?<=\w){_BYTE}|{_BYTE}(?=\w)")
_WORD = re.compile(rf"(?:{_BYTE}){{3,}}")
_RUN = re.compile(rf"(?:{_BYTE})+")


def percent_decoded(text: str) -> str:
    """The text with what is percent-encoded UTF-8 decoded; "the %75" stays, but beside whole words
    that are encoded it is one of them."""
    if "%" not in text:
        return text
    return (_RUN if _WORD.search(text) else _ENCODED).sub(_decoded, text)


def _decoded(run: re.Match[str]) -> str:
    try:
        decoded = unquote_to_bytes(run[0]).decode()
    except UnicodeDecodeError:
        return run[0]
    readable = all(letter.isprintable() or letter.isspace() for letter in decoded)
    return decoded if readable else run[0]
