"""What `mini` learns from: the openly licensed rows of `data/train` and Ubuntu IRC.

A label is 1.0, 0.0 or `UNKNOWN`; unknown is masked in the loss and never read as "no". Nothing here
opens `data/eval`.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
import re
import tarfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

# The heads that these sources can teach. severe_toxicity (9 positives) and sexual_explicit (178,
# from one source) cannot be trained honestly and are therefore absent.
LABELS: tuple[str, ...] = ("toxicity", "obscene", "identity_attack", "insult", "threat")
UNKNOWN = -1.0
DEV_SHARE = 0.05
IRC_ARCHIVE = "irc_ubuntu_raw_logs.tar.gz"
REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_DATA = REPOSITORY.parent / "shared" / "data"

_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_IRC_LINE = re.compile(r"^\[\d\d:\d\d\] <(?P<nick>[^>]+)> (?P<text>.+)$")
_IRC_BOTS = frozenset({"ubottu", "ubotu", "dpkg", "FloodBot1", "FloodBotK1", "FloodBot2"})


@dataclass(frozen=True, slots=True)
class Row:
    """One text with what its source says of it.

    labels: in the order of `LABELS`; 0.0..1.0 (between the two: a teacher's opinion) or `UNKNOWN`.
    group: rows of one group (one text, one paradetox pair, one IRC log) never straddle the split.
    weight: how much the row counts in the loss, 1.0 unless it is derived.
    """

    text: str
    labels: tuple[float, ...]
    source: str
    group: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from, and rows for choosing and calibrating that are never learnt from."""

    train: list[Row]
    dev: list[Row]


def log(message: str) -> None:
    """Print one line with the time."""
    print(f"{time.strftime('%H:%M:%S')} {message}", flush=True)


def normalised(text: str) -> str:
    """Lower-case letters and digits only, so that two spellings of one text meet."""
    return _NOT_ALNUM.sub(" ", text.lower()).strip()


def hash_share(key: str) -> float:
    """A number in [0, 1) that depends on `key` alone, the same on every machine and run."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


def read_source(path: Path) -> list[Row]:
    """Read one gzipped CSV of the data folder."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [_row(record, path.name.removesuffix(".csv.gz")) for record in csv.DictReader(file)]


def _row(record: dict[str, str], source: str) -> Row:
    labels = tuple(float(record[label]) if record[label] else UNKNOWN for label in LABELS)
    return Row(record["text"], labels, source, _group(record, source))


def _group(record: dict[str, str], source: str) -> str:
    if source == "paradetox":
        return f"pair {json.loads(record['meta'])['pair']}"
    return normalised(record["text"])


def read_irc(data: Path) -> list[Row]:
    """Read what people (not bots) said in the Ubuntu channels; labels all unknown for now."""
    unknown = (UNKNOWN,) * len(LABELS)
    rows = []
    with tarfile.open(data / "chats" / IRC_ARCHIVE) as archive:
        for member in archive:
            if not member.name.endswith(".raw.txt") or "channel-two" in member.name:
                continue  # channel-two repeats other logs
            file = archive.extractfile(member)
            lines = file.read().decode("utf-8", "replace").splitlines() if file else []
            rows += [Row(text, unknown, "irc", member.name) for text in _irc_texts(lines)]
    return rows


def _irc_texts(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        match = _IRC_LINE.match(line)
        if match and match["nick"] not in _IRC_BOTS and normalised(match["text"]):
            yield match["text"]


def read_all(data: Path) -> list[Row]:
    """Read every labelled training source, in a fixed order."""
    return [row for path in sorted((data / "train").glob("*.csv.gz")) for row in read_source(path)]


def split(rows: Iterable[Row]) -> Split:
    """Keep back about a twentieth of the groups. IRC is kept back by whole logs."""
    train: list[Row] = []
    dev: list[Row] = []
    for row in rows:
        (dev if hash_share(f"dev {row.group}") < DEV_SHARE else train).append(row)
    return Split(train, dev)


def with_implied(rows: Iterable[Row]) -> list[Row]:
    """The rows, and where a text is not toxic, the labels that its source is silent on as 0.

    An obscene, insulting, threatening or hateful text is toxic by definition.
    """
    return [
        replace(row, labels=tuple(0.0 if known == UNKNOWN else known for known in row.labels))
        if row.labels[0] == 0
        else row
        for row in rows
    ]


def subsample(rows: Iterable[Row], seed: int) -> list[Row]:
    """Drop surplus: most of davidson's positives (picked by lexicon, known bias), edos' negatives.

    A text that several Jigsaw subsets repeat with the same labels is kept once.
    """
    rng = random.Random(f"subsample {seed}")
    kept = []
    seen: set[tuple[str, tuple[float, ...]]] = set()
    for row in rows:
        key = (normalised(row.text), row.labels)
        if key in seen or rng.random() >= _share_to_keep(row):
            continue
        seen.add(key)
        kept.append(row)
    return kept


def _share_to_keep(row: Row) -> float:
    toxic = row.labels[0] == 1
    if row.source == "davidson" and toxic and row.labels[2] != 1:
        return 0.4
    if row.source == "edos" and not toxic:
        return 0.4
    return 1.0
