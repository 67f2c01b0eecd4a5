"""Shows reviewers the files that are kept with a case."""

from __future__ import annotations

from collections.abc import Sequence

import discord
import structlog

from bot.adapters.case_files import CaseFiles
from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    THREAD_IS_ARCHIVED,
    Refused,
)
from bot.adapters.discord.keeping import uploads
from bot.adapters.discord.words import Words
from bot.adapters.discord.writing import plain
from bot.domain.files import KeptFile
from bot.domain.ports import Order

log = structlog.get_logger(__name__)

MOST_NONCE = 25

_OF_THE_CHANNEL = (MISSING_ACCESS, MISSING_PERMISSIONS, THREAD_IS_ARCHIVED)
"""Refusals that are no file's fault."""


class Shower:
    """Posts files in answer to their case's card, covered."""

    def __init__(self, client: Client, files: CaseFiles, words: Words) -> None:
        self._client = client
        self._files = files
        self._words = words

    async def show(self, order: Order, card: int) -> frozenset[int]:
        """Show the files that Discord takes; their numbers. Raises PlatformError,
        StorageUnavailable: to be tried again; Refused where the channel takes none now."""
        files = await self._files.of(order)
        if len(files) > 1 and await self._is_shown(order, card, files):
            return frozenset(each.number for each in files)
        return frozenset(
            [each.number for each in files if await self._is_shown(order, card, [each])]
        )

    async def _is_shown(self, order: Order, card: int, files: Sequence[KeptFile]) -> bool:
        """Whether these files stand now; those that an interrupted attempt posted a moment ago,
        Discord itself knows by their nonce."""
        place = order.effect.place
        guild, channel = int(place.group), int(place.channel)
        target = self._client.gateway.get_partial_messageable(channel, guild_id=guild)
        answered = discord.MessageReference(
            message_id=card, channel_id=channel, guild_id=guild, fail_if_not_exists=False
        )
        nonce = f"{len(files)}.{files[0].number}.{order.intent.id}"[:MOST_NONCE]
        try:
            await self._client.act(
                channel,
                Spend.MESSAGE,
                lambda: target.send(
                    self._said(order),
                    files=uploads(files, covered=True),
                    reference=answered,
                    nonce=nonce,
                    silent=True,
                ),
            )
        except Refused as refused:
            if refused.code in _OF_THE_CHANNEL:
                raise
            log.warning("files not shown", case=order.effect.case_id, why=refused.why)
            return False
        return True

    def _said(self, order: Order) -> str:
        author = order.card.case.author if order.card else None
        who = plain(author.name or author.id) if author else ""
        return self._words.say("discord.kept", number=str(order.case_number), who=who)
