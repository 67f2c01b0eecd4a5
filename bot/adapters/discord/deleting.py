"""Deletes messages of a channel by Discord's calls for one and for several."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from discord.utils import snowflake_time, utcnow

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, Refused
from bot.adapters.together import TogetherDeleter
from bot.domain.effects import Result

AT_ONCE = 100
BULK_WITHIN = timedelta(days=14)
"""Discord deletes in bulk only what is younger than two weeks, and refuses the whole call for one
that is not ("Bulk Delete Messages")."""

MOST_REASON = 500
_MARGIN = timedelta(hours=1)


class Deleter(TogetherDeleter):
    """Reasons go into the server's audit log. Raises PlatformError, Refused."""

    def __init__(self, client: Client) -> None:
        super().__init__(Refused, AT_ONCE)
        self._client = client

    async def _call(self, place: int, ids: Sequence[int], reason: str) -> Result:
        why = reason[:MOST_REASON]
        if len(ids) < 2 or any(_too_old(each) for each in ids):
            results = [await self._one(place, each, why) for each in ids]
            return Result.DONE if Result.DONE in results else Result.GONE
        http = self._client.http
        await self._client.act(
            place, Spend.DEED, lambda: http.delete_messages(place, [*ids], reason=why)
        )
        return Result.DONE

    async def _one(self, channel: int, message: int, reason: str) -> Result:
        http = self._client.http
        try:
            await self._client.act(
                channel, Spend.DEED, lambda: http.delete_message(channel, message, reason=reason)
            )
        except Refused as refused:
            if refused.code in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL):
                return Result.GONE
            raise
        return Result.DONE


def _too_old(message: int) -> bool:
    return utcnow() - snowflake_time(message) > BULK_WITHIN - _MARGIN
