"""What is on record of a card that somebody pressed: where it stands, and whether it is the one."""

from __future__ import annotations

import asyncio

import structlog
from telegram import MaybeInaccessibleMessage, Message

from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import PLATFORM
from bot.adapters.telegram.translate import place_of
from bot.domain.messages import Place, readable
from bot.domain.repositories import Store

LOOK_EVERY_S = 3.0
LOOKS = 20
"""For a minute: what is being posted meanwhile is on record then, or is tried again, and found."""

log = structlog.get_logger(__name__)


class PressedCards:
    """Knows cards by their buttons."""

    def __init__(self, client: Client, store: Store) -> None:
        self._client = client
        self._store = store

    async def place(self, button_id: str, message: MaybeInaccessibleMessage) -> Place:
        """Where the message stands that a button was pressed on. Of an old one Telegram tells the
        chat and the id alone: its topic is that which we posted it in.

        Raises StorageUnavailable.
        """
        if isinstance(message, Message) and message.is_accessible:
            return place_of(message)
        chat = Place(PLATFORM, str(message.chat.id))
        async with self._store.reading() as tx:
            drawn = await tx.cards.button(readable(button_id))
            if drawn is None:
                return chat
            case = await tx.cases.get(drawn.case_id)
            community = await tx.communities.get(case.community_id)
            for channel in community.review_channels:
                here = (channel.platform, channel.group) == (chat.platform, chat.group)
                if here and await tx.cards.card_ref(case.id, channel) == str(message.message_id):
                    return channel
        return chat

    async def keep_one(self, button_id: str, place: Place, message: int) -> None:
        """See that one card of a case stands in a channel, now that a button was pressed on this
        message there.

        Killed or cut off between a card's posting and its record, a bot that does not find the
        card (`Postings`) posts it again, for a case without a card is decided by nobody. Both bear
        the same buttons, so that either decides the case, once. Where another is on record, this
        one goes. Where none is, this is the card from now on; but its twin may be on its way just
        then, is the newest on record once it stands, and this one goes.
        Raises StorageUnavailable, PlatformError, Refused.
        """
        async with self._store.reading() as tx:
            drawn = await tx.cards.button(readable(button_id))
        if drawn is None:
            return
        ref = await self._card(drawn.case_id, place)
        if ref is None:
            await self._take_for_card(drawn.case_id, place, str(message))
            for _ in range(LOOKS):
                await asyncio.sleep(LOOK_EVERY_S)
                ref = await self._card(drawn.case_id, place)
                if ref != str(message):
                    break
        if ref is None or ref == str(message):
            return
        log.info("a card that stood twice is removed", message=message, card=ref)
        bot, chat = self._client.bot, int(place.group)
        await self._client.act(chat, Spend.DEED, lambda: bot.delete_message(chat, message))

    async def _card(self, case_id: str, place: Place) -> str | None:
        async with self._store.reading() as tx:
            return await tx.cards.card_ref(case_id, place)

    async def _take_for_card(self, case_id: str, place: Place, message: str) -> None:
        async with self._store.transaction() as tx:
            if await tx.cards.card_ref(case_id, place) is None:
                await tx.cards.set_card_ref(case_id, place, message)
                log.info("a card was pressed that was not on record", case=case_id)
