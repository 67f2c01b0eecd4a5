"""Cards that stand twice, since they were not found where they had been posted."""

from __future__ import annotations

import structlog

from bot.adapters.telegram.client import Client, Spend
from bot.domain.messages import Place, readable
from bot.domain.ports import Store

log = structlog.get_logger(__name__)


class Twins:
    """Removes the card that is not on record once somebody presses it.

    Killed or cut off between a card's posting and its record, a bot that does not find the card
    (`Postings`) posts it again, for a case without a card is decided by nobody. Both bear the same
    buttons, so that either decides the case, once.
    """

    def __init__(self, client: Client, store: Store) -> None:
        self._client = client
        self._store = store

    async def remove(self, button_id: str, place: Place, message: int) -> None:
        """Delete the message that a button was pressed on, if it is not its case's card.

        Raises StorageUnavailable, PlatformError, Refused.
        """
        async with self._store.reading() as tx:
            drawn = await tx.cards.button(readable(button_id))
            ref = await tx.cards.card_ref(drawn.case_id, place) if drawn is not None else None
        if ref is None or ref == str(message):
            return
        log.info("a card that stood twice is removed", message=message, card=ref)
        bot, chat = self._client.bot, int(place.group)
        await self._client.act(chat, Spend.DEED, lambda: bot.delete_message(chat, message))
