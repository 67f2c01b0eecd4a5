"""Posts cards in the review channel, and draws them anew where they stand."""

from __future__ import annotations

from typing import Any

import structlog
from telegram import InputMediaPhoto, InputMediaVideo, LinkPreviewOptions, ReplyParameters

from bot.adapters.telegram.cards import drawn, keyboard
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import PLATFORM, Refused
from bot.adapters.telegram.restoring import file_id
from bot.domain import messages as core
from bot.domain.cards import Card
from bot.domain.effects import Outcome, Result
from bot.domain.errors import PlatformError
from bot.domain.messages import Place
from bot.domain.ports import Order, Phrases

log = structlog.get_logger(__name__)

_COVERED = {"photo": InputMediaPhoto, "video": InputMediaVideo}
MOST_FILES = 10


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
        ref = await self._posted(card, place)
        message = card.message
        if message is not None and message.attachments and message.place.platform == PLATFORM:
            await self._show_files(message, place, ref)
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

    async def _posted(self, card: Card, place: Place) -> str:
        chat, bot = int(place.group), self._client.bot
        content = self._content(card)
        sent = await self._client.act(
            chat, Spend.MESSAGE, lambda: bot.send_message(chat, **content, **_topic(place))
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

    async def _show_files(self, message: core.Message, place: Place, card_ref: str) -> None:
        """Show what pictures there were, covered, under the card; the case does not hang on it."""
        shown = [each for each in message.attachments if each.kind in _COVERED][:MOST_FILES]
        if not shown:
            return
        chat, bot = int(place.group), self._client.bot
        where = {**_topic(place), "reply_parameters": ReplyParameters(int(card_ref))}
        media = [_COVERED[each.kind](file_id(each), has_spoiler=True) for each in shown]
        try:
            if len(shown) == 1:
                send = bot.send_photo if shown[0].kind == "photo" else bot.send_video
                await self._client.act(
                    chat,
                    Spend.MESSAGE,
                    lambda: send(chat, file_id(shown[0]), has_spoiler=True, **where),
                )
            else:
                await self._client.act(
                    chat,
                    Spend.MESSAGE,
                    lambda: bot.send_media_group(chat, media, **where),
                    cost=len(media),
                )
        except (PlatformError, Refused) as exc:
            log.info("files not shown with their card", message=message.key, error=str(exc))


def _topic(place: Place) -> dict[str, Any]:
    return {"message_thread_id": int(place.channel)} if place.channel else {}
