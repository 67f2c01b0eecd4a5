r"""Escapes in JSON that stand for half a character, such as `\ud83d` without its other half.

Some exporters cut a message within an emoji. The JSON parser refuses a whole document for one.
"""

from __future__ import annotations

import re

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_FIRST_HALF = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}")
# Every escape is matched, so that the backslash of one is never taken for the next one's.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<alone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_LENGTH = 6


class SurrogateMender:
    """Turns half characters into U+FFFD in JSON that comes in chunks."""

    def __init__(self) -> None:
        self.mended = 0
        self._held = b""

    def mend(self, chunk: bytes) -> bytes:
        """The next bytes to parse; an escape that goes on in the next chunk is held back."""
        chunk = self._held + chunk
        cut = _cut(chunk)
        self._held = chunk[cut:]
        return self._mended(chunk[:cut])

    def rest(self) -> bytes:
        """What is held back at the end."""
        return self._mended(self._held)

    def _mended(self, chunk: bytes) -> bytes:
        return _ESCAPE.sub(self._replaced, chunk) if _HALF.search(chunk) else chunk

    def _replaced(self, found: re.Match[bytes]) -> bytes:
        if found["alone"] is None:
            return found[0]
        self.mended += 1
        return rb"\ufffd"


def _cut(chunk: bytes) -> int:
    cut = len(chunk)
    last = chunk.rfind(b"\\", max(0, cut - _LENGTH + 1))
    if _starts_escape(chunk, last):
        length = _LENGTH if chunk[last + 1 : last + 2] in (b"", b"u") else 2
        if last + length > cut:
            cut = last
    before = cut - _LENGTH
    if before >= 0 and _FIRST_HALF.match(chunk, before, cut) and _starts_escape(chunk, before):
        return before
    return cut


def _starts_escape(chunk: bytes, at: int) -> bool:
    """Whether the backslash there is not itself the second of an escaped backslash."""
    start = at
    while start >= 0 and chunk[start : start + 1] == b"\\":
        start -= 1
    return (at - start) % 2 == 1
