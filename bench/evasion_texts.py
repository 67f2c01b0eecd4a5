"""What the evasion benchmark runs on: toxic text to attack, clean text to leave alone.

`dev` are the rows of the training sources that `models.data.split` keeps out of training `mini`
(another model may have seen them: the published ones were trained on Jigsaw's). Folding was tuned
on these and on chats; the `eval` sources were run once it was done.
"""

from __future__ import annotations

import csv
import gzip
import random
import re
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path

from models.data import read_all, split

EVAL_SOURCES = ("conda", "gametox", "tweeteval_offensive", "unhealthy_nc", "wiki_fuzzed_eval")
LONGEST = 400
"""Characters of the longest text: what chat is."""
MOST = 10_000
"""Texts of one kind of clean text."""
SEED = 11

_IRC_LINE = re.compile(r"\[\d\d:\d\d\] <[^>]+> (.+)")
_DISCORD = "chats/discord_komodo_csv__komodo-project__talk-general.tar.gz"
_IRC = "chats/irc_ubuntu_raw_logs.tar.gz"
_LETTERS = 20


def dev(data: Path) -> tuple[list[str], list[str]]:
    """Toxic and civil text of the rows that `mini` was not trained on."""
    rows = split(read_all(data)).dev
    return tuple(_drawn(row.text for row in rows if row.labels[0] == label) for label in (1, 0))


def evaluation(data: Path) -> tuple[list[str], list[str]]:
    """Toxic and civil text of the sources kept for evaluation."""
    rows = [row for name in EVAL_SOURCES for row in _rows(data / "eval" / f"{name}.csv.gz")]
    return tuple(_drawn(row["text"] for row in rows if row["toxicity"] == label) for label in "10")


def ordinary(data: Path) -> Mapping[str, Sequence[str]]:
    """Text that folding must leave alone, by kind. The chats are unlabelled."""
    return {
        "chat, Discord": _drawn(_discord(data / _DISCORD)),
        "chat, IRC": _drawn(_irc(data / _IRC)),
        "code": _drawn(_code()),
        "numbers": list(_numbers(MOST)),
        "Hindi, eval": _drawn(_civil_in_other_scripts(data, "macd_hi")),
        "Russian, eval": _drawn(_civil_in_other_scripts(data, "gametox")),
    }


def _civil_in_other_scripts(data: Path, name: str) -> Iterator[str]:
    for row in _rows(data / "eval" / f"{name}.csv.gz"):
        if row["toxicity"] == "0" and _other_script(row["text"]):
            yield row["text"]


def _drawn(texts: Iterable[str]) -> list[str]:
    short = sorted({text for text in texts if text.strip() and len(text) <= LONGEST})
    return random.Random(SEED).sample(short, min(MOST, len(short)))


def _rows(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _other_script(text: str) -> bool:
    return sum(letter.isalpha() and letter > "\u024f" for letter in text) >= _LETTERS


def _discord(archive: Path) -> Iterator[str]:
    for lines in _files(archive):
        for row in csv.reader(lines, delimiter=";"):
            if len(row) > 3:
                yield row[3]


def _irc(archive: Path) -> Iterator[str]:
    for lines in _files(archive):
        yield from (said[1] for line in lines if (said := _IRC_LINE.match(line)))


def _files(archive: Path) -> Iterator[TextIOWrapper]:
    with tarfile.open(archive) as files:
        for member in files:
            file = files.extractfile(member)
            if file is not None:
                yield TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")


def _code() -> Iterator[str]:
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        yield from path.read_text("utf-8", errors="replace").splitlines()


def _numbers(count: int) -> Iterator[str]:
    rng = random.Random(SEED)

    def n(low: int, high: int) -> int:
        return rng.randint(low, high)

    kinds = (
        lambda: f"call +{n(1, 99)} {n(100, 999)} {n(1000, 9999)}",
        lambda: f"update to v{n(0, 9)}.{n(0, 40)}.{n(0, 9)} at {n(0, 23)}:{n(0, 59):02}",
        lambda: f"{rng.getrandbits(160):040x}",
        lambda: f"commit {rng.getrandbits(28):07x} fixed it",
        lambda: f"{n(0, 255)}.{n(0, 255)}.{n(0, 255)}.{n(0, 255)}:{n(1, 65535)}",
        lambda: f"${n(1, 999)}k, {n(1, 99)}% off, {n(1, 31)}th",
        lambda: f"the rtx{n(1000, 5090)} with {n(1, 64)}gb and an i{n(3, 9)}",
        lambda: f"room {rng.choice('ABCDEF')}{n(1, 999)}, seat {n(1, 60)}{rng.choice('abcdef')}",
        lambda: f"key {rng.getrandbits(64):016X} 0x{rng.getrandbits(32):08x}",
        lambda: f"{n(1, 9)}v{n(1, 9)} at {n(1, 12)}pm, mp{n(3, 4)} later",
    )
    for _ in range(count):
        yield rng.choice(kinds)()
