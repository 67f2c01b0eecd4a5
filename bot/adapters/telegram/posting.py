"""Posts cards in the review channel, and draws them anew where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from telegram import LinkPreviewOptions, ReplyParameters

from bot.adapters.telegram.cards import drawn, keyboard
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import PLATFORM, Refused
from bot.adapters.telegram.files import album_part, arguments, shown
from bot.domain.cards import Card
from bot.domain.effects import Outcome, Result
from bot.domain.errors import PlatformError
from bot.domain.messages import Attachment, Place
from bot.domain.ports import Order, Phrases

log = structlog.get_logger(__name__)

SHOWN_WITHIN_S = 10.0
"""The longest wait of pictures for their turn, a second or so after their card."""


class CardPoster:
    """Cards as messages with inline keyboards."""

    def __init__(self, client: Client, phrases: Phrases) -> None:
        self._client = client
        self._phrases = phrases

    async def post(self, order: Order) -> Outcome:
        """Post a card, or edit the one that is there. Raises PlatformError, Refused."""
        card, place = order.card, order.effect.place
        if card is None:
            raise PlatformError(PLATFORM, f"intent {order.intent.id} comes without its card")
        if card.ref is not None and await self._edited(card, place, card.ref):
            return Outcome(Result.DONE, ref=card.ref)
        pictures = shown(card.message)
        ref = await self._posted(card, place, 1 + len(pictures))
        if pictures:
            await self._show(pictures, card, place, ref)
        return Outcome(Result.DONE, ref=ref)

    async def _edited(self, card: Card, place: Place, ref: str) -> bool:
        """Whether the card shows how its case stands; False when it is no longer there."""
        chat, bot = int(place.group), self._client.bot
        content = self._content(card)
        try:
            await self._client.act(
                chat,
                Spend.EDIT,
                lambda: bot.edit_message_text(chat_id=chat, message_id=int(ref), **content),
            )
        except Refused as refused:
            if refused.says("not modified"):
                return True
            if refused.says("message to edit not found", "can't be edited", "message_id_invalid"):
                return False
            raise
        return True

    async def _posted(self, card: Card, place: Place, cost: int) -> str:
        """cost: of the minute's messages, with those that follow: a card waits until its pictures
        have room as well, so that no reviewer decides about what they cannot see."""
        chat, bot = int(place.group), self._client.bot
        content = self._content(card)
        sent = await self._client.act(
            chat,
            Spend.MESSAGE,
            lambda: bot.send_message(chat, **content, **_topic(place)),
            cost=cost,
        )
        return str(sent.message_id)

    def _content(self, card: Card) -> dict[str, Any]:
        written = drawn(card, self._phrases)
        return {
            "text": written.text,
            "entities": written.entities,
            "reply_markup": keyboard(card, self._phrases),
            "link_preview_options": LinkPreviewOptions(is_disabled=True),
        }

    async def _show(
        self, pictures: Sequence[Attachment], card: Card, place: Place, ref: str
    ) -> None:
        """Show pictures, covered, under their card; the case does not hang on them."""
        chat, bot = int(place.group), self._client.bot
        where = {**_topic(place), "reply_parameters": ReplyParameters(int(ref))}
        if len(pictures) == 1:
            send = getattr(bot, f"send_{pictures[0].kind}")
            call = partial(send, chat, **{**arguments(pictures[0]), "has_spoiler": True}, **where)
        else:
            media = [album_part(each, has_spoiler=True) for each in pictures]
            call = partial(bot.send_media_group, chat, media, **where)
        try:
            await self._client.act(chat, Spend.EDIT, call, patience_s=SHOWN_WITHIN_S)
        except (PlatformError, Refused) as exc:
            log.info("files not shown with their card", case=card.case.id, error=str(exc))


def _topic(place: Place) -> dict[str, Any]:
    return {"message_thread_id": int(place.channel)} if place.channel else {}
