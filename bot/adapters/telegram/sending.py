"""Sends files again by their ids: those of an album in one call, all others alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from telegram import Message

from bot.adapters.spending import PATIENCE_S
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import Refused, telegram_errors
from bot.adapters.telegram.files import album_part, arguments, can_be_covered, goes_in_albums
from bot.adapters.telegram.things import is_thing
from bot.adapters.telegram.writing import Written
from bot.domain.messages import Attachment

NOTHING = Written("")
_WITHOUT_CAPTION = ("sticker", "video_note")
_NO_SUCH_FILE = (
    "wrong file",
    "wrong remote file",
    "file_id_invalid",
    "file_reference_",
    "media_empty",
)
"""Telegram's words for an id that leads to no file, or to none any more."""

Ways = Sequence[Sequence[Attachment]]
"""The same files by different ids, those to be tried first before the others."""

_Call = Callable[[], Awaitable[Sequence[Message]]]

Step = tuple[int, _Call]
"""How many messages a call makes, and the call."""


def takes_caption(file: Attachment) -> bool:
    """Whether a text can stand under such a file."""
    return file.kind not in _WITHOUT_CAPTION and not is_thing(file)


class FileSender:
    """Sends files to a chat."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def send(
        self,
        chat: int,
        ways: Ways,
        spend: Spend,
        *,
        caption: Written = NOTHING,
        covered: bool = False,
        patience_s: float = PATIENCE_S,
        **where: Any,
    ) -> list[Message]:
        """Send files; what was sent, in their order.

        ways: an id that Telegram does not know is tried by the next way.
        caption: under the first of them. covered: under spoilers, where Telegram has those.
        where: topic, reply and the like, as the client takes them.
        Raises PlatformBusy, PlatformError, Refused.
        """
        sent: list[Message] = []
        for cost, call in self.calls(chat, ways, caption=caption, covered=covered, **where):
            sent += await self._client.act(chat, spend, call, cost=cost, patience_s=patience_s)
        return sent

    def calls(
        self,
        chat: int,
        ways: Ways,
        *,
        caption: Written = NOTHING,
        covered: bool = False,
        **where: Any,
    ) -> list[Step]:
        """What `send` does, a step each."""
        steps: list[Step] = []
        texts = {"caption": caption.text, "caption_entities": caption.entities}
        for same in _together(ways):
            first = texts if caption.text and not steps and takes_caption(same[0][0]) else {}
            calls = [self._call(chat, files, first, where, covered=covered) for files in same]
            steps.append((len(same[0]), partial(_first_known, calls)))
        return steps

    def _call(
        self,
        chat: int,
        files: Sequence[Attachment],
        first: Mapping[str, Any],
        where: Mapping[str, Any],
        *,
        covered: bool,
    ) -> _Call:
        bot = self._client.bot
        covers = [{"has_spoiler": True} if covered and can_be_covered(f) else {} for f in files]
        if len(files) > 1:
            media = [
                album_part(file, **cover, **(first if n == 0 else {}))
                for n, (file, cover) in enumerate(zip(files, covers, strict=True))
            ]
            return partial(bot.send_media_group, chat, media, **where)
        send: Callable[..., Awaitable[Message]] = getattr(bot, f"send_{files[0].kind}")
        given = {**arguments(files[0]), **covers[0], **first, **where}

        async def alone() -> Sequence[Message]:
            return [await send(chat, **given)]

        return alone


def _together(ways: Ways) -> list[Ways]:
    """What goes in one call each."""
    if len(ways[0]) > 1 and all(map(goes_in_albums, ways[0])):
        return [ways]
    return [[[file] for file in same] for same in zip(*ways, strict=True)]


async def _first_known(calls: Sequence[_Call]) -> Sequence[Message]:
    """What the first call makes whose ids Telegram knows; refused ones cost no message."""
    for call in calls[:-1]:
        try:
            with telegram_errors():
                return await call()
        except Refused as refused:
            if not refused.says(*_NO_SUCH_FILE):
                raise
    return await calls[-1]()
