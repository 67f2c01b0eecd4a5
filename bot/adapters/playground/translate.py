"""The playground's updates, as the core's messages. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.adapters.playground.bot_api import Update
from bot.adapters.playground.errors import PLATFORM
from bot.adapters.playground.people import LOBBY
from bot.domain.messages import Author, Message, Part, PartKind, Person


def message_in(update: Update, received_at: datetime) -> Message:
    """The message, or the new revision of one, that an update tells of."""
    said = update.payload
    author = Author(
        person=Person(PLATFORM, said["member"], said["name"]),
        roles=frozenset({said["role"]}),
        joined_at=datetime.fromisoformat(said["joined_at"]),
    )
    return Message(
        place=LOBBY,
        id=said["message"],
        author=author,
        parts=(Part(PartKind.TEXT, said["text"]),),
        posted_at=datetime.fromisoformat(said["at"]),
        received_at=received_at,
        revision=said["revision"],
        link=f"/#message-{said['message']}",
        reach=said["reach"],
    )
