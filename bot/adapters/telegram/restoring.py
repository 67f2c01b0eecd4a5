"""Posts a hidden message again: Telegram has no undelete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from telegram import (
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    Message,
    MessageEntity,
    ReplyParameters,
)

from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.writing import (
    MOST_CAPTION,
    MOST_TEXT,
    Writing,
    cut,
    length,
    without_mentions,
)
from bot.domain import messages as core
from bot.domain.messages import Attachment, PartKind, Place
from bot.domain.ports import Phrases

_SAID = (PartKind.TEXT, PartKind.CAPTION, PartKind.FORWARD, PartKind.POLL)
_IN_ALBUMS = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "audio": InputMediaAudio,
    "document": InputMediaDocument,
}
_WITHOUT_CAPTION = ("sticker", "video_note")


class Restorer:
    """Reposts with attribution, in the topic, as a reply where it was one, media included.

    A file is sent again by its id, which outlives the message it came with; that costs no call
    before the message is hidden.
    """

    def __init__(self, client: Client, phrases: Phrases) -> None:
        self._client = client
        self._phrases = phrases

    async def restore(self, original: core.Message, place: Place) -> str:
        """Post it again; the ids of what was posted, by commas. Raises PlatformError, Refused.

        place: where its group is now. What it answered stayed behind when the group moved.
        """
        moved = place.group != original.place.group
        message = replace(original, place=place, reply_to=None if moved else original.reply_to)
        author = without_mentions(message.author.person.name or message.author.person.id)
        header = self._phrases.say("telegram.restored", who=cut(author, 64)[0])
        said = "\n".join(part.text for part in message.parts if part.kind in _SAID)
        if not said and not message.attachments:
            said = message.text
        body = without_mentions(said)
        files = message.attachments
        captioned = files and files[0].kind not in _WITHOUT_CAPTION
        if captioned and length(header) + 1 + length(body) <= MOST_CAPTION:
            return _ref(await self._files(message, files, header, body))
        sent = await self._texts(message, header, body)
        if files:
            sent += await self._files(message, files, "", "")
        return _ref(sent)

    async def _texts(self, message: core.Message, header: str, body: str) -> list[Message]:
        first, rest = cut(body, MOST_TEXT - length(header) - 1)
        sent = [await self._text(message, header, first)]
        while rest:
            first, rest = cut(rest, MOST_TEXT)
            sent.append(await self._text(message, "", first))
        return sent

    async def _text(self, message: core.Message, header: str, body: str) -> Message:
        text, entities = _attributed(header, body)
        bot, chat = self._client.bot, int(message.place.group)
        sent: Message = await self._send(
            message,
            lambda: bot.send_message(
                chat, text, entities=entities, disable_web_page_preview=True, **_where(message)
            ),
        )
        return sent

    async def _files(
        self, message: core.Message, files: Sequence[Attachment], header: str, body: str
    ) -> list[Message]:
        caption, entities = _attributed(header, body)
        bot, chat = self._client.bot, int(message.place.group)
        together = len(files) > 1 and all(each.kind in _IN_ALBUMS for each in files)
        if together:
            media = [
                _IN_ALBUMS[file.kind](
                    file_id(file),
                    caption=(caption or None) if n == 0 else None,
                    caption_entities=entities if n == 0 else None,
                )
                for n, file in enumerate(files)
            ]
            return [
                *await self._send(
                    message,
                    lambda: bot.send_media_group(chat, media, **_where(message)),
                    cost=len(media),
                )
            ]
        sent = []
        for n, file in enumerate(files):
            texts: dict[str, Any] = {}
            if n == 0 and caption and file.kind not in _WITHOUT_CAPTION:
                texts = {"caption": caption, "caption_entities": entities}
            send: Callable[..., Awaitable[Message]] = getattr(bot, f"send_{file.kind}")
            call = _bound(send, chat, file_id(file), **texts, **_where(message))
            sent.append(await self._send(message, call))
        return sent

    async def _send(
        self, message: core.Message, call: Callable[[], Awaitable[Any]], cost: int = 1
    ) -> Any:
        return await self._client.act(int(message.place.group), Spend.MESSAGE, call, cost=cost)


def file_id(file: Attachment) -> str:
    """The file's id in an attachment's reference."""
    return file.ref.partition(":")[2]


def _attributed(header: str, body: str) -> tuple[str, tuple[MessageEntity, ...]]:
    writing = Writing()
    if header:
        writing.line(header, MessageEntity.ITALIC)
    written = writing.add(body).written()
    return written.text, written.entities


def _where(message: core.Message) -> dict[str, Any]:
    where: dict[str, Any] = {}
    if message.place.channel:
        where["message_thread_id"] = int(message.place.channel)
    if message.reply_to:
        where["reply_parameters"] = ReplyParameters(
            int(message.reply_to), allow_sending_without_reply=True
        )
    return where


def _bound(
    send: Callable[..., Awaitable[Message]], *args: Any, **kwargs: Any
) -> Callable[[], Awaitable[Message]]:
    return lambda: send(*args, **kwargs)


def _ref(sent: Sequence[Message]) -> str:
    return ",".join(str(each.message_id) for each in sent)
