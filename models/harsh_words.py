"""Which words are harsh by themselves, for `bot/scoring/folding/misspelling.py`.

    python -m models.harsh_words

A word is harsh when toxic training rows have it far more than civil ones, and it stands in the
lexicon of profanity or `mini` takes the word alone for an insult or an obscenity. A
misspelling is left alone when it is a word of the dictionary, or when civil text has it about as
often as toxic text. Rows kept back and `data/eval` are not looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gzip
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.scoring.folding.misspelling import variants
from bot.scoring.folding.parting import is_word
from bot.scoring.opening import open_scorer
from models.data import DEFAULT_DATA, REPOSITORY, Row, read_all, read_irc, split

OUT = REPOSITORY / "bot" / "scoring" / "folding" / "harsh_words.txt"

LEXICON = "lexicons/profanity_en_surge_MIT.csv.gz"

LABELS = ("insult", "obscene")
ALONE = 0.8
"""The least score of the word alone."""

FEWEST = 20
"""Toxic rows that have the word, unless the lexicon has it."""

TIMES = 5.0
"""How much larger a share of toxic rows has it than of civil ones."""

_WORD = re.compile("[a-z]{4,}")
_HEAD = """\
# Harsh words, the commonest first, each with those misspellings that are not meant as it.
# Made by `python -m models.harsh_words`.
"""


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    rows = split(read_all(options.data)).train
    toxic, civil = (_counted(row for row in rows if row.labels[0] == label) for label in (1, 0))
    suspects = _suspects(toxic, civil)
    common = [word for word in suspects if toxic[word] >= FEWEST]
    found = _profane(options.data) & {*suspects} | asyncio.run(_harsh(common))
    harsh = sorted(found, key=lambda word: (-toxic[word], word))
    civil += _counted(split(read_irc(options.data)).train)
    lines = [" ".join((word, *_left_alone(word, toxic, civil))) for word in harsh]
    options.out.write_text(_HEAD + "\n".join(lines) + "\n", "ascii")


def _counted(rows: Iterable[Row]) -> Counter[str]:
    """How many rows have each word; under "" how many there are."""
    counted: Counter[str] = Counter()
    for row in rows:
        counted.update({"", *_WORD.findall(row.text.lower())})
    return counted


def _suspects(toxic: Counter[str], civil: Counter[str]) -> list[str]:
    return [
        word
        for word, count in toxic.items()
        if (count + 1) * civil[""] >= TIMES * (civil[word] + 1) * toxic[""]
    ]


def _profane(data: Path) -> set[str]:
    """The lexicon's words, without what it calls mild."""
    with gzip.open(data / LEXICON, "rt", encoding="utf-8", newline="") as file:
        entries = [*csv.DictReader(file)]
    return {each["text"].lower() for each in entries if each["severity_description"] != "Mild"}


async def _harsh(words: Sequence[str]) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        scorer = await open_scorer("mini", "fast", Path(folder))
        try:
            scores = await scorer.score(words)
        finally:
            await scorer.close()
    alone = {
        word: max(each.by_label.get(label, 0.0) for label in LABELS)
        for word, each in zip(words, scores, strict=True)
    }
    return {word for word in words if alone[word] >= ALONE}


def _left_alone(word: str, toxic: Counter[str], civil: Counter[str]) -> list[str]:
    others = set(variants(word)) - {word}
    return sorted(each for each in others if is_word(each) or civil[each] > max(2, toxic[each] / 2))


if __name__ == "__main__":
    main()
