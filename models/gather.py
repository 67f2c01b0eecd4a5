"""Gather what `mini` and its teacher learn from, and what is kept back, in one file.

    python -m models.gather --out rows.jsonl.gz

Labelled rows of `data/train`, Ubuntu IRC, made-up lines of chat, and what is derived from them;
texts that nobody labelled bear no label. `data/eval` is never read.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer

from . import checkpoint
from .chat_lines import chat_lines
from .data import (
    DEFAULT_DATA,
    LABELS,
    UNKNOWN,
    Row,
    Split,
    log,
    normalised,
    read_all,
    read_irc,
    split,
    subsample,
    with_implied,
)
from .emoji import clean_emoji_rows
from .ngrams import (
    civil_sentences,
    clauses,
    clean_chat,
    fill_silent,
    pieces,
    train_ngrams,
    without_one_sided,
)

CLEAN_CHAT = 60_000
CHAT_LINES = 280_000
"""Made-up lines that are drawn; of those that came out alike one is kept."""
EMOJI_ROWS = 6_000
PIECES_A_ROW = 2
REPEATS = {"surge_toxicity": 3, "convabuse": 2, "hatemoji_build": 2}
"""Small sources whose every row is drawn more than once an epoch."""


def gather(data: Path, seed: int, emoji: Sequence[str]) -> Split:
    """Read, split and enrich. Kept back: rows as their sources wrote them, clean IRC, clauses.

    emoji: what the vocabulary knows of them; clean chat is shown with some.
    """
    rows, irc = split(read_all(data)), split(read_irc(data))
    train = with_implied(subsample(rows.train, seed))
    dev = with_implied(subsample(rows.dev, seed))
    log(f"{len(train)} rows to learn, {len(dev)} kept back; counting n-grams")
    ngrams = train_ngrams(without_one_sided(train), seed)
    chat = clean_chat(irc.train, ngrams, CLEAN_CHAT, seed)
    extra = [
        *civil_sentences(train, ngrams, seed),
        *clauses(train, ngrams, 8_000, seed),
        *chat_lines(CHAT_LINES, seed),
        *chat,
        *clean_emoji_rows(chat, emoji, EMOJI_ROWS, seed),
        *unlabelled(irc.train, chat),
        *pieces(train, PIECES_A_ROW, seed),
    ]
    filled = fill_silent(train, ngrams)
    repeated = [row for row in filled for _ in range(REPEATS.get(row.source, 1) - 1)]
    dev_cut = [*civil_sentences(dev, ngrams, seed), *clauses(dev, ngrams, 700, seed)]
    dev_chat = clean_chat(irc.dev, ngrams, 1_000, seed)
    return Split([*filled, *repeated, *extra], [*dev, *dev_cut, *dev_chat])


def unlabelled(irc: Iterable[Row], chosen: Iterable[Row]) -> list[Row]:
    """The IRC lines, none twice, that were not chosen."""
    others = {normalised(row.text): row for row in irc}
    for row in chosen:
        others.pop(normalised(row.text), None)
    return list(others.values())


def known_emoji(tokenizer: Path) -> list[str]:
    """Give the emoji of a tokenizer's vocabulary, in its order."""
    vocabulary = Tokenizer.from_file(str(tokenizer / "tokenizer.json")).get_vocab()
    found = sorted((i, t) for t, i in vocabulary.items() if len(t) == 1 and ord(t) > 0x1F000)
    return [emoji for _, emoji in found]


def write(rows: Split, path: Path) -> None:
    """Write rows, one JSON array a line: kept back, text, labels, source, weight."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=9) as file:
        for kept_back, each in ((False, rows.train), (True, rows.dev)):
            for row in each:
                labels = [None if known == UNKNOWN else round(known, 3) for known in row.labels]
                line = [kept_back, row.text, labels, row.source, row.weight]
                file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def read(path: Path) -> Split:
    """Read what `write` wrote. Groups are gone: what is kept back was decided by them."""
    rows = Split([], [])
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            kept_back, text, known, source, weight = json.loads(line)
            labels = tuple(UNKNOWN if each is None else float(each) for each in known)
            (rows.dev if kept_back else rows.train).append(Row(text, labels, source, "", weight))
    return rows


def main() -> None:
    """Write the rows, and the tokenizer of `mini` with the emoji that they use."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="holds train/ and chats/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, default=checkpoint.TOKENIZER)
    parser.add_argument("--seed", type=int, default=31)
    arguments = parser.parse_args()
    checkpoint.save_tokenizer(arguments.tokenizer, split(read_all(arguments.data)).train)
    rows = gather(arguments.data, arguments.seed, known_emoji(arguments.tokenizer))
    for source, count in sorted(Counter(row.source for row in rows.train).items()):
        log(f"  {source}: {count}")
    write(rows, arguments.out)
    log(f"{len(rows.train)} rows, {len(rows.dev)} kept back, {len(LABELS)} labels")


if __name__ == "__main__":
    main()
