"""Posts cards in the review channel, and draws them anew where they stand."""

from __future__ import annotations

from typing import Any

import structlog
from telegram import LinkPreviewOptions, ReplyParameters

from bot.adapters.case_files import are_due
from bot.adapters.telegram.cards import drawn, keyboard
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import PLATFORM, Refused
from bot.adapters.telegram.files import shown, to_be_copied
from bot.adapters.telegram.keeping import Keeper, copied
from bot.adapters.telegram.kept import Kept
from bot.adapters.telegram.postings import Look, Postings
from bot.adapters.telegram.sending import FileSender
from bot.adapters.telegram.showing import SHOWN_WITHIN_S, Shower
from bot.domain.cards import Card
from bot.domain.effects import EffectKind, Outcome, Result
from bot.domain.errors import PlatformBusy, PlatformError
from bot.domain.messages import Message, Place
from bot.domain.ports import Order, Phrases

log = structlog.get_logger(__name__)

COPIED_WITHIN_S = 1.0
PATIENT_FOR = 3
"""How often a card with pictures waits for a hide that is under way and may be copying them."""

_NOT_THERE = ("message to edit not found", "message_id_invalid")
_NO_CARD = ("can't be edited", "no text in the message")
"""Telegram's words for what is no card: another's, or a picture."""


class CardPoster:
    """Cards as messages with inline keyboards."""

    def __init__(
        self,
        client: Client,
        keeper: Keeper,
        shower: Shower,
        postings: Postings,
        phrases: Phrases,
    ) -> None:
        self._client = client
        self._keeper = keeper
        self._shower = shower
        self._postings = postings
        self._phrases = phrases
        self._sender = FileSender(client)

    async def post(self, order: Order) -> Outcome:
        """Post a card, or edit the one that is there. Raises PlatformError, Refused."""
        card, place = order.card, order.effect.place
        if card is None:
            raise PlatformError(PLATFORM, f"intent {order.intent.id} comes without its card")
        if are_due(order) and card.case.place.platform != PLATFORM:  # its own it shows by ids
            return await self._with_files(order, card)
        copyable = to_be_copied(card.message)
        kept = self._keeper.known(order) if copyable else None
        above = kept if kept is not None and kept.chat == place.group else None
        if card.ref is not None:
            found = await self._look(card, above, place, int(card.ref))
            if found is Look.CARD:
                return Outcome(Result.DONE, ref=card.ref)
        if copyable and kept is None and order.attempt <= PATIENT_FOR and _is_being_hidden(card):
            raise PlatformBusy(PLATFORM, "its files are being copied", COPIED_WITHIN_S)
        pictures = () if above is not None else shown(card.message)
        ref = await self._found(order, card, above)
        if ref is None:
            ref = await self._posted(order.intent.id, card, above, place, 1 + len(pictures))
        if pictures and card.message is not None:
            await self._show(card, card.message, kept, place, ref)
        return Outcome(Result.DONE, ref=ref)

    async def _with_files(self, order: Order, card: Card) -> Outcome:
        """Show the files that the card lacks: it is drawn again because of that, and not before. A
        drawing would take the second of the channel's that the files wait for."""
        place, ref = order.effect.place, int(card.ref or 0)
        try:
            shown = await self._shower.show(order, ref)
        except PlatformBusy:
            raise
        except (PlatformError, Refused):
            await self._look(card, None, place, ref)  # how its case stands is seen meanwhile
            raise
        return Outcome(Result.DONE, ref=card.ref, shown=shown)

    async def _look(self, card: Card, above: Kept | None, place: Place, message: int) -> Look:
        """Have the card show how its case stands, if it is there."""
        chat, bot = int(place.group), self._client.bot
        content = self._content(card, above)
        try:
            await self._client.act(
                chat,
                Spend.EDIT,
                lambda: bot.edit_message_text(chat_id=chat, message_id=message, **content),
            )
        except Refused as refused:
            if refused.says("not modified"):
                return Look.CARD
            if refused.says(*_NOT_THERE):
                return Look.NOTHING
            if refused.says(*_NO_CARD):
                return Look.ANOTHERS
            raise
        return Look.CARD

    async def _found(self, order: Order, card: Card, above: Kept | None) -> str | None:
        """The card that a former attempt posted without its being on record."""
        if order.attempt == 1:
            return None
        place = order.effect.place
        found = await self._postings.find(
            order.intent.id, place, lambda id_: self._look(card, above, place, id_)
        )
        if found is None:
            return None
        log.info("a card was found that was not on record", case=card.case.id)
        return str(found)

    async def _posted(
        self, intent: str, card: Card, above: Kept | None, place: Place, cost: int
    ) -> str:
        """above: what the channel shows of the message already; the card answers it.
        cost: of the minute's messages, with those that follow: a card waits until its pictures
        have room as well, so that no reviewer decides about what they cannot see."""
        chat, bot = int(place.group), self._client.bot
        content = {**self._content(card, above), **_topic(place)}
        if above is not None:
            content["reply_parameters"] = ReplyParameters(
                int(above.message), allow_sending_without_reply=True
            )
        sent = await self._client.act(
            chat,
            Spend.MESSAGE,
            lambda: self._postings.post(intent, place, lambda: bot.send_message(chat, **content)),
            cost=cost,
        )
        return str(sent.message_id)

    def _content(self, card: Card, above: Kept | None) -> dict[str, Any]:
        written = drawn(card, self._phrases, above)
        return {
            "text": written.text,
            "entities": written.entities,
            "reply_markup": keyboard(card, self._phrases),
            "link_preview_options": LinkPreviewOptions(is_disabled=True),
        }

    async def _show(
        self, card: Card, message: Message, kept: Kept | None, place: Place, ref: str
    ) -> None:
        """Show pictures, covered, under their card; the case does not hang on them."""
        files, chat = message.attachments, int(place.group)
        wanted = [n for n, file in enumerate(files) if file in shown(message)]
        ways = [kept.copies(files), files] if kept is not None else [files]
        try:
            sent = await self._sender.send(
                chat,
                [[way[n] for n in wanted] for way in ways],
                Spend.EDIT,
                covered=True,
                patience_s=SHOWN_WITHIN_S,
                reply_parameters=ReplyParameters(int(ref)),
                **_topic(place),
            )
        except (PlatformError, Refused) as exc:
            log.info("files not shown with their card", case=card.case.id, error=str(exc))
        else:
            copies = {n: copied(files[n], each) for n, each in zip(wanted, sent, strict=True)}
            self._keeper.note(card.case.id, Kept.of(chat, files, copies))


def _is_being_hidden(card: Card) -> bool:
    return any(each.kind is EffectKind.HIDE and each.result is None for each in card.done)


def _topic(place: Place) -> dict[str, Any]:
    return {"message_thread_id": int(place.channel)} if place.channel else {}
