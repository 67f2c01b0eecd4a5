"""Posts a hidden message again: Telegram has no undelete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from time import monotonic
from typing import Any

from telegram import Message, MessageEntity, ReplyParameters

from bot.adapters.telegram import marks
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import PLATFORM, Refused
from bot.adapters.telegram.reposting import Progress
from bot.adapters.telegram.sending import (
    NOTHING,
    PAID_WITHIN_S,
    Call,
    FileSender,
    Ways,
    is_of_a_file,
    takes_caption,
    together,
)
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
from bot.domain.errors import PlatformBusy
from bot.domain.messages import Attachment, PartKind, Place
from bot.domain.ports import Phrases

_SAID = (PartKind.TEXT, PartKind.CAPTION, PartKind.FORWARD, PartKind.POLL)


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
        author = called(message.author.person.name or message.author.person.id)
        header = self._header(author, message)
        message, ways = _what_comes_back(message, ways)
        body, files = unpinging(_said(message)), message.attachments
        caption = _caption(files, header, body)
        texts = [] if caption else self._texts(message, header, body)
        for call in texts[progress.steps :]:
            await self._post(message, progress, call)
        await self._bring_back(message, ways, caption or NOTHING, progress, len(texts))
        if caption and body.text and progress.ref is None:  # under none of its files
            await self._post(message, progress, self._text(message, header, body))
        return Restored(len(files), progress.lost, bool(body.text))

    async def _post(self, message: core.Message, progress: Progress, call: Call) -> None:
        step = partial(progress.post, call)
        await self._client.act(int(message.place.group), Spend.MESSAGE, step)

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

    def _header(self, author: str, message: core.Message) -> str:
        """Whose it was, and what of it does not come back."""
        lines = [self._phrases.say("telegram.restored", who=author)]
        for key, fields in filter(None, map(loss, filter(is_thing, message.attachments))):
            lines.append(self._phrases.say(key, **fields))
        return "\n".join(lines)

    def _texts(self, message: core.Message, header: str, body: Written) -> list[Call]:
        first, rest = parted(body, MOST_TEXT - length(header) - 1)
        calls = [self._text(message, header, first)]
        while rest.text:
            first, rest = parted(rest, MOST_TEXT)
            calls.append(self._text(message, "", first))
        return calls

    def _text(self, message: core.Message, header: str, body: Written) -> Call:
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

        return post


def _caption(files: Sequence[Attachment], header: str, body: Written) -> Written | None:
    """What stands under the first of its files; None where there is no room for it."""
    if not files or not all(map(takes_caption, files)):
        return None
    fits = length(header) + 1 + length(body.text) <= MOST_CAPTION
    return _attributed(header, body) if fits else None


def _halves(ways: Ways) -> list[Ways]:
    """None of what is one file."""
    middle = len(ways[0]) // 2
    return [[way[:middle] for way in ways], [way[middle:] for way in ways]] if middle else []


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
