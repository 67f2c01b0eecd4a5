"""Posts a hidden message again: Telegram has no undelete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from time import monotonic
from typing import Any

from telegram import Message, ReplyParameters

from bot.adapters.telegram import retelling
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import PLATFORM, Refused
from bot.adapters.telegram.reposting import Progress
from bot.adapters.telegram.sending import (
    NOTHING,
    PAID_WITHIN_S,
    FileSender,
    Ways,
    is_of_a_file,
    together,
)
from bot.adapters.telegram.things import comes_back
from bot.adapters.telegram.writing import Written, unpinging
from bot.domain import messages as core
from bot.domain.errors import PlatformBusy
from bot.domain.messages import Place
from bot.domain.ports import Phrases

LONGEST_S = 20.0
"""After so long the rest of an album is left to another attempt: one that is cut off in a call
leaves nobody knowing whether that got through."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What of a message was brought back.

    files: how many it has that a bot can send. lost: how many of them Telegram knows no more.
    has_text: whether it said something beside them.
    """

    files: int
    lost: int
    has_text: bool

    @property
    def nothing(self) -> bool:
        """Whether none of it stands, but perhaps whose it was."""
        return bool(self.lost) and self.lost == self.files and not self.has_text


class Restorer:
    """Reposts with attribution, in the topic, as a reply where it was one, marked up as it was,
    media included; whom it names is not pinged again."""

    def __init__(self, client: Client, phrases: Phrases) -> None:
        self._client = client
        self._phrases = phrases
        self._sender = FileSender(client)

    async def restore(
        self, original: core.Message, place: Place, ways: Ways, progress: Progress
    ) -> Restored:
        """Post of it what does not stand yet. Raises PlatformBusy, PlatformError, Refused.

        place: where its group is now. What it answered stayed behind when the group moved.
        ways: its files, by what leads to them. Those to which nothing leads any more are left out.
        """
        moved = place.group != original.place.group
        message = replace(original, place=place, reply_to=None if moved else original.reply_to)
        above = retelling.header(message, self._phrases)
        message, ways = _what_comes_back(message, ways)
        body, files = unpinging(retelling.said(message)), message.attachments
        caption = retelling.caption(files, above, body)
        texts = [] if caption else [*retelling.texts(above, body)]
        for text in texts[progress.steps :]:
            await self._say(message, progress, text)
        await self._bring_back(message, ways, caption or NOTHING, progress, len(texts))
        if caption and body.text and progress.ref is None:  # under none of its files
            await self._say(message, progress, caption)
        return Restored(len(files), progress.lost, bool(body.text))

    async def _say(self, message: core.Message, progress: Progress, text: Written) -> None:
        bot, chat = self._client.bot, int(message.place.group)

        async def post() -> Sequence[Message]:
            sent = await bot.send_message(
                chat,
                text.text,
                entities=text.entities,
                disable_web_page_preview=True,
                **_where(message),
            )
            return [sent]

        await self._client.act(chat, Spend.MESSAGE, partial(progress.post, post))

    async def _bring_back(
        self,
        message: core.Message,
        ways: Ways,
        caption: Written,
        progress: Progress,
        behind: int,
    ) -> None:
        """Post the files that do not stand yet, an album as one. Where an id of it leads nowhere
        Telegram posts none of it and does not say which: each half is then tried by itself, which
        in the end leaves out that one alone.

        behind: how many steps come before them.
        """
        chat, done = int(message.place.group), progress.files(behind)
        parts = [(part, False) for part in together([way[done:] for way in ways])]
        until = monotonic() + LONGEST_S
        while parts:
            if monotonic() > until and progress.files(behind) > done:
                raise PlatformBusy(PLATFORM, "an album is brought back bit by bit", 0.0)
            part, is_paid = parts.pop(0)
            under = caption if progress.ref is None else NOTHING
            cost, calls = self._sender.step(chat, part, caption=under, **_where(message))
            posting = [partial(progress.post, call) for call in calls]
            try:
                if is_paid:
                    await self._sender.take(
                        chat, Spend.EDIT, (1, posting), patience_s=PAID_WITHIN_S
                    )
                else:
                    await self._sender.take(chat, Spend.MESSAGE, (cost, posting))
            except Refused as refused:
                if not is_of_a_file(refused):
                    raise
                if cost == 1:
                    await progress.lose()
                parts[:0] = [(half, True) for half in _halves(part)]


def _halves(ways: Ways) -> list[Ways]:
    """None of what is one file."""
    middle = len(ways[0]) // 2
    return [[way[:middle] for way in ways], [way[middle:] for way in ways]] if middle else []


def _what_comes_back(message: core.Message, ways: Ways) -> tuple[core.Message, Ways]:
    """A message and its files without those of which a bot can send none."""
    there = [comes_back(each) for each in message.attachments]
    left = tuple(compress(message.attachments, there))
    return replace(message, attachments=left), [[*compress(way, there)] for way in ways]


def _where(message: core.Message) -> dict[str, Any]:
    where: dict[str, Any] = {}
    if message.place.channel:
        where["message_thread_id"] = int(message.place.channel)
    if message.reply_to:
        where["reply_parameters"] = ReplyParameters(
            int(message.reply_to), allow_sending_without_reply=True
        )
    return where
