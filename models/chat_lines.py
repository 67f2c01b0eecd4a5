"""Lines of chat made up from `chat_lines.toml`: short, with the slang that labelled prose lacks.

The labelled sources are prose; in games and group chats two words of slang decide, in English,
romanised Hindi or a borrowed curse. Words and sentences were written down from general knowledge.
Hindi has no one spelling in Latin letters: half of the lines spell some of their words otherwise.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .data import LABELS, UNKNOWN, Row, normalised

SOURCE = Path(__file__).with_name("chat_lines.toml")
MADE_UP = "chat line"
"""The source that such rows name."""
WEIGHT = 0.7
"""What a made-up line counts beside one that somebody wrote and somebody labelled."""
RESPELLED = 0.5
"""How many lines have words spelled otherwise, and of these how many of the words."""
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class _Set:
    """Lines that bear the same labels. share: how many of all lines, in proportion to the rest."""

    labels: tuple[float, ...]
    share: float
    lines: Sequence[str]


def chat_lines(count: int, seed: int) -> list[Row]:
    """Make about `count` lines, no two the same; the same ones for the same seed."""
    rng = random.Random(f"chat lines {seed}")
    content = tomllib.loads(SOURCE.read_text("utf-8"))
    sets = [_set(each) for each in content["sets"]]
    shares = [each.share for each in sets]
    rows: dict[str, Row] = {}
    for chosen in rng.choices(sets, shares, k=count):
        text = _filled(rng.choice(chosen.lines), content["words"], rng)
        if rng.random() < RESPELLED:
            text = _respelled(text, content["spellings"], rng)
        key = normalised(text) or text
        rows.setdefault(key, Row(text, chosen.labels, MADE_UP, f"chat line {key}", WEIGHT))
    return list(rows.values())


def _set(content: Mapping[str, Any]) -> _Set:
    labels = tuple(float(content["labels"].get(label, UNKNOWN)) for label in LABELS)
    return _Set(labels, float(content["share"]), content["lines"])


def _filled(line: str, words: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    while slot := _SLOT.search(line):
        line = line[: slot.start()] + rng.choice(words[slot[1]]) + line[slot.end() :]
    return " ".join(line.split())


def _respelled(line: str, spellings: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    return " ".join(
        rng.choice(spellings[word]) if word in spellings and rng.random() < RESPELLED else word
        for word in line.split(" ")
    )
