"""Texts as a model learns them: spelled in several ways, encoded, end to end in one array.

    python -m models.lessons rows.jsonl.gz --spellings 6 --out lessons.npz
    python -m models.lessons rows.jsonl.gz --emoji-in-words --tokenizer all-mpnet-base-v2 \\
        --out plain.npz

All of it is made before training, so that a GPU never waits for spelling.
"""

from __future__ import annotations

import argparse
import random
import unicodedata
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from . import checkpoint
from .data import Row, log
from .emoji import is_emoji
from .gather import read
from .inference import Encoded, TextEncoder
from .noise import Noise, word_weights

CHUNK = 16_384
"""Rows that one process spells at a time, and among which messages are joined."""
JOINED = 0.05
"""How often a text comes with others before and behind it, as one message."""
MOST_PARTS = 6
LIMIT = 96
"""Tokens a text is cut to; a share of `LONG`, and what is joined, to `LONG_LIMIT` instead."""
LONG_LIMIT = 256
LONG = 0.1
NONE = -1


@dataclass(frozen=True, slots=True)
class Lessons:
    """Encoded texts.

    tokens: of all texts, end to end. starts: where each text begins, and where the last one ends.
    rows: texts x `MOST_PARTS`, the rows whose texts it holds; `NONE` fills up.
    """

    tokens: NDArray[np.uint16]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, encoded: Sequence[Encoded], parts: Sequence[Sequence[int]]) -> Self:
        """Lay texts end to end. parts: of each text, its rows."""
        rows = np.full((len(encoded), MOST_PARTS), NONE, dtype=np.int32)
        for place, own in enumerate(parts):
            rows[place, : len(own)] = own
        starts = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        tokens = np.fromiter((t for ids in encoded for t in ids), np.uint16, int(starts[-1]))
        return cls(tokens, starts, rows)

    @classmethod
    def joined(cls, some: Sequence[Self]) -> Self:
        """Put lessons behind one another."""
        ends = np.cumsum([0, *(each.starts[-1] for each in some)])
        starts = [each.starts[:-1] + end for each, end in zip(some, ends, strict=False)]
        return cls(
            np.concatenate([each.tokens for each in some]),
            np.concatenate([*starts, ends[-1:]]).astype(np.int64),
            np.concatenate([each.rows for each in some]),
        )

    def save(self, path: Path) -> None:
        """Write an .npz file."""
        np.savez_compressed(path, tokens=self.tokens, starts=self.starts, rows=self.rows)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        with np.load(path) as content:
            return cls(content["tokens"], content["starts"], content["rows"])


def as_they_stand(rows: Sequence[Row], folder: Path, limit: int) -> Lessons:
    """Encode every row once, as its text stands but for emoji, which become words.

    folder: of a tokenizer that knows no emoji.
    """
    encoded = TextEncoder(folder, limit)([in_words(row.text) for row in rows])
    return Lessons.of(encoded, [[place] for place in range(len(rows))])


def in_words(text: str) -> str:
    """Write emoji as the words of their Unicode names."""
    return "".join(
        f" {unicodedata.name(c, '').lower()} " if is_emoji(c) else c for c in text
    ).strip()


def spelled(rows: Sequence[Row], folder: Path, spellings: int, seed: int) -> Lessons:
    """Encode every row as often as told, misspelt anew and sometimes joined to others."""
    telling = word_weights(rows)
    chunks = list(_chunks(len(rows), spellings, seed))
    spell = partial(_spelled_chunk, folder, telling)
    texts = ([rows[place].text for place in chunk] for chunk in chunks)
    seeds = (f"{seed} {number}" for number in range(len(chunks)))
    with ProcessPoolExecutor() as pool:
        return Lessons.joined(list(pool.map(spell, chunks, texts, seeds)))


def _chunks(count: int, spellings: int, seed: int) -> Iterator[list[int]]:
    rng = random.Random(f"lessons {seed}")
    for _ in range(spellings):
        order = rng.sample(range(count), count)
        yield from (order[at : at + CHUNK] for at in range(0, count, CHUNK))


def _spelled_chunk(
    folder: Path, telling: dict[str, float], chunk: Sequence[int], texts: Sequence[str], seed: str
) -> Lessons:
    rng = random.Random(seed)
    noise = Noise(seed, telling)
    alone = TextEncoder(folder)([noise(text) for text in texts])
    encoded, parts = [], []
    for place in range(len(alone)):
        around, limit = [place], LONG_LIMIT if rng.random() < LONG else LIMIT
        if rng.random() < JOINED:
            limit = LONG_LIMIT
            around += rng.sample(range(len(alone)), rng.randint(1, MOST_PARTS - 1))
            rng.shuffle(around)
        inside = [token for part in around for token in alone[part][1:-1]]
        encoded.append(_cut([alone[place][0], *inside, alone[place][-1]], limit))
        parts.append([chunk[part] for part in around])
    return Lessons.of(encoded, parts)


def _cut(ids: Encoded, limit: int) -> Encoded:
    """Shorten to the limit: beginning and end stay, since an insult often stands last."""
    if len(ids) <= limit:
        return ids
    tail = limit // 4
    return ids[: limit - tail] + ids[-tail:]


def main() -> None:
    """Write the lessons of the rows to learn, and behind them, once each, those kept back."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--tokenizer", type=Path, default=checkpoint.TOKENIZER)
    parser.add_argument("--spellings", type=int, default=6)
    parser.add_argument("--emoji-in-words", action="store_true", help="once, as they stand")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=31)
    arguments = parser.parse_args()
    rows = read(arguments.rows)
    if arguments.emoji_in_words:
        lessons = as_they_stand([*rows.train, *rows.dev], arguments.tokenizer, LONG_LIMIT)
    else:
        lessons = spelled(rows.train, arguments.tokenizer, arguments.spellings, arguments.seed)
    lessons.save(arguments.out)
    log(f"{len(lessons.rows)} texts, {len(lessons.tokens)} tokens")


if __name__ == "__main__":
    main()
