"""Words written together: "youareallidiots".

Nicknames, products and what programs are made of are written so too: "blockchain", "BaseException".
What could be one of those stays, unless a harsh word is in it or other words of the text are surely
written together.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.scoring.folding.harsh import HARSH
from bot.scoring.folding.parting import Parts, ended, is_word, likeliest

_SHORTEST = 8
"""Letters that surely hold several words; a model reads fewer as they stand."""

_SHORTEST_BESIDE = 5
"""Letters that may hold several words where others do."""

_LONGEST = 4_096
"""Letters of the longest run that is parted: a whole post of Telegram or Discord."""

_FEWEST = 3
"""Words of a run that is hardly a name."""

_MOST_UNKNOWN = 0.3
"""The share of a run's letters that may be a name or a misspelling, among several words."""

_LIKELY = 1.1
"""The highest cost of a run that is plainly English."""

_LIKELY_BESIDE = 1.3

_CHUNK = re.compile(r"\S+")
_RUN, _RUN_BESIDE = (
    re.compile(rf"(?<![A-Za-z0-9@/\\_=])[A-Za-z]{{{shortest},{_LONGEST}}}(?![A-Za-z@/\\_=({{\[])")
    for shortest in (_SHORTEST, _SHORTEST_BESIDE)
)
_ADDRESS = re.compile(r"://|www\.|\w[@.][a-z]\w*\.|\.[a-z]{2,5}(?:$|[/:?])")
_NAME = re.compile("[A-Z][a-z]{,11}")
_HARSH_IN_NAMES = 5
"""Letters of a harsh word that no family is called by: "Hancock", "Dickson"."""

_MIXED = re.compile("[a-z][A-Z]")


@lru_cache(maxsize=8)  # a text is asked for again for each of its readings
def taken_apart(text: str) -> str:
    """The text with its words apart where several are surely written as one."""
    if all(map(is_word, _RUN.findall(text))):
        return text
    chunks = [ended(chunk) for chunk in _CHUNK.findall(text) if not _ADDRESS.search(chunk)]
    if not any(_surely(run) for chunk in chunks for run in _RUN.findall(chunk)):
        return text
    return _CHUNK.sub(lambda chunk: _in_chunk(chunk[0]), text)


def _in_chunk(chunk: str) -> str:
    if _ADDRESS.search(chunk):
        return chunk
    return _RUN_BESIDE.sub(lambda run: _apart(run[0]), ended(chunk))


def _apart(run: str) -> str:
    parts = _parts(run)
    return " ".join(parts.words) if parts and parts.cost <= _LIKELY_BESIDE else run


def _surely(run: str) -> bool:
    parts = _parts(run)
    if parts is None or parts.cost > _LIKELY:
        return False
    if any(_is_harsh(word) for word in parts.words):
        return True
    # "PendingDeprecationWarning" has three words, and none that begins small.
    words = (
        [each for each in parts.words if each[0].islower()] if _MIXED.search(run) else parts.words
    )
    return len(words) >= _FEWEST


def _parts(run: str) -> Parts | None:
    if is_word(run):
        return None
    parts = likeliest(run)
    fewest = 2 if parts.unknown == 0 else _FEWEST + 1
    if _NAME.fullmatch(run) and not any(_is_harsh(word, _HARSH_IN_NAMES) for word in parts.words):
        fewest = max(fewest, _FEWEST)
    return parts if len(parts.words) >= fewest and parts.unknown <= _MOST_UNKNOWN else None


def _is_harsh(word: str, shortest: int = 4) -> bool:
    return len(word) >= shortest and word.lower() in HARSH
