"""Files as Telegram is asked to send them again. Pure.

A file is sent again by its id. An id is persistent
(core.telegram.org/bots/faq#can-i-count-on-file-ids-to-be-persistent), and a bot may use it after
the message is gone (github.com/tdlib/td/issues/1264). What could be copied before it was hidden
(`keeping`) has a second id, that of a message which stays; of what is kept with its case the
content is sent where no id leads to it any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from telegram import (
    InputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaLivePhoto,
    InputMediaPhoto,
    InputMediaVideo,
)

from bot.adapters.telegram import things
from bot.adapters.telegram.errors import PLATFORM
from bot.adapters.telegram.uploads import Upload
from bot.domain.messages import Attachment, Message

AlbumPart = (
    InputMediaAudio | InputMediaDocument | InputMediaLivePhoto | InputMediaPhoto | InputMediaVideo
)
_IN_ALBUMS: dict[str, Callable[..., AlbumPart]] = {
    "audio": InputMediaAudio,
    "document": InputMediaDocument,
    "live_photo": InputMediaLivePhoto,
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
}


MOST_SHOWN = 10
"""As many as one album takes."""

_COVERABLE = frozenset(("animation", "live_photo", "photo", "video"))
"""What Telegram shows under a spoiler. All else is named, and no reviewer need look at it."""

_UNSEEN = frozenset(("audio", "document", "voice"))
"""What shows nothing before it is opened, unless it comes with a small picture of what is in it."""


def shown(message: Message | None) -> tuple[Attachment, ...]:
    """The files of a message that its card can be shown with, covered."""
    if message is None or message.place.platform != PLATFORM:
        return ()
    covered = (each for each in message.attachments if each.kind in _COVERABLE)
    return tuple(covered)[:MOST_SHOWN]


def to_be_copied(message: Message | None) -> list[int]:
    """The numbers, from 0, of the files of a message that can stand in the review channel without
    anybody's seeing them unasked; as many as one album takes."""
    if message is None or message.place.platform != PLATFORM:
        return []
    return [n for n, file in enumerate(message.attachments) if _shows_nothing(file)][:MOST_SHOWN]


def _shows_nothing(file: Attachment) -> bool:
    if file.kind in _COVERABLE:
        return True
    return file.kind in _UNSEEN and not Reference.read(file.ref).pictured


_SPOILER, _PICTURED = "spoiler", "pictured"


@dataclass(frozen=True, slots=True)
class Reference:
    """What an attachment's `ref` says.

    message: the id of the message that brought it.
    ids: of the file and, of a live photo, of the still one.
    covered: whoever sent it put it under a spoiler.
    pictured: it comes with a small picture of what is in it, which nothing covers.
    """

    message: str
    ids: tuple[str, ...]
    covered: bool = False
    pictured: bool = False

    def __str__(self) -> str:
        marks = ((self.covered, _SPOILER), (self.pictured, _PICTURED))
        return ":".join((self.message, *self.ids, *(mark for is_so, mark in marks if is_so)))

    @classmethod
    def read(cls, ref: str) -> Self:
        """As it was written down."""
        message, *rest = ref.split(":")
        ids = tuple(each for each in rest if each not in (_SPOILER, _PICTURED))
        return cls(message, ids, _SPOILER in rest, _PICTURED in rest)


def message_id(file: Attachment) -> str:
    """The id of the message that brought a file."""
    return file.ref.partition(":")[0]


def arguments(file: Attachment) -> dict[str, Any]:
    """What the client's `send_…` for a file or thing of this kind has to be given."""
    if things.is_thing(file):
        return things.arguments(file)
    reference = Reference.read(file.ref)
    more = {"has_spoiler": True} if reference.covered else {}
    if isinstance(file, Upload):
        # Whatever a document's name says it is, nothing of its content is shown.
        more |= {"disable_content_type_detection": True} if file.kind == "document" else {}
        return {file.kind: InputFile(file.content, file.name, attach=True), **more}
    return {**dict(zip((file.kind, "photo"), reference.ids, strict=False)), **more}


def can_be_covered(file: Attachment) -> bool:
    """Whether Telegram shows such a file under a spoiler."""
    return file.kind in _COVERABLE


def goes_in_albums(file: Attachment) -> bool:
    """Whether a file can be sent together with others."""
    return file.kind in _IN_ALBUMS


def album_part(file: Attachment, **more: Any) -> AlbumPart:
    """A file as a part of an album. more: as the client's type takes it."""
    given = arguments(file)
    return _IN_ALBUMS[file.kind](media=given.pop(file.kind), **{**given, **more})
