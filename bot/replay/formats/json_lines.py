"""JSON lines: one object a line, with the text under `text`, `content` or `message`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.domain.messages import Author, PartKind, Place
from bot.replay.entries import Entry, Skipped
from bot.replay.formats.columns import columns
from bot.replay.formats.fields import TOO_LONG, parts, person, post, text
from bot.replay.formats.json_stream import top_level_keys
from bot.replay.piece import Piece
from bot.replay.times import parse_time

PLATFORM = "file"
_LOOKED_AT = 20


def recognises(head: str) -> bool:
    """One of the first lines is an object with a text."""
    lines = [line for line in head.splitlines()[:_LOOKED_AT] if line.lstrip().startswith("{")]
    return any(columns(top_level_keys(line)) is not None for line in lines)


def read(piece: Piece) -> Iterator[Entry]:
    """A message a line; a line that is broken is skipped."""
    place = Place(PLATFORM, piece.name)
    for number, line in enumerate(piece.lines(), start=1):
        piece.settle()
        where = f"{piece.name}, line {number}"
        if line is None:
            yield Skipped(TOO_LONG, where)
        elif line.strip():
            yield _entry(place, where, line, f"{piece.name}:{number}")


def _entry(place: Place, where: str, line: str, fallback_id: str) -> Entry:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return Skipped("broken JSON", where)
    found = columns(record) if isinstance(record, dict) else None
    if found is None:
        return Skipped("no text field", where)
    author = _author(record, found.author, found.author_id)
    said = parts((PartKind.TEXT, record[found.text]))
    posted_at = parse_time(record.get(found.time))
    return post(place, text(record.get(found.id)) or fallback_id, author, said, posted_at)


def _author(record: dict[str, Any], name: str, id_: str) -> Author:
    given = record.get(name)
    if not isinstance(given, dict):
        return Author(person(PLATFORM, record.get(id_), given))
    # {"author": {"id": …, "name": …}}, as many bots log it
    bot = given.get("bot") is True or given.get("is_bot") is True
    return Author(person(PLATFORM, given.get("id"), given.get("name")), is_bot=bot)
