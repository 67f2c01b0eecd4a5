"""What the playground's platform refuses, each with the key of a sentence for the page.

Refused
├── Unusable      what was sent cannot be: an empty message, one that is too long
├── Unknown       no such member or message
└── Forbidden     it exists, but not for this person now
RightMissing      the bot's own rights do not allow it
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.errors import AmanError, PlatformError

PLATFORM = "playground"


class Refused(AmanError):
    """The platform does not do what a person asked. `key` and `fields` make the sentence."""

    def __init__(self, key: str, **fields: str) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields


class Unusable(Refused):
    """What was sent cannot be."""


class TooLarge(Refused):
    """More was sent than anybody needs."""


class Unknown(Refused):
    """What was named is not there."""


class Forbidden(Refused):
    """This person may not do it now."""


class RightMissing(AmanError):
    """An admin has taken the right for this from the bot."""


@contextmanager
def sqlite_errors() -> Iterator[None]:
    """Faults of the world's file, as the platform being out of reach."""
    try:
        yield
    except sqlite3.Error as exc:
        raise PlatformError(PLATFORM, f"its file does not answer ({exc})") from exc
