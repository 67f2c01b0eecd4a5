"""Albums: their parts come one by one, are edited one by one, and are one message to people."""

from __future__ import annotations

from dataclasses import replace

from bot.adapters.telegram.translate import album_of
from bot.adapters.texts import Texts
from bot.domain import memory
from bot.domain.messages import Message

QUIET_S = 0.5
"""How long after its last part an album counts as whole: nothing marks its end."""

_EDITED = 1
"""The revision of a part that was edited: it tells that the album has a number to be found."""


class AlbumRevisions:
    """Fits `memory.Revisions`: an album's texts are numbered as those of one message, whichever of
    its parts is edited."""

    def __init__(self, revisions: memory.Revisions) -> None:
        self._revisions = revisions

    async def next_revision(self, message: Message) -> int | None:
        """As `memory.Revisions`. Raises FlowUnavailable."""
        return await self._revisions.next_revision(_whole(message))

    async def revision_of(self, message: Message) -> int:
        """As `memory.Revisions`. Raises FlowUnavailable."""
        return await self._revisions.revision_of(_whole(message))

    async def note(self, message: Message) -> None:
        """As `memory.Revisions`. Raises FlowUnavailable."""
        await self._revisions.note(_whole(message))


class Albums:
    """Gathers the parts of albums, and hands each album in as the one message that it is: at first,
    and again with all its parts when one of them is edited.

    texts: numbers an album's texts by `AlbumRevisions`.
    """

    def __init__(self, kept: memory.Albums, texts: Texts) -> None:
        self._kept = kept
        self._texts = texts

    async def add(self, part: Message) -> None:
        """Take a part in. Raises FlowUnavailable."""
        await self._kept.add(part)

    async def edited(self, part: Message) -> None:
        """Take in what a part says now. Raises FlowUnavailable."""
        await self._kept.add(replace(part, revision=_EDITED))

    async def whole(self, part: Message) -> Message:
        """What people see as one message: the album, whichever part of it is meant. Its revision
        is 0 where none of its parts was edited. Raises FlowUnavailable."""
        return part if part.album is None else await self._with([part])

    async def hand_in(self) -> None:
        """Hand in the albums whose parts are all here. Raises FlowUnavailable, UnreadablePayload;
        those that are left come next time."""
        for parts in await self._kept.whole(QUIET_S):
            if any(part.revision for part in parts):
                await self._texts.changed(await self._with(parts))
            else:
                await self._texts.first(album_of(parts))
            await self._kept.drop(parts)

    async def _with(self, parts: list[Message]) -> Message:
        """An album with these parts as they are now; these alone where it is not known any more."""
        known = await self._kept.of(parts[0])
        together = {each.id: each for each in (*known, *parts)}
        return album_of(sorted(together.values(), key=lambda part: (len(part.id), part.id)))


def _whole(message: Message) -> Message:
    if message.album is None:
        return message
    return replace(message, id=f"album {message.album}")
