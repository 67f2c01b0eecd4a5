"""The scores of texts that were scored lately: in chats a third of all messages repeat."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from bot.domain.scores import Scores

MOST = 4096
"""Texts that are remembered, which takes about three megabytes."""


class RecentScores:
    """Scores of one model by text, the least recently asked for forgotten first.

    Texts are kept as digests: what is allowed is stored nowhere, not even here.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._scores: OrderedDict[bytes, Scores] = OrderedDict()

    def get(self, text: str) -> Scores | None:
        """A text's scores, if they are remembered."""
        key = _digest(text)
        found = self._scores.get(key)
        if found is not None:
            self._scores.move_to_end(key)
        return found

    def put(self, text: str, scores: Scores) -> None:
        """Remember a text's scores."""
        self._scores[_digest(text)] = scores
        if len(self._scores) > self._most:
            self._scores.popitem(last=False)


def _digest(text: str) -> bytes:
    # Half of a surrogate pair is a text as well, and has no other bytes.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
