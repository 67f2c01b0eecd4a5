"""Tells people something: alone where that is possible, else shortly in the group."""

from __future__ import annotations

import structlog

from bot.adapters.spending import PATIENCE_S, UNHURRIED_S, ShareSpent
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.ephemeral import Ephemeral
from bot.adapters.telegram.errors import PLATFORM, Moved, Refused
from bot.adapters.telegram.writing import MOST_TEXT, cut, without_mentions
from bot.adapters.telling import Fading, Unreachable
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Budget, Unfinished
from bot.domain.messages import Person, Place

log = structlog.get_logger(__name__)

LINES = f"{PLATFORM}:lines"
_NOT_ALONE = ("can't initiate", "blocked", "deactivated", "chat not found", "peer_id_invalid")


class Notices:
    """Private notices: seen by one member alone in the group, where the server has that; else a
    private message to those who have started the bot; and for the rest a line in the group that
    removes itself. In groups few are given a minute, so that the bot is no spammer in a raid.
    """

    def __init__(self, client: Client, unfinished: Unfinished) -> None:
        self._client = client
        self._unfinished = unfinished
        self._ephemeral = Ephemeral(client)
        self._unreachable = Unreachable()
        self._fading = Fading(self._remove)

    async def tell(
        self,
        person: Person,
        place: Place,
        alone: str,
        in_group: str,
        patience_s: float = PATIENCE_S,
    ) -> bool:
        """Tell one person: `alone` where nobody else reads it, or `in_group` where all do.

        patience_s: the longest wait for a turn, here and below; UNHURRIED_S for what nobody tries
        again. False when the group has had its share of lines for now. Raises PlatformBusy,
        PlatformError, Refused.
        """
        if await self._ephemeral.say(person, place, alone, patience_s):
            return True
        if int(person.id) > 0 and await self._tell_alone(person, alone, patience_s):
            return True
        return await self.tell_group(place, in_group, patience_s)

    async def tell_here(self, person: Person, place: Place, text: str) -> bool:
        """Answer one person in the group where they just wrote, alone if that can be; False as
        above.

        Raises PlatformBusy, PlatformError, Refused.
        """
        if await self._ephemeral.say(person, place, text, UNHURRIED_S):
            return True
        return await self.tell_group(place, text)

    async def _tell_alone(self, person: Person, text: str, patience_s: float) -> bool:
        """Whether a private message reached the person."""
        if person.id in self._unreachable:
            return False
        try:
            await self._send(int(person.id), text, None, patience_s)
        except Refused as refused:
            if not refused.says(*_NOT_ALONE):
                raise
            self._unreachable.add(person.id)
            return False
        return True

    async def tell_group(self, place: Place, text: str, patience_s: float = UNHURRIED_S) -> bool:
        """Say a line that goes again after a minute; False when there were too many of late.

        Raises PlatformBusy, PlatformError, Refused.
        """
        chat = int(place.group)
        share = Budget(f"telegram {chat} notices", 5, 61.0)
        try:
            message = await self._send(chat, text, place.channel, patience_s, share)
        except ShareSpent:
            return False
        try:
            await self._unfinished.keep(LINES, f"{chat}:{message}", "")
        except FlowUnavailable as exc:  # only a kill leaves it standing then
            log.warning("a line that is to go is not noted", chat=chat, error=str(exc))
        self._fading.add(chat, message)
        return True

    async def resume(self) -> None:
        """Let lines go that a kill left standing. Raises FlowUnavailable."""
        for line in await self._unfinished.left(LINES):
            chat, _, message = line.partition(":")
            self._fading.add(int(chat), int(message))

    async def close(self) -> None:
        """Remove at once what was to be removed later."""
        await self._fading.close()

    async def _send(
        self,
        chat: int,
        text: str,
        topic: str | None,
        patience_s: float,
        share: Budget | None = None,
    ) -> int:
        bot = self._client.bot
        sent = await self._client.act(
            chat,
            Spend.MESSAGE,
            lambda: bot.send_message(
                chat,
                cut(without_mentions(text), MOST_TEXT)[0],
                message_thread_id=int(topic) if topic else None,
                disable_notification=True if chat < 0 else None,
                disable_web_page_preview=True,
            ),
            patience_s=patience_s,
            share=share,
        )
        return sent.message_id

    async def _remove(self, chat: int, message: int) -> None:
        bot = self._client.bot
        try:
            await self._client.act(chat, Spend.DEED, lambda: bot.delete_message(chat, message))
        # Somebody was faster, or the bot may not, or its group left it behind: it stays as it is.
        except (Refused, Moved) as exc:
            log.info("notice not removed", chat=chat, why=str(exc))
        await self._unfinished.drop(LINES, f"{chat}:{message}")
