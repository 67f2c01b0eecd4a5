"""Stretched words: "stuuuupid", "asssshole"."""

from __future__ import annotations

import re

_RUN = re.compile(r"([A-Za-z])\1{2,}", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_DOUBLED = frozenset("bcdefglmnoprstz")
_DOUBLED_AT_END = frozenset("eflosz")


def shortened(text: str) -> str:
    """The text with three or more of a letter as two, or as one where English has no two."""
    return _shortened(text, single=False)


def shortened_to_one(text: str) -> str:
    """The text with three or more of a letter as one."""
    return _shortened(text, single=True)


def _shortened(text: str, *, single: bool) -> str:
    if _RUN.search(text) is None:
        return text

    def run(match: re.Match[str]) -> str:
        letter = match[1]
        allowed = _DOUBLED_AT_END if match.end() == len(match.string) else _DOUBLED
        return letter if single or letter.lower() not in allowed else 2 * letter

    def word(match: re.Match[str]) -> str:
        whole = match[0]
        # "www", "zzz" and numbers with letters are no stretched words.
        return _RUN.sub(run, whole) if whole.isalpha() and len(set(whole.lower())) > 1 else whole

    return _WORD.sub(word, text)
