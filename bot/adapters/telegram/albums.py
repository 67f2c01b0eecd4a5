"""Albums: their parts come one by one, are edited one by one, and are one message to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.adapters.telegram.files import message_id
from bot.adapters.telegram.translate import album_of, is_joining
from bot.domain import memory
from bot.domain.messages import Message, Part, PartKind
from bot.domain.ports import Inbox

QUIET_S = 0.5
"""How long after its last part an album counts as whole: nothing marks its end."""

_EDITED = 1
"""The revision of a part that was edited: what its album says now is not what it said at first."""


class Albums:
    """Gathers the parts of albums, and hands each album in as the one message that it is: at first,
    and again with all its parts when one of them is edited, or comes later than the others."""

    def __init__(self, kept: memory.Albums, revisions: memory.Revisions, inbox: Inbox) -> None:
        self._kept = kept
        self._revisions = revisions
        self._inbox = inbox

    async def add(self, part: Message) -> None:
        """Take a part in. Raises FlowUnavailable."""
        await self._kept.add(part)

    async def edited(self, part: Message) -> None:
        """Take in what a part says now. Raises FlowUnavailable."""
        await self._kept.add(replace(part, revision=_EDITED))

    async def whole(self, part: Message) -> Message:
        """What people see as one message: the album, whichever part of it is meant, under the
        number of what it says now. Raises FlowUnavailable.

        part: as an answer to it shows it, which counts only where the album is not known: an
        answer may leave out what an update told.
        """
        known = await self._kept.of(part)
        return await self._numbered((part, *known), known)

    async def hand_in(self) -> None:
        """Hand in the albums whose parts are all here. Raises FlowUnavailable; those that are left
        come next time, under the same numbers."""
        for parts in await self._kept.whole(QUIET_S):
            if is_joining(parts[0]):
                album = album_of(parts)
            else:
                album = await self._numbered((*await self._kept.of(parts[0]), *parts), parts)
            await self._inbox.put(album)
            await self._kept.drop(parts)

    async def _numbered(self, parts: Sequence[Message], known: Sequence[Message]) -> Message:
        """The album of these parts, of which the later of two with one id counts.

        known: those that updates told of. Without them nobody knows what else the part belongs to,
        and none is to be hidden in another's name.
        """
        together = {each.id: each for each in parts}
        album = album_of(sorted(together.values(), key=lambda part: (len(part.id), part.id)))
        if any(each.attachments for each in known):  # a joining told twice has an id of its own
            album = replace(album, id=await self._kept.name(album))
        return replace(album, revision=await self._revisions.number(_of_parts(album)))


def _of_parts(album: Message) -> Message:
    """An album as a text that is another one where a part says something else, or where there is
    one more, whichever of them is the first."""
    files = (Part(PartKind.FILE_NAME, message_id(file)) for file in album.attachments)
    return replace(album, id=f"album {album.album}", parts=(*album.parts, *files))
