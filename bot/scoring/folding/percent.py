"""Percent-encoding, as in addresses."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_BYTE = "%[0-9A-Fa-f]{2}"
_ENCODED = re.compile(rf"(?:{_BYTE}){{2,}}|(?<=\w){_BYTE}|{_BYTE}(?=\w)")


def percent_decoded(text: str) -> str:
    """The text with what is percent-encoded UTF-8 decoded; "the %75" stays."""
    return _ENCODED.sub(_decoded, text) if "%" in text else text


def _decoded(run: re.Match[str]) -> str:
    try:
        decoded = unquote_to_bytes(run[0]).decode()
    except UnicodeDecodeError:
        return run[0]
    return decoded if decoded.isprintable() else run[0]
