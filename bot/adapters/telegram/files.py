"""Files as Telegram is asked to send them again. Pure.

A file is sent again by its id, so that to keep it costs no call before its message is hidden. The
id is persistent (core.telegram.org/bots/faq#can-i-count-on-file-ids-to-be-persistent), and a bot
may use it after the message is gone (github.com/tdlib/td/issues/1264).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telegram import (
    InputMediaAudio,
    InputMediaDocument,
    InputMediaLivePhoto,
    InputMediaPhoto,
    InputMediaVideo,
)

from bot.adapters.telegram.errors import PLATFORM
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
_COVERABLE = frozenset(("animation", "live_photo", "photo", "video"))
"""What Telegram shows under a spoiler. All else is named, and no reviewer need look at it."""


def shown(message: Message | None) -> tuple[Attachment, ...]:
    """The files of a message that its card can be shown with, covered."""
    if message is None or message.place.platform != PLATFORM:
        return ()
    covered = (each for each in message.attachments if each.kind in _COVERABLE)
    return tuple(covered)[:MOST_SHOWN]


_SPOILER = "spoiler"


def reference(message: int, *file_ids: str, covered: bool = False) -> str:
    """An attachment's `ref`: its message, its file and, of a live photo, the still one.

    covered: whoever sent it put it under a spoiler.
    """
    return ":".join((str(message), *file_ids, *([_SPOILER] if covered else [])))


def message_id(file: Attachment) -> str:
    """The id of the message that brought a file."""
    return file.ref.partition(":")[0]


def arguments(file: Attachment) -> dict[str, Any]:
    """What the client's `send_…` for a file of this kind has to be given."""
    _, *file_ids = file.ref.split(":")
    covered = {"has_spoiler": True} if file_ids[-1] == _SPOILER else {}
    ids = (each for each in file_ids if each != _SPOILER)
    return {**dict(zip((file.kind, "photo"), ids, strict=False)), **covered}


def goes_in_albums(file: Attachment) -> bool:
    """Whether a file can be sent together with others."""
    return file.kind in _IN_ALBUMS


def album_part(file: Attachment, **more: Any) -> AlbumPart:
    """A file as a part of an album. more: as the client's type takes it."""
    given = arguments(file)
    return _IN_ALBUMS[file.kind](media=given.pop(file.kind), **{**given, **more})
