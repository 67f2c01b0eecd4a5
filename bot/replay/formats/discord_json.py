"""DiscordChatExporter's JSON: one channel or thread a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.domain.messages import Author, Part, PartKind, Place
from bot.replay.entries import Entry, Skipped
from bot.replay.formats.fields import SERVICE, mapping, objects, parts, person, post, text
from bot.replay.formats.json_stream import top_level_keys, walk
from bot.replay.piece import Piece
from bot.replay.times import parse_time

PLATFORM = "discord"
_MESSAGES = ("messages",)
# What members post: plain messages, answers, and answers to a slash or a context command.
# All other types are the platform's announcements (joins, pins, calls, boosts).
_POSTED = {"", "Default", "Reply", "0", "19", "20", "23"}


def recognises(head: str) -> bool:
    """A document about a guild and a channel."""
    return {"guild", "channel"} <= top_level_keys(head)


def read(piece: Piece) -> Iterator[Entry]:
    """The messages of the channel."""
    ids: dict[str, str] = {}
    for path, value in walk(piece, frozenset({_MESSAGES})):
        if path in (("guild", "id"), ("channel", "id")):
            ids[path[0]] = text(value)
        elif path == _MESSAGES and isinstance(value, dict):
            place = Place(PLATFORM, ids.get("guild", ""), ids.get("channel", ""))
            yield _entry(place, value)
        elif path == _MESSAGES:
            yield Skipped("no JSON object")


def _entry(place: Place, record: dict[str, Any]) -> Entry:
    if text(record.get("type")) not in _POSTED:
        return Skipped(SERVICE)
    reference = mapping(record.get("reference"))
    answers = text(reference.get("type")) != "Forward" and "forwardedMessage" not in record
    return post(
        place,
        text(record.get("id")),
        _author(mapping(record.get("author"))),
        [*_said(record, PartKind.TEXT), *_forwarded(record)],
        parse_time(record.get("timestamp")),
        edited=bool(record.get("timestampEdited")),
        reply_to=(text(reference.get("messageId")) or None) if answers else None,
    )


def _author(record: dict[str, Any]) -> Author:
    name = text(record.get("nickname")) or text(record.get("name"))
    roles = frozenset(text(role.get("id")) for role in objects(record.get("roles")))
    who = person(PLATFORM, record.get("id"), name)
    return Author(who, roles=roles, is_bot=record.get("isBot") is True)


def _forwarded(record: dict[str, Any]) -> Iterator[Part]:
    yield from _said(mapping(record.get("forwardedMessage")), PartKind.FORWARD)


def _said(record: dict[str, Any], kind: PartKind) -> Iterator[Part]:
    yield from parts((kind, record.get("content")))
    for file in objects(record.get("attachments")):
        yield from parts((PartKind.FILE_NAME, file.get("fileName")))
    for embed in objects(record.get("embeds")):
        yield from _embedded(embed)
    for sticker in objects(record.get("stickers")):
        yield from parts((PartKind.NAME, sticker.get("name")))
    for button in _buttons(record.get("components")):
        yield from parts((PartKind.BUTTON, button.get("label")), (PartKind.LINK, button.get("url")))


def _embedded(embed: dict[str, Any]) -> Iterator[Part]:
    said = [
        mapping(embed.get("author")).get("name"),
        embed.get("title"),
        embed.get("description"),
        mapping(embed.get("footer")).get("text"),
    ]
    for field in objects(embed.get("fields")):
        said += [field.get("name"), field.get("value")]
    yield from parts(*((PartKind.EMBED, each) for each in said))


def _buttons(components: object) -> Iterator[dict[str, Any]]:
    for component in objects(components):
        yield component
        yield from _buttons(component.get("components"))
