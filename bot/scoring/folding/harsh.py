"""Harsh words of English, as `models/harsh_words.py` finds them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources


def _read() -> Mapping[str, frozenset[str]]:
    lines = resources.files(__package__).joinpath("harsh_words.txt").read_text("ascii").splitlines()
    words = (line.split() for line in lines if line and not line.startswith("#"))
    return {word: frozenset(others) for word, *others in words}


HARSH = _read()
"""Harsh words, the commonest first, each with the misspellings that are not meant as it."""
