"""DiscordChatExporter's web pages, of any age and colour: what it writes unless told otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum, auto
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from bot.domain.messages import Author, PartKind, Place
from bot.replay.entries import Entry, Skipped
from bot.replay.formats.fields import SERVICE, TOO_LONG, parts, person, post
from bot.replay.piece import Piece

PLATFORM = "discord"
# https://discord.com/developers/docs/reference#snowflakes: the upper 42 bits of an id are its
# milliseconds since 2015. The page's own times bear no zone, and only the first of a group has one.
_DISCORD_EPOCH_MS = 1_420_070_400_000
_ANSWERED = re.compile(r"scrollToMessage\(event, ?'(\d+)'\)")


class _Role(Enum):
    """What an element of the page holds, as far as it matters here."""

    NOTHING = auto()
    GROUP = auto()
    AUTHOR = auto()
    TEXT = auto()
    EMBED = auto()
    FILE = auto()
    ASIDE = auto()
    """What is no part of what was said: the message it answers, reactions, marks."""


_ROLES = {
    "chatlog__message-group": _Role.GROUP,
    "chatlog__author": _Role.AUTHOR,
    "chatlog__author-name": _Role.AUTHOR,
    "chatlog__content": _Role.TEXT,
    "chatlog__embed": _Role.EMBED,
    "chatlog__attachment": _Role.FILE,
    "chatlog__reply": _Role.ASIDE,
    "chatlog__reference": _Role.ASIDE,
    "chatlog__reactions": _Role.ASIDE,
    "chatlog__edited-timestamp": _Role.ASIDE,
}
_BOT = {"chatlog__bot-tag", "chatlog__author-tag"}
_SERVICE = "chatlog__system-notification-author"


def recognises(head: str) -> bool:
    """A web page with a log of that exporter's."""
    return head.lstrip().startswith("<") and "chatlog__" in head


def read(piece: Piece) -> Iterator[Entry]:
    """The messages of the channel."""
    page = _Page(Place(PLATFORM, piece.name))
    for number, line in enumerate(piece.lines(), start=1):
        if line is None:
            yield Skipped(TOO_LONG, f"{piece.name}, line {number}")
            continue
        page.feed(line + "\n")
        if page.complete or page.message is None:
            piece.settle()
        yield from page.taken()
    page.close()
    page.end_message()
    yield from page.taken()


@dataclass(slots=True)
class _Message:
    id: str
    said: dict[_Role, list[str]] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)
    edited: bool = False
    service: bool = False
    answers: str | None = None

    def entry(self, place: Place, author: Author) -> Entry:
        if self.service:
            return Skipped(SERVICE)
        text, embed = ("".join(self.said.get(role, ())) for role in (_Role.TEXT, _Role.EMBED))
        shown = "\n".join(line for each in embed.splitlines() if (line := each.strip()))
        said = [(PartKind.TEXT, text.strip()), (PartKind.EMBED, shown)]
        said += [(PartKind.FILE_NAME, name) for name in self.files]
        return post(
            place,
            self.id,
            author,
            parts(*said),
            _posted_at(self.id),
            edited=self.edited,
            reply_to=self.answers,
        )


class _Page(HTMLParser):
    """Gathers messages as the page's text comes in."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.message: _Message | None = None
        self.complete: list[Entry] = []
        self._place = place
        self._author = Author(person(PLATFORM, "", ""))
        # Only these two kinds of element bear roles, and none of them may be left open.
        self._open: list[tuple[str, _Role]] = []

    def taken(self) -> list[Entry]:
        """The messages that came to their end since last asked."""
        taken, self.complete = self.complete, []
        return taken

    def end_message(self) -> None:
        """What comes now belongs to no message seen so far."""
        if self.message is not None:
            self.complete.append(self.message.entry(self._place, self._author))
        self.message = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element."""
        found = {name: value or "" for name, value in attrs}
        classes = found.get("class", "").split()
        role = next((_ROLES[each] for each in classes if each in _ROLES), _Role.NOTHING)
        if role is _Role.GROUP or "data-message-id" in found:
            self.end_message()
        if "data-message-id" in found:
            self.message = _Message(found["data-message-id"])
        if role is _Role.AUTHOR:
            who = person(PLATFORM, found.get("data-user-id"), found.get("title"))
            self._author = Author(who)
        elif _BOT & set(classes) and not self._inside(_Role.ASIDE):
            self._author = replace(self._author, is_bot=True)
        if self.message is not None:
            self._note(self.message, tag, classes, found)
        if tag in ("div", "span"):
            self._open.append((tag, role))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        while tag in (each for each, _ in self._open):
            left, role = self._open.pop()
            if role is _Role.NOTHING and left == "div":
                self.handle_data("\n" if self._inside(_Role.EMBED) else "")
            if left == tag:
                return

    def handle_data(self, data: str) -> None:
        """Text between two tags."""
        if self.message is None or self._inside(_Role.ASIDE):
            return
        for role in (_Role.TEXT, _Role.EMBED):
            if self._inside(role):
                self.message.said.setdefault(role, []).append(data)

    def _note(
        self, message: _Message, tag: str, classes: list[str], found: Mapping[str, str]
    ) -> None:
        message.edited |= "chatlog__edited-timestamp" in classes
        message.service |= _SERVICE in classes
        if answered := _ANSWERED.search(found.get("onclick", "")):
            message.answers = answered[1]
        if self._inside(_Role.FILE) and (url := found.get("href") or found.get("src")):
            message.files[unquote(urlsplit(url).path.rpartition("/")[2])] = None
        if tag == "br":
            self.handle_data("\n")
        if tag == "img" and "emoji" in classes:
            self.handle_data(found.get("alt", ""))

    def _inside(self, role: _Role) -> bool:
        return any(each is role for _, each in self._open)


def _posted_at(message_id: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(((int(message_id) >> 22) + _DISCORD_EPOCH_MS) / 1000, UTC)
    except (ValueError, OverflowError):
        return None
