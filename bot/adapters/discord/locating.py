"""Review channels that an operator bound by the channel's id alone, as `discord:CHANNEL`."""

from __future__ import annotations

import asyncio

import structlog

from bot.adapters.discord.errors import PLATFORM
from bot.adapters.discord.known import KnownGuilds
from bot.domain.errors import FlowUnavailable, InvalidValue, StorageUnavailable
from bot.domain.messages import Place
from bot.domain.ports import Desk
from bot.domain.repositories import Store

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0


class Locating:
    """Sees to it that such a channel is bound with its server, once the bot sees it there."""

    def __init__(self, known: KnownGuilds, store: Store, desk: Desk) -> None:
        self._known = known
        self._store = store
        self._desk = desk
        self._hopeless: set[Place] = set()

    async def run(self) -> None:
        """Look for them until cancelled: they may be bound while the bot is at work."""
        while True:
            try:
                await self._look()
            except (FlowUnavailable, StorageUnavailable) as exc:
                log.warning("channels not looked for", error=str(exc))
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> None:
        async with self._store.reading() as tx:
            communities = await tx.communities.all()
        bound = {place for community in communities for place in community.review_channels}
        for place in bound - self._hopeless:
            if place.platform == PLATFORM and not place.channel:
                whole = await self._known.whole(place)
                if whole is not None:
                    await self._settle(place, whole)

    async def _settle(self, place: Place, whole: Place) -> None:
        try:
            await self._desk.move(place, whole)
        except InvalidValue as exc:
            self._hopeless.add(place)
            log.error("review channel not settled", channel=str(place), why=str(exc))
