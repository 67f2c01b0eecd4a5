"""What benchmarks are run on: real chat where it is at hand, made-up chat where it is not."""

from __future__ import annotations

import csv
import gzip
import random
import sys
from pathlib import Path

REAL = Path("../shared/data/eval/conda.csv.gz")
_WORDS = [
    *("gg", "ez", "mid", "push", "top", "pls", "who", "took", "my", "lane", "nice", "one", "team"),
    *("wait", "for", "me", "what", "was", "that", "lol", "you", "are", "so", "bad", "thanks", "ok"),
]


def texts(count: int, source: Path = REAL) -> tuple[list[str], str]:
    """That many texts, in the source's order, and what they are."""
    csv.field_size_limit(sys.maxsize)
    if source.is_file():
        with gzip.open(source, "rt", encoding="utf-8", newline="") as rows:
            real = [row["text"] for row, _ in zip(csv.DictReader(rows), range(count), strict=False)]
        if len(real) == count:
            return real, f"{count:,} texts of {source.name}"
    chance = random.Random(7)
    made = [" ".join(chance.choices(_WORDS, k=chance.randint(1, 14))) for _ in range(count)]
    return made, f"{count:,} made-up texts"
