"""Files whose content is sent, since no id of Telegram's leads to it. Pure."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.files import KeptFile
from bot.domain.messages import Attachment

_KINDS = {
    "image/gif": "animation",
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "video": "video",
    "image": None,
}
"""By type, else by what it begins with. Other pictures Telegram sends as documents, with a small
picture that no spoiler covers."""

_ALBUMS = (("photo", "video"), ("document",))


@dataclass(frozen=True, slots=True)
class Upload(Attachment):
    """A file that is sent by its content."""

    content: bytes = b""


def instead(files: Sequence[Attachment], kept: Sequence[KeptFile]) -> list[Attachment]:
    """A message's files by their kept contents, where there are such, else by their ids."""
    contents = {each.number: each for each in kept}
    return [
        Upload(content.kind, file.ref, content.name, content=content.content)
        if (content := contents.get(number))
        else file
        for number, file in enumerate(files)
    ]


def from_elsewhere(kept: Sequence[KeptFile]) -> dict[int, Upload]:
    """Files of another platform's message by their numbers, as what Telegram shows nobody unasked:
    under a spoiler, or as a document of which a name is all that there is to see."""
    return {
        each.number: Upload(kind, "", each.name, content=each.content)
        for each in kept
        if (kind := _kind(each.name)) is not None
    }


def together(uploads: Mapping[int, Upload]) -> list[list[int]]:
    """The numbers of the files that go in one call each: as one album, where Telegram lets them."""
    albums = [[n for n, each in uploads.items() if each.kind in kinds] for kinds in _ALBUMS]
    alone = [[n] for n, each in uploads.items() if not any(each.kind in kinds for kinds in _ALBUMS)]
    return [*filter(None, albums), *alone]


def _kind(name: str) -> str | None:
    type_ = mimetypes.guess_type(name)[0] or ""
    return _KINDS.get(type_, _KINDS.get(type_.partition("/")[0], "document"))
