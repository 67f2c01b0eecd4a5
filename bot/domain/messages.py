"""What somebody posted, in no platform's words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import InvalidValue

_UNWRITABLE = re.compile("[\ud800-\udfff\x00]")


def readable(text: str) -> str:
    """Text that every store and wire can carry.

    Lone surrogates (broken Unicode that JSON lets through) and NUL, which neither UTF-8 nor
    PostgreSQL can hold, become U+FFFD; all else stays as it was posted.
    """
    return _UNWRITABLE.sub("\ufffd", text)


class PartKind(StrEnum):
    """Where in a message a piece of text was found."""

    TEXT = "text"
    CAPTION = "caption"
    QUOTE = "quote"
    FORWARD = "forward"
    POLL = "poll"
    LINK = "link"
    EMBED = "embed"
    BUTTON = "button"
    FILE_NAME = "file_name"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a message's text.

    marks: how the text is marked up (bold, links under words, …), in its adapter's own notation,
        so that a restored message looks as it was written; "" for plain text.
    """

    kind: PartKind
    text: str
    marks: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", readable(self.text))


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a platform: a group and, where it has them, a channel, thread or topic in it.

    group: the platform's own id of the group.
    channel: the platform's own id of the channel, thread or topic; "" where there is none.
    """

    platform: str
    group: str
    channel: str = ""

    def __str__(self) -> str:
        return ":".join(filter(None, (self.platform, self.group, self.channel)))


@dataclass(frozen=True, slots=True)
class Person:
    """A member, a reviewer or an admin, as one platform knows them.

    Two sightings of one person are equal whatever they call themselves.
    """

    platform: str
    id: str
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", readable(self.name))

    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class Author:
    """Who posted a message, with what a policy's exemptions ask about them.

    roles: the platform's ids of their roles in the group ("admin" for its administrators).
    joined_at: when they joined the group; None where the platform does not say.
    punishable: False for the senders that stand for somebody else (an anonymous admin, a
        linked channel), who must never be warned, muted or banned.
    """

    person: Person
    roles: frozenset[str] = frozenset()
    is_bot: bool = False
    joined_at: datetime | None = None
    punishable: bool = True


@dataclass(frozen=True, slots=True)
class Attachment:
    """What came with a message beside its text: most often a file.

    ref: the platform's own reference, from which its adapter can fetch, copy or make it again.
    size: bytes; None where the platform does not say.
    """

    kind: str
    ref: str
    name: str = ""
    size: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", readable(self.name))


@dataclass(frozen=True, slots=True)
class Message:
    """One revision of what somebody posted.

    id: the platform's id of the message, unique within its group.
    revision: 0 as first posted, growing with each edit of the text.
    posted_at, received_at: when it was posted (or edited) and when this bot was given it.
    reply_to: the id of the message it answers.
    link: an address that opens the message on its platform.
    album: the platform's id of the album it belongs to.
    reach: how many people can read it where it stands; 1 where the platform does not say.
    parent: the channel that its thread belongs to; "" where it stands in no thread.
    blocked: its platform kept it from being posted, so that nobody has read it.
    continues: the ids of the author's other messages that are read with it as one sentence; what
        is done to it is done to them.
    """

    place: Place
    id: str
    author: Author
    parts: tuple[Part, ...]
    posted_at: datetime
    received_at: datetime
    revision: int = 0
    reply_to: str | None = None
    link: str | None = None
    attachments: tuple[Attachment, ...] = ()
    album: str | None = None
    reach: int = 1
    parent: str = ""
    blocked: bool = False
    continues: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("posted_at", "received_at"):
            if getattr(self, name).tzinfo is None:
                raise InvalidValue(f"message {self.id}: {name} needs a time zone")
        if self.revision < 0:
            raise InvalidValue(f"message {self.id}: revision {self.revision} is below 0")

    @property
    def key(self) -> str:
        """What makes this revision of this message one thing, wherever and however often it is met.

        The channel is left out: platforms that move a message between topics keep its id.
        """
        return f"{key_stem(self.place, self.id)}{self.revision}"

    @property
    def text(self) -> str:
        """All that there is to judge, a part a line."""
        return "\n".join(part.text for part in self.parts if part.text)

    def includes(self, other: Message) -> bool:
        """Whether another message is this very album, all of it or with parts missing that had not
        come yet. One that says something else with the same files was edited."""
        if self.album is None or self.album != other.album:
            return False
        files, others = set(self.attachments), set(other.attachments)
        if files == others:
            return set(self.parts) == set(other.parts)
        return others < files and set(other.parts) <= set(self.parts)


def key_stem(group: Place, message_id: str) -> str:
    """What the keys of all revisions of a message begin with."""
    return f"{group.platform}:{group.group}:{message_id}:"
