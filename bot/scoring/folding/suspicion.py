"""Whether ASCII text can hold anything to undo: one look instead of one a step.

Most messages are plain; this spares them the steps. It may suspect too much, never too little.
"""

from __future__ import annotations

import string
from typing import Any

import re2

from bot.scoring.folding.misspelling import misspelt
from bot.scoring.folding.shorthand import SHORT_FORMS
from bot.scoring.folding.together import taken_apart

_SHAPES = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]",
    r"%[0-9A-Fa-f]{2}",
    r"`|\|\||\*\*|~~|__|[A-Za-z]\*[A-Za-z]+\*|\*[A-Za-z]+\*[A-Za-z]",
    r"(?:^|[\s\"'(])\S[ \t]{1,8}\S[ \t]{1,8}\S",
    r"(?:^|[\s\"'(])\S\n{1,3}\S\n{1,3}\S",
    r"(?:^|[^A-Za-z0-9])[A-Za-z0-9](?:[^\w\s]{1,3} ?|_{1,2})[A-Za-z0-9](?:[^\w\s]|_)",
    r"[A-Za-z](?:[0-9]|[@$!|+]+[A-Za-z0-9])|[0-9$][A-Za-z]|@(?:[Ss][Ss]|\$\$)",
    *(f"(?i:{letter}{{3}})" for letter in string.ascii_lowercase),
    "[a-z][A-Z]",
    f"(?i:{SHORT_FORMS})",
)


def _compiled() -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile("|".join(_SHAPES), options)


_SUSPICIOUS = _compiled()


def suspicious(text: str) -> bool:
    """Whether any step could change the text; False only where none does."""
    return (
        not text.isascii()
        or _SUSPICIOUS.search(text) is not None
        or misspelt(text)
        or taken_apart(text) != text
    )
