"""What a model is measured on, by suite and language: labelled text that nobody here trained on."""

from __future__ import annotations

import csv
import gzip
import json
import sys
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.scores import Label
from bot.scoring.folding.devanagari import in_latin
from models.data import hash_share, normalised, read_all

SUITES = (
    "conda",
    "gametox",
    "tweeteval_offensive",
    "tweeteval_hate",
    "unhealthy_nc",
    "stormfront_sa",
    "wiki_fuzzed_eval",
    "macd_hi",
)
HINDI = "macd_hi"
IN_LATIN = "macd_hi_in_latin"
"""Labelled Hindi in the Latin letters in which a model may know it."""
FUZZED = "wiki_fuzzed_eval"
MADE_UP = {
    "hindi_latin_made_up": ("hindi_lines.toml", "hi-Latn", (Label.TOXICITY,)),
    "hinglish_made_up": ("hinglish_lines.toml", "hi-Latn", (Label.TOXICITY,)),
    "threats_made_up": ("threat_lines.toml", "en", (Label.TOXICITY, Label.THREAT)),
}
"""Lines that one of us wrote: file, language, labels. How they are meant is their author's word."""


@dataclass(frozen=True, slots=True)
class Rated:
    """A text that people rated.

    labels: what they said; a label of which the source says nothing is absent.
    variant: of a text that stands in the suite twice, which of the two it is; "" elsewhere.
    """

    text: str
    language: str
    labels: dict[Label, bool]
    variant: str = ""


def suite(data: Path, name: str, seen: Collection[str], most: int) -> list[Rated]:
    """A suite without texts that stand in the training sources, at most `most`.

    The ones taken are the first in the order of a hash, so always the same.
    """
    rows = _rows(data / "eval" / f"{name}.csv.gz")
    kept = [row for row in rows if normalised(row.text) not in seen]
    return sorted(kept, key=lambda row: hash_share(row.text))[:most]


def made_up(name: str) -> list[Rated]:
    """The lines of a suite in `MADE_UP`."""
    file, language, labels = MADE_UP[name]
    lines = tomllib.loads(Path(__file__).with_name(file).read_text("utf-8"))
    return [
        Rated(text, language, dict.fromkeys(labels, kind == "toxic"))
        for kind in ("toxic", "civil")
        for text in lines[kind]
    ]


def in_latin_letters(rows: Sequence[Rated]) -> list[Rated]:
    """Hindi in Devanagari as it would be written in Latin letters."""
    return [replace(row, text=in_latin(row.text), language="hi-Latn") for row in rows]


def by_meaning(rows: Sequence[Rated]) -> Iterator[tuple[str, list[str]]]:
    """The texts that were called toxic, then those that were not."""
    for meant, toxic in (("harmful", True), ("civil", False)):
        yield meant, [row.text for row in rows if row.labels[Label.TOXICITY] is toxic]


def training_texts(data: Path) -> frozenset[str]:
    """What the training sources say, letters and digits only."""
    return frozenset(normalised(row.text) for row in read_all(data))


def _rows(path: Path) -> Iterator[Rated]:
    csv.field_size_limit(sys.maxsize)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            labels = {label: row[label] == "1" for label in Label if row.get(label)}
            variant = json.loads(row["meta"]).get("variant", "") if FUZZED in path.name else ""
            yield Rated(row["text"], row["lang"], labels, variant)
