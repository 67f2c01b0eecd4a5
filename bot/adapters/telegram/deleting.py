"""Deletes messages of a group by Telegram's calls for one and for several."""

from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import Refused, Unknown
from bot.adapters.together import TogetherDeleter
from bot.domain.effects import Result

AT_ONCE = 100
_SEVERAL = "deleteMessages"
_GONE = ("message to delete not found", "message_id_invalid", "message identifier is not")


class Deleter(TogetherDeleter):
    """Telegram keeps no log, so reasons are left out. Raises PlatformError, Refused."""

    def __init__(self, client: Client) -> None:
        super().__init__(Refused, AT_ONCE)
        self._client = client

    async def _call(self, place: int, ids: Sequence[int], reason: str) -> Result:
        if len(ids) > 1 and self._client.knows(_SEVERAL):
            bot = self._client.bot
            try:
                await self._client.act(place, Spend.DEED, lambda: bot.delete_messages(place, ids))
            except Unknown:
                self._client.misses(_SEVERAL)
            else:
                return Result.DONE
        results = [await self._one(place, each) for each in ids]
        return Result.DONE if Result.DONE in results else Result.GONE

    async def _one(self, chat: int, message: int) -> Result:
        bot = self._client.bot
        try:
            await self._client.act(chat, Spend.DEED, lambda: bot.delete_message(chat, message))
        except Refused as refused:
            if refused.says(*_GONE):
                return Result.GONE
            raise
        return Result.DONE
