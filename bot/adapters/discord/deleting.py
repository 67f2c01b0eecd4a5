"""Deletes messages, those that wait for the same channel together."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from discord.utils import snowflake_time, utcnow

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, Refused
from bot.domain.effects import Result

AT_ONCE = 100
BULK_WITHIN = timedelta(days=14)
"""Discord deletes in bulk only what is younger than two weeks, and refuses the whole call for one
that is not ("Bulk Delete Messages")."""

_MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Wanted:
    ids: Sequence[int]
    reason: str
    ended: asyncio.Future[Result]


class Deleter:
    """The first deletion in a channel goes out at once; those that come while it is on its way go
    together in the next call."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: dict[int, list[_Wanted]] = defaultdict(list)
        self._turns: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def delete(self, channel: int, ids: Sequence[int], reason: str) -> Result:
        """Delete messages of one channel: DONE, or GONE where none was there any more.

        Discord says of several only that they are gone now, so GONE is known of one alone.
        Raises PlatformError, Refused.
        """
        wanted = _Wanted(ids, reason, asyncio.get_running_loop().create_future())
        self._waiting[channel].append(wanted)
        async with self._turns[channel]:
            if not wanted.ended.done():
                await self._delete_waiting(channel)
        return await wanted.ended

    async def _delete_waiting(self, channel: int) -> None:
        together = self._next(channel)
        try:
            result = await self._call(channel, together)
        except Refused as refused:
            if len(together) > 1:  # one that must stay keeps all others: ask for each alone
                await asyncio.gather(*(self._alone(channel, one) for one in together))
            else:
                _fail(together, refused)
        except BaseException as exc:
            _fail(together, exc if isinstance(exc, Exception) else RuntimeError("cancelled"))
            if not isinstance(exc, Exception):
                raise
        else:
            for one in together:
                one.ended.set_result(result)

    def _next(self, channel: int) -> list[_Wanted]:
        waiting, size = self._waiting[channel], 0
        together: list[_Wanted] = []
        while waiting and (not together or size + len(waiting[0].ids) <= AT_ONCE):
            together.append(waiting.pop(0))
            size += len(together[-1].ids)
        return together

    async def _alone(self, channel: int, one: _Wanted) -> None:
        try:
            one.ended.set_result(await self._call(channel, [one]))
        except Exception as exc:
            one.ended.set_exception(exc)

    async def _call(self, channel: int, together: Sequence[_Wanted]) -> Result:
        ids = list(dict.fromkeys(each for one in together for each in one.ids))
        reason = " · ".join(dict.fromkeys(one.reason for one in together))[:500]
        if len(ids) < 2 or any(_too_old(each) for each in ids):
            results = [await self._one(channel, each, reason) for each in ids]
            return Result.DONE if Result.DONE in results else Result.GONE
        http = self._client.http
        await self._client.act(
            channel, Spend.DEED, lambda: http.delete_messages(channel, list(ids), reason=reason)
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


def _fail(together: Sequence[_Wanted], why: Exception) -> None:
    for one in together:
        one.ended.set_exception(why)
