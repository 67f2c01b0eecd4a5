"""Posts a hidden message again, in its author's name: Discord has no undelete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
import structlog
from discord import Webhook
from discord.utils import time_snowflake

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import PLATFORM, UNKNOWN_WEBHOOK, Refused
from bot.adapters.discord.keeping import Keeper, uploads
from bot.adapters.discord.words import Words
from bot.adapters.discord.writing import MOST_TEXT, cut, webhook_name
from bot.domain import messages as core
from bot.domain.errors import PlatformError
from bot.domain.files import KeptFile
from bot.domain.messages import PartKind, Person, Place
from bot.domain.ports import Order

log = structlog.get_logger(__name__)

NAME = "Aman"
LOOKED_THROUGH = 100
_SAID = (PartKind.TEXT, PartKind.FORWARD, PartKind.POLL)


class Restorer:
    """Reposts by a webhook with the author's name and picture, in the thread, with the files that
    were put aside, marked as brought back by reviewers. Nobody is pinged."""

    def __init__(self, client: Client, keeper: Keeper, words: Words) -> None:
        self._client = client
        self._keeper = keeper
        self._words = words

    async def restore(self, order: Order, message: core.Message) -> str:
        """Post it again; the ids of what was posted, by commas. An earlier try that got through
        is found, not repeated. Raises PlatformError, StorageUnavailable, Refused."""
        place = order.effect.place
        files = await self._keeper.files(order)
        try:
            return await self._post(order, place, message, files)
        except Refused as refused:
            if refused.code != UNKNOWN_WEBHOOK:  # taken away since it was looked up
                raise
            return await self._post(order, place, message, files)

    async def _post(
        self, order: Order, place: Place, message: core.Message, files: Sequence[KeptFile]
    ) -> str:
        channel = int(place.channel)
        webhook, thread = await self._webhook(channel)
        name = webhook_name(message.author.person.name or message.author.person.id)
        common: dict[str, Any] = {"username": name, "wait": True}
        if picture := await self._picture(message.author.person):
            common["avatar_url"] = picture
        if thread is not None:
            common["thread"] = discord.Object(thread)
        posted = await self._posted(channel, webhook, order) if order.attempt > 1 else {}
        texts = self._texts(order, message)
        ids = []
        for text in texts:
            options = dict(common)
            if files and text is texts[-1]:
                options["files"] = uploads(files, covered=False)
            ids.append(posted.get(_mark(text)) or await self._send(channel, webhook, text, options))
        return ",".join(str(each) for each in ids)

    async def _send(
        self, channel: int, webhook: Webhook, text: str, options: dict[str, Any]
    ) -> int:
        sent = await self._client.act(
            channel,
            Spend.MESSAGE,
            lambda: webhook.send(text, allowed_mentions=discord.AllowedMentions.none(), **options),
        )
        return int(sent.id)

    def _texts(self, order: Order, message: core.Message) -> list[str]:
        """What to post, in parts; by its last line each is known from all else that is brought
        back, be it the same insult said twice."""
        said = "\n".join(part.text for part in message.parts if part.kind in _SAID)
        if not said and not message.attachments:
            said = message.text
        number = f"#{order.case_number}"
        header = f"-# {self._words.say('discord.restored')} · {number}"
        if message.reply_to and message.link:
            answered = f"{message.link.rsplit('/', 1)[0]}/{message.reply_to}"
            header += f" · {self._words.say('discord.in_reply', link=answered)}"
        first, rest = cut(said, MOST_TEXT - len(header) - 1)
        texts = [f"{first}\n{header}" if first else header]
        while rest:
            mark = f"-# {number} · {len(texts) + 1}"
            first, rest = cut(rest, MOST_TEXT - len(mark) - 1)
            texts.append(f"{first}\n{mark}")
        return texts

    async def _picture(self, author: Person) -> str | None:
        gateway = self._client.gateway
        try:
            user = gateway.get_user(int(author.id))
            if user is None:
                user = await self._client.read(gateway.fetch_user(int(author.id)))
        except (PlatformError, Refused) as exc:
            log.info("restored without a picture", error=str(exc))
            return None
        return user.display_avatar.url

    async def _webhook(self, channel: int) -> tuple[Webhook, int | None]:
        """The webhook for a channel, and the thread to post in where the channel is one."""
        where = await self._client.channel(channel)
        thread = where.id if isinstance(where, discord.Thread) else None
        if isinstance(where, discord.Thread):
            where = await self._client.channel(where.parent_id)
        if not isinstance(
            where,
            discord.TextChannel
            | discord.ForumChannel
            | discord.VoiceChannel
            | discord.StageChannel,
        ):
            raise PlatformError(PLATFORM, f"channel {channel} takes no webhook")
        # Asked each time: an admin may have moved the webhook, and it posts wherever it stands.
        read = self._client.read
        own = [each for each in await read(where.webhooks()) if self._own(each)]
        return own[0] if own else await read(where.create_webhook(name=NAME)), thread

    def _own(self, webhook: Webhook) -> bool:
        user = webhook.user
        return bool(webhook.token) and user is not None and user.id == self._client.me.id

    async def _posted(self, channel: int, webhook: Webhook, order: Order) -> dict[str, int]:
        """What an earlier try posted, by its mark: its text Discord may have trimmed. Tries follow
        each other closely, so it is among the newest."""
        since = time_snowflake(order.intent.created_at) - 1
        found = await self._client.read(self._client.http.logs_from(channel, LOOKED_THROUGH))
        return {
            _mark(each["content"]): int(each["id"])
            for each in found
            if each.get("webhook_id") == str(webhook.id) and int(each["id"]) > since
        }


def _mark(text: str) -> str:
    return text.rpartition("\n")[2]
