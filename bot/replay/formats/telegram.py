"""Telegram Desktop's result.json: one chat, or a whole account with many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.domain.messages import Author, Part, PartKind, Place
from bot.replay.entries import Entry, Post, Skipped
from bot.replay.formats.fields import SERVICE, mapping, objects, parts, person, post, text
from bot.replay.formats.json_stream import OPENED, Path, top_level_keys, walk
from bot.replay.piece import Piece
from bot.replay.times import parse_time

PLATFORM = "telegram"
_CHATS = frozenset({("chats", "list"), ("left_chats", "list"), ()})
_MESSAGES = frozenset((*chat, "messages") for chat in _CHATS)
_WHOLE_ACCOUNT = {"about", "personal_information", "contacts", "chats", "left_chats"}


def recognises(head: str) -> bool:
    """A document with a chat's own keys, or those of a whole account."""
    keys = top_level_keys(head)
    if "messages" in keys:
        return {"id", "type"} <= keys and "channel" not in keys
    return len(keys & _WHOLE_ACCOUNT) >= 2


def read(piece: Piece) -> Iterator[Entry]:
    """The messages of every chat, in the order of the document."""
    chat = _Chat()
    for path, value in walk(piece, _MESSAGES):
        if path in _MESSAGES:
            yield chat.entry(value) if isinstance(value, dict) else Skipped("no JSON object")
        elif value is OPENED and path in _CHATS:
            chat = _Chat()
        elif path[:-1] in _CHATS:
            chat.learn(path, value)


@dataclass(slots=True)
class _Chat:
    id: str = ""
    type: str = ""
    topics: set[str] = field(default_factory=set)

    def learn(self, path: Path, value: object) -> None:
        if path[-1] == "id":
            self.id = text(value)
        elif path[-1] == "type":
            self.type = text(value)

    @property
    def group(self) -> str:
        """The id under which a bot knows this chat, so that a policy's lists fit."""
        if self.type.endswith(("supergroup", "channel")):
            return f"-100{self.id}"
        return f"-{self.id}" if self.type.endswith("group") else self.id

    def entry(self, record: dict[str, Any]) -> Post | Skipped:
        if text(record.get("type")) == "service":
            if record.get("action") == "topic_created":
                self.topics.add(text(record.get("id")))
            return Skipped(SERVICE)
        # An export names the topic only for messages that answer its first one, which is how
        # Telegram says "posted in this topic".
        answered = text(record.get("reply_to_message_id")) or None
        topic = answered if answered in self.topics else None
        return post(
            Place(PLATFORM, self.group, topic or ""),
            text(record.get("id")),
            _author(record),
            _said(record),
            parse_time(record.get("date_unixtime")) or parse_time(record.get("date")),
            edited="edited" in record or "edited_unixtime" in record,
            reply_to=None if topic else answered,
        )


def _author(record: dict[str, Any]) -> Author:
    given = text(record.get("from_id"))
    channel = given.removeprefix("channel")
    if channel != given:
        who = person(PLATFORM, f"-100{channel}", record.get("from"))
        return Author(who, punishable=False)
    return Author(person(PLATFORM, given.removeprefix("user"), record.get("from")))


def _said(record: dict[str, Any]) -> Iterator[Part]:
    has_media = any(key in record for key in ("photo", "file", "media_type"))
    kind = PartKind.CAPTION if has_media else PartKind.TEXT
    written = record.get("text")
    if "forwarded_from" in record:
        kind = PartKind.FORWARD
    yield from parts((kind, _flat(written)))
    for entity in objects(written):
        yield from parts((PartKind.LINK, entity.get("href")))
    poll = mapping(record.get("poll"))
    yield from parts((PartKind.POLL, _flat(poll.get("question"))))
    for answer in objects(poll.get("answers")):
        yield from parts((PartKind.POLL, _flat(answer.get("text"))))
    for row in record.get("inline_bot_buttons") or ():
        for button in objects(row):
            yield from parts((PartKind.BUTTON, button.get("text")))
    contact = mapping(record.get("contact_information"))
    yield from parts(
        (PartKind.FILE_NAME, record.get("file_name")),
        (PartKind.FILE_NAME, record.get("title")),
        (PartKind.FILE_NAME, record.get("performer")),
        (PartKind.NAME, contact.get("first_name")),
        (PartKind.NAME, contact.get("last_name")),
        (PartKind.NAME, record.get("place_name")),
        (PartKind.EMBED, record.get("game_title")),
        (PartKind.EMBED, record.get("game_description")),
    )


def _flat(written: object) -> str:
    # plain text, or a list of plain pieces and marked ones (links, mentions, bold …)
    if not isinstance(written, list):
        return text(written)
    return "".join(
        text(each.get("text")) if isinstance(each, dict) else text(each) for each in written
    )
