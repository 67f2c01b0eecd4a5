"""DiscordChatExporter's plain text: a header, then a message a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.messages import Author, PartKind, Place
from bot.replay.entries import Entry, Post, Skipped
from bot.replay.formats.fields import TOO_LONG, parts, person, post
from bot.replay.piece import Piece
from bot.replay.times import parse_time

PLATFORM = "discord"
_RULE = "=" * 20
_OPENING = re.compile(_RULE + r"=*\r?\n(?:Guild|Server): .*\r?\nChannel: ")
_MESSAGE = re.compile(r"\[(?P<at>[^\]]{8,40})\] (?P<author>.+?)(?: \(pinned\))?$")
_SECTIONS: dict[str, PartKind | None] = {
    "{Attachments}": PartKind.FILE_NAME,
    "{Embed}": PartKind.EMBED,
    "{Stickers}": PartKind.FILE_NAME,
    "{Reactions}": None,
}


def recognises(head: str) -> bool:
    """The header that names the guild and the channel."""
    return _OPENING.match(head.lstrip()) is not None


def read(piece: Piece) -> Iterator[Entry]:
    """The messages; what quotes a message's first line in full looks like one of its own."""
    place = Place(PLATFORM, piece.name)
    current: _Paragraph | None = None
    blank = True
    for number, line in enumerate(piece.lines(), start=1):
        if line is None:
            yield Skipped(TOO_LONG, f"{piece.name}, line {number}")
            continue
        opened = _opened(line, f"{piece.name}:{number}") if blank else None
        closes = blank and line.startswith(_RULE)
        if opened or closes:
            if current:
                yield current.post(place)
            current = opened
            piece.settle()
        elif current:
            current.add(line)
        blank = not line.strip() or (closes and current is None)
    if current:
        yield current.post(place)


def _opened(line: str, message_id: str) -> _Paragraph | None:
    found = _MESSAGE.match(line)
    at = parse_time(found["at"]) if found else None
    return _Paragraph(message_id, found["author"], at) if found and at else None


@dataclass(slots=True)
class _Paragraph:
    id: str
    author: str
    at: datetime
    kind: PartKind | None = PartKind.TEXT
    said: list[tuple[PartKind, str]] = field(default_factory=list)

    def add(self, line: str) -> None:
        if line in _SECTIONS:
            self.kind = _SECTIONS[line]
        elif self.kind is not None:
            self.said.append((self.kind, line))

    def post(self, place: Place) -> Post:
        together: dict[PartKind, list[str]] = {}
        for kind, line in self.said:
            together.setdefault(kind, []).append(line)
        said = parts(*((kind, "\n".join(lines).strip()) for kind, lines in together.items()))
        return post(
            place, self.id, Author(person(PLATFORM, self.author, self.author)), said, self.at
        )
