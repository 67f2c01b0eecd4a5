"""Which words chats have far more than books, for `bot/scoring/folding/parting.py`.

    python -m models.chat_words

The dictionary's counts come from books: it has "youre" and "asshole" not at all, and "bitch" a
hundred times too rarely to be told from "it" and "ch". Training rows say how common such words
are where people chat. Rows kept back and `data/eval` are not looked at.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path

from bot.scoring.folding.parting import TOTAL, dictionary
from models.data import DEFAULT_DATA, REPOSITORY, read_all, split

OUT = REPOSITORY / "bot" / "scoring" / "folding" / "chat_words.txt"

FEWEST = 20
"""Training rows that have the word."""

TIMES = 10.0
"""How much commoner a word of the dictionary is in training rows than in books."""

SHORT = """
a i u am an as at be by do go he hi if im in is it me my no of oh ok on or so to up ur us we ya yo
cuz lil lol mom omg usa wtf
"""
"""Words of one and two letters, all that there are: the others of the dictionary are abbreviations.
And those of three letters that chats alone have; most other such are fragments."""

_WORD = re.compile(r"(?<![#@\w/.'’])[a-z]+(?![\w'’])")
_HEAD = """\
# Words that chats have far more than books, and how often in as many words.
# Made by `python -m models.chat_words`.
"""


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    rows: Counter[str] = Counter()
    every = 0
    for row in split(read_all(options.data)).train:
        found = _WORD.findall(row.text.lower())
        every += len(found)
        rows.update({*found})
    books = dictionary()
    likely = {word: round(count / every * TOTAL) for word, count in rows.items() if count >= FEWEST}
    short = frozenset(SHORT.split())
    lines = [
        f"{word} {count}"
        for word, count in sorted(likely.items())
        if word in short
        or (
            (len(word) > 3 or (len(word) == 3 and word in books))
            and count > TIMES * books.get(word, 0)
        )
    ]
    options.out.write_text(_HEAD + "\n".join(lines) + "\n", "ascii")


if __name__ == "__main__":
    main()
