"""Posts cards in the review channel, and draws them anew where they stand."""

from __future__ import annotations

import discord

from bot.adapters.case_files import are_due
from bot.adapters.discord.buttons import card_view
from bot.adapters.discord.cards import drawn
from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import PLATFORM, UNKNOWN_MESSAGE, Refused
from bot.adapters.discord.showing import MOST_NONCE, Shower
from bot.adapters.discord.words import Words
from bot.domain.cards import Card
from bot.domain.effects import Outcome, Result
from bot.domain.errors import PlatformError
from bot.domain.messages import Place
from bot.domain.ports import Order


class CardPoster:
    """Cards as messages with an embed and buttons."""

    def __init__(self, client: Client, shower: Shower, words: Words) -> None:
        self._client = client
        self._shower = shower
        self._words = words

    async def post(self, order: Order) -> Outcome:
        """Post a card, or edit the one that is there. Raises PlatformError, Refused."""
        card, place = order.card, order.effect.place
        if card is None:
            raise PlatformError(PLATFORM, f"intent {order.intent.id} comes without its card")
        if not place.channel:
            raise PlatformError(PLATFORM, f"channel {place.group} is in no server that I see")
        if are_due(order):
            return await self._with_files(order, card)
        if card.ref is not None and await self._edited(card, place, int(card.ref)):
            return Outcome(Result.DONE, ref=card.ref)
        ref = await self._posted(card, place, order.intent.id)
        if order.attempt > 1:
            # What an earlier attempt posted shows how the case stood then.
            await self._edited(card, place, int(ref))
        return Outcome(Result.DONE, ref=ref)

    async def _with_files(self, order: Order, card: Card) -> Outcome:
        """Show the files that the card lacks: it is drawn again because of that, and not before."""
        ref = int(card.ref or 0)
        try:
            shown = await self._shower.show(order, ref)
        except (PlatformError, Refused):  # how its case stands is seen meanwhile
            await self._edited(card, order.effect.place, ref)
            raise
        return Outcome(Result.DONE, ref=card.ref, shown=shown)

    async def _edited(self, card: Card, place: Place, ref: int) -> bool:
        """Whether the card shows how its case stands; False when it is no longer there."""
        message = self._channel(place).get_partial_message(ref)
        embed, view = drawn(card, self._words), card_view(card, self._words)
        try:
            await self._client.act(
                int(place.channel), Spend.EDIT, lambda: message.edit(embed=embed, view=view)
            )
        except Refused as refused:
            if refused.code == UNKNOWN_MESSAGE:
                return False
            raise
        return True

    async def _posted(self, card: Card, place: Place, intent: str) -> str:
        embed, view = drawn(card, self._words), card_view(card, self._words)
        # Discord makes one message only of two that bear the same nonce within some minutes.
        nonce = intent[:MOST_NONCE]
        channel = self._channel(place)
        sent = await self._client.act(
            int(place.channel),
            Spend.MESSAGE,
            lambda: channel.send(embed=embed, view=view, nonce=nonce),
        )
        return str(sent.id)

    def _channel(self, place: Place) -> discord.PartialMessageable:
        return self._client.gateway.get_partial_messageable(
            int(place.channel), guild_id=int(place.group)
        )
