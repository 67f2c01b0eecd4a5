"""Shows reviewers the files that are kept with a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from telegram import MessageEntity, ReplyParameters

from bot.adapters.case_files import CaseFiles
from bot.adapters.spending import PATIENCE_S
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import InDoubt, Refused
from bot.adapters.telegram.refusals import is_of_a_right
from bot.adapters.telegram.sending import FileSender
from bot.adapters.telegram.uploads import Upload, from_elsewhere, together
from bot.adapters.telegram.writing import Writing, Written, cut, harmless
from bot.domain.ports import Order, Phrases

log = structlog.get_logger(__name__)

SHOWN_WITHIN_S = 10.0
"""The longest wait of pictures for their turn, a second or so after their card."""

PATIENT_FOR = 6
"""So many tries, and what may stand already is not sent again: Telegram lets no bot look for it."""


class Shower:
    """Posts files of another platform's message in answer to their case's card, covered."""

    def __init__(self, client: Client, files: CaseFiles, phrases: Phrases) -> None:
        self._client = client
        self._files = files
        self._phrases = phrases
        self._sender = FileSender(client)
        self._standing: dict[str, set[int]] = {}
        """What stands of the files of intents that are to be tried again."""

    async def show(self, order: Order, card: int) -> frozenset[int]:
        """Show the files that Telegram takes and can cover; their numbers. Raises PlatformBusy,
        PlatformError, StorageUnavailable: to be tried again; Refused where the bot may not."""
        uploads = from_elsewhere(await self._files.of(order))
        shown = self._standing.setdefault(order.intent.id, set())
        left = {number: each for number, each in uploads.items() if number not in shown}
        refused: list[Refused] = []
        try:
            await self._show(order, card, left, shown, refused)
        except InDoubt as exc:
            if order.attempt <= PATIENT_FOR:
                raise
            log.warning("files not shown", case=order.effect.case_id, error=str(exc))
        del self._standing[order.intent.id]
        if not shown and (barred := next(filter(is_of_a_right, refused), None)) is not None:
            raise barred
        return frozenset(shown)

    async def _show(
        self,
        order: Order,
        card: int,
        left: dict[int, Upload],
        shown: set[int],
        refused: list[Refused],
    ) -> None:
        """Of an album that is refused, others than the one that Telegram does not take may stand
        alone."""
        cost = len(left)  # paid for at once, so that nothing stands half
        for numbers in together(left):
            for few in (numbers, *([n] for n in numbers if len(numbers) > 1)):
                if shown.issuperset(few):
                    continue
                try:
                    await self._post(order, card, [left[n] for n in few], cost)
                except Refused as exc:
                    log.warning("files not shown", case=order.effect.case_id, why=exc.why)
                    refused.append(exc)
                else:
                    shown.update(few)
                cost = 0

    async def _post(self, order: Order, card: int, files: Sequence[Upload], cost: int) -> None:
        """Send files in one call. cost: of the minute's messages; 0 for what is paid for."""
        chat = int(order.effect.place.group)
        [(_, calls)] = self._sender.steps(
            chat, [files], caption=self._caption(order), covered=True, **_where(order, card)
        )
        spend, patience_s = (Spend.MESSAGE, PATIENCE_S) if cost else (Spend.EDIT, SHOWN_WITHIN_S)
        await self._sender.take(chat, spend, (cost or 1, calls), patience_s=patience_s)

    def _caption(self, order: Order) -> Written:
        author = order.card.case.author if order.card else None
        who = harmless(cut(author.name or author.id, 64)[0]) if author else ""
        said = self._phrases.say("telegram.kept", number=str(order.case_number), who=who)
        return Writing().add(said, MessageEntity.ITALIC).written()


def _where(order: Order, card: int) -> dict[str, Any]:
    place = order.effect.place
    where: dict[str, Any] = {
        "reply_parameters": ReplyParameters(card, allow_sending_without_reply=True)
    }
    if place.channel:
        where["message_thread_id"] = int(place.channel)
    return where
