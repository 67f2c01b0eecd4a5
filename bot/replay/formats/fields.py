"""What formats share: reading values that may be of any type, and building a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from bot.domain.messages import Author, Message, Part, PartKind, Person, Place, readable
from bot.replay.entries import UNDATED, UNNAMED, Post

SERVICE = "service message"
TOO_LONG = "line too long"


def text(value: object) -> str:
    """A value as text; "" for null, truth values, lists and objects."""
    if isinstance(value, str):
        return readable(value)
    if value is None or isinstance(value, bool | list | dict):
        return ""
    return str(value)


def mapping(value: object) -> dict[str, Any]:
    """A JSON object; an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a JSON array; none where something else stands."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def parts(*found: tuple[PartKind, object]) -> Iterator[Part]:
    """The pieces of text that are not blank."""
    for kind, value in found:
        if (said := text(value)).strip():
            yield Part(kind, said)


def person(platform: str, id_: object, name: object) -> Person:
    """An author; known by name where the export gives no id, and as nobody without either."""
    return Person(platform, text(id_) or text(name) or UNNAMED, text(name))


def post(
    place: Place,
    message_id: str,
    author: Author,
    said: Iterable[Part],
    posted_at: datetime | None,
    *,
    edited: bool = False,
    reply_to: str | None = None,
) -> Post:
    """A message as it was exported, received as it was posted.

    posted_at: None where the export gives no time that can be read.
    """
    at = posted_at or UNDATED
    message = Message(
        place=place,
        id=message_id,
        author=author,
        parts=tuple(said),
        posted_at=at,
        received_at=at,
        revision=int(edited),
        reply_to=reply_to,
    )
    return Post(message, dated=posted_at is not None)
