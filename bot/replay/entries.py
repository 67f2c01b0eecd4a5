"""What a reader finds in an export, one value a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.errors import MalformedExport
from bot.domain.messages import Message

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""The time a message bears where its export gives none that can be read."""

UNNAMED = "unknown"
"""The id of an author whom an export does not name; several people may be behind it."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message that somebody posted. dated: whether its time came from the export."""

    message: Message
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that is not judged: a platform's own announcement, a record that is broken.

    why: counted, so it names no place and quotes nothing.
    where: the file and the line or record, for people to find it by.
    """

    why: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """Something in the export that is no message: a join in a chat log, a file beside it.

    why: counted, so it names no place. error: why a whole file is none, for people to find it by.
    """

    why: str
    error: MalformedExport | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """The rest of one file could not be read; what came before it counts."""

    error: MalformedExport


Entry = Post | Skipped | Aside | Fault
