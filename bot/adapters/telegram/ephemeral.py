"""Messages in a group that one member alone sees.

Since Bot API 10.2 an admin bot may send them to any member who is no bot, at any time. The client
speaks 10.0, so their fields go beside its own. Bot API 10.3 calls the receiver by another name
(core.telegram.org/bots/api-changelog): both are sent, since a server drops what it does not know.
"""

from __future__ import annotations

from typing import Any

import structlog
from telegram import Message

from bot.adapters.spending import ShareSpent
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import Refused, Unknown
from bot.adapters.telegram.writing import MOST_TEXT, cut, without_mentions
from bot.domain.memory import Budget
from bot.domain.messages import Person, Place

log = structlog.get_logger(__name__)

A_MINUTE = 10
"""The most in a group: it is not known that they do not count among its twenty messages a minute,
and what reviewers bring back must find room among those."""

_DELETE = "deleteEphemeralMessage"


class Ephemeral:
    """Sends them where the server has them.

    A server that does not would show to all what is meant for one. So it is asked first for a
    method that came with them, and its answer is looked at: what went out to all is taken back,
    and nothing is sent so again.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: bool | None = None

    async def say(self, person: Person, place: Place, text: str, patience_s: float) -> bool:
        """Whether a member was told in a group, unseen by others; Telegram does not promise that
        it is delivered. patience_s: the longest wait for a turn. Raises PlatformBusy,
        PlatformError."""
        chat, receiver = int(place.group), int(person.id)
        if receiver < 0 or not await self._is_known(chat, receiver):
            return False
        try:
            sent = await self._send(chat, receiver, place.channel, text, patience_s)
        except (Refused, ShareSpent):  # no member any more, or no admin: there are other ways
            return False
        if "ephemeral_message_id" in sent.api_kwargs:
            return True
        await self._take_back(sent)
        return False

    async def _send(
        self, chat: int, receiver: int, topic: str, text: str, patience_s: float
    ) -> Message:
        bot, to = self._client.bot, {"receiver_user_id": receiver}
        return await self._client.act(
            chat,
            Spend.MESSAGE,
            lambda: bot.send_message(
                chat,
                cut(without_mentions(text), MOST_TEXT)[0],
                message_thread_id=int(topic) if topic else None,
                disable_web_page_preview=True,
                api_kwargs={**to, "ephemeral_message_parameters": to},
            ),
            patience_s=patience_s,
            share=Budget(f"telegram {chat} ephemeral", A_MINUTE, 61.0),
        )

    async def _is_known(self, chat: int, receiver: int) -> bool:
        """Whether the server has them. Raises PlatformError."""
        if self._known is None:
            nothing: dict[str, Any] = {
                "chat_id": chat,
                "receiver_user_id": receiver,
                "ephemeral_message_id": 0,
            }
            try:
                await self._client.act(
                    chat, Spend.DEED, lambda: self._client.bot.do_api_request(_DELETE, nothing)
                )
            except Unknown:
                self._known = False
                log.info("the server has no ephemeral messages, done without")
            except Refused:  # there is no such message, but there is such a method
                self._known = True
        return bool(self._known)

    async def _take_back(self, sent: Message) -> None:
        self._known = False
        log.warning("a message for one member was shown to all, taken back", chat=sent.chat.id)
        bot, chat = self._client.bot, sent.chat.id
        await self._client.act(chat, Spend.DEED, lambda: bot.delete_message(chat, sent.message_id))
