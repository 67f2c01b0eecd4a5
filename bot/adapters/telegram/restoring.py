"""Posts a hidden message again: Telegram has no undelete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import compress
from typing import Any

from telegram import Message, MessageEntity, ReplyParameters

from bot.adapters.telegram import marks
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.reposting import Progress
from bot.adapters.telegram.sending import NOTHING, FileSender, Step, Ways, takes_caption
from bot.adapters.telegram.things import comes_back, is_thing, loss
from bot.adapters.telegram.writing import (
    MOST_CAPTION,
    MOST_TEXT,
    Writing,
    Written,
    called,
    length,
    parted,
    unpinging,
)
from bot.domain import messages as core
from bot.domain.messages import PartKind, Place
from bot.domain.ports import Phrases

_SAID = (PartKind.TEXT, PartKind.CAPTION, PartKind.FORWARD, PartKind.POLL)


class Restorer:
    """Reposts with attribution, in the topic, as a reply where it was one, marked up as it was,
    media included; whom it names is not pinged again."""

    def __init__(self, client: Client, phrases: Phrases) -> None:
        self._client = client
        self._phrases = phrases
        self._sender = FileSender(client)

    async def restore(
        self, original: core.Message, place: Place, ways: Ways, progress: Progress
    ) -> None:
        """Post of it what does not stand yet. Raises PlatformBusy, PlatformError, Refused.

        place: where its group is now. What it answered stayed behind when the group moved.
        ways: its files, by what leads to them.
        """
        moved = place.group != original.place.group
        message = replace(original, place=place, reply_to=None if moved else original.reply_to)
        chat = int(place.group)
        for cost, call in self._steps(message, ways)[progress.steps :]:
            step = partial(progress.post, call)
            await self._client.act(chat, Spend.MESSAGE, step, cost=cost)

    def _steps(self, message: core.Message, ways: Ways) -> list[Step]:
        author = called(message.author.person.name or message.author.person.id)
        header = self._header(author, message)
        message, ways = _what_comes_back(message, ways)
        body = unpinging(_said(message))
        files = message.attachments
        captioned = files and takes_caption(files[0])
        if captioned and length(header) + 1 + length(body.text) <= MOST_CAPTION:
            return self._files(message, ways, _attributed(header, body))
        texts = self._texts(message, header, body)
        return [*texts, *self._files(message, ways, NOTHING)] if files else texts

    def _header(self, author: str, message: core.Message) -> str:
        """Whose it was, and what of it does not come back."""
        lines = [self._phrases.say("telegram.restored", who=author)]
        for key, fields in filter(None, map(loss, filter(is_thing, message.attachments))):
            lines.append(self._phrases.say(key, **fields))
        return "\n".join(lines)

    def _texts(self, message: core.Message, header: str, body: Written) -> list[Step]:
        first, rest = parted(body, MOST_TEXT - length(header) - 1)
        steps = [self._text(message, header, first)]
        while rest.text:
            first, rest = parted(rest, MOST_TEXT)
            steps.append(self._text(message, "", first))
        return steps

    def _text(self, message: core.Message, header: str, body: Written) -> Step:
        whole = _attributed(header, body)
        bot, chat = self._client.bot, int(message.place.group)

        async def post() -> Sequence[Message]:
            sent = await bot.send_message(
                chat,
                whole.text,
                entities=whole.entities,
                disable_web_page_preview=True,
                **_where(message),
            )
            return [sent]

        return 1, post

    def _files(self, message: core.Message, ways: Ways, caption: Written) -> list[Step]:
        chat = int(message.place.group)
        return self._sender.calls(chat, ways, caption=caption, **_where(message))


def _what_comes_back(message: core.Message, ways: Ways) -> tuple[core.Message, Ways]:
    """A message and its files without those of which a bot can send none."""
    there = [comes_back(each) for each in message.attachments]
    left = tuple(compress(message.attachments, there))
    return replace(message, attachments=left), [[*compress(way, there)] for way in ways]


def _said(message: core.Message) -> Written:
    """What the message said itself, a part a line, as it was marked up; what a poll says, the poll
    says again."""
    writing = Writing()
    polled = any(each.kind == "poll" for each in message.attachments)
    for part in message.parts:
        if part.kind in _SAID and not (polled and part.kind is PartKind.POLL):
            writing.put(Written(part.text, marks.read(part.marks))).line()
    said = writing.written()
    return said if said.text or message.attachments else Written(message.text)


def _attributed(header: str, body: Written) -> Written:
    writing = Writing()
    if header:
        writing.line(header, MessageEntity.ITALIC)
    return writing.put(body).written()


def _where(message: core.Message) -> dict[str, Any]:
    where: dict[str, Any] = {}
    if message.place.channel:
        where["message_thread_id"] = int(message.place.channel)
    if message.reply_to:
        where["reply_parameters"] = ReplyParameters(
            int(message.reply_to), allow_sending_without_reply=True
        )
    return where
