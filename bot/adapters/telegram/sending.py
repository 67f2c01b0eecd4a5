"""Sends files again by their ids: those of an album in one call, all others alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from telegram import Message

from bot.adapters.spending import PATIENCE_S
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import Refused
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

Call = Callable[[], Awaitable[Sequence[Message]]]

Step = tuple[int, Sequence[Call]]
"""How many messages are made, and the call by each way."""

PAID_WITHIN_S = 10.0
"""The longest wait for its turn of a call that one which was refused has paid for."""


def takes_caption(file: Attachment) -> bool:
    """Whether a text can stand under such a file."""
    return file.kind not in _WITHOUT_CAPTION and not is_thing(file)


def is_of_a_file(refused: Refused) -> bool:
    """Whether an id leads to no file, or to none any more; of several, Telegram names none."""
    return refused.says(*_NO_SUCH_FILE)


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
        for step in self.steps(chat, ways, caption=caption, covered=covered, **where):
            sent += await self.take(chat, spend, step, patience_s=patience_s)
        return sent

    async def take(
        self, chat: int, spend: Spend, step: Step, *, patience_s: float = PATIENCE_S
    ) -> Sequence[Message]:
        """Make the first call of a step whose ids Telegram knows. One that is refused has paid for
        the next, but for its second. Raises PlatformBusy, PlatformError, Refused."""
        cost, calls = step
        for call in calls[:-1]:
            try:
                return await self._client.act(chat, spend, call, cost=cost, patience_s=patience_s)
            except Refused as refused:
                if not is_of_a_file(refused):
                    raise
            spend, cost, patience_s = Spend.EDIT, 1, PAID_WITHIN_S
        return await self._client.act(chat, spend, calls[-1], cost=cost, patience_s=patience_s)

    def steps(
        self,
        chat: int,
        ways: Ways,
        *,
        caption: Written = NOTHING,
        covered: bool = False,
        **where: Any,
    ) -> list[Step]:
        """What `send` does, a step each."""
        return [
            self.step(chat, same, caption=NOTHING if number else caption, covered=covered, **where)
            for number, same in enumerate(together(ways))
        ]

    def step(
        self,
        chat: int,
        ways: Ways,
        *,
        caption: Written = NOTHING,
        covered: bool = False,
        **where: Any,
    ) -> Step:
        """Send files that go in one call."""
        texts = {"caption": caption.text, "caption_entities": caption.entities}
        first = texts if caption.text and takes_caption(ways[0][0]) else {}
        calls = [self._call(chat, files, first, where, covered=covered) for files in ways]
        return len(ways[0]), calls

    def _call(
        self,
        chat: int,
        files: Sequence[Attachment],
        first: Mapping[str, Any],
        where: Mapping[str, Any],
        *,
        covered: bool,
    ) -> Call:
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


def together(ways: Ways) -> list[Ways]:
    """What goes in one call each."""
    if len(ways[0]) > 1 and all(map(goes_in_albums, ways[0])):
        return [ways]
    return [[[file] for file in same] for same in zip(*ways, strict=True)]
