"""Deletes messages, those that wait for the same group together."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import Refused, Unknown
from bot.domain.effects import Result

AT_ONCE = 100
_SEVERAL = "deleteMessages"
_GONE = ("message to delete not found", "message_id_invalid", "message identifier is not")


@dataclass(frozen=True, slots=True)
class _Wanted:
    ids: Sequence[int]
    ended: asyncio.Future[Result]


class Deleter:
    """The first deletion in a group goes out at once; those that come while it is on its way
    go together in the next call."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: dict[int, list[_Wanted]] = defaultdict(list)
        self._turns: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def delete(self, chat: int, ids: Sequence[int]) -> Result:
        """Delete messages of one group: DONE, or GONE where none was there any more.

        Telegram says of several only that they are gone now, so GONE is known of one alone.
        Raises PlatformError, Refused.
        """
        wanted = _Wanted(ids, asyncio.get_running_loop().create_future())
        self._waiting[chat].append(wanted)
        async with self._turns[chat]:
            if not wanted.ended.done():
                await self._delete_waiting(chat)
        return await wanted.ended

    async def _delete_waiting(self, chat: int) -> None:
        together = self._next(chat)
        try:
            result = await self._call(chat, [each for one in together for each in one.ids])
        except Refused as refused:
            if len(together) > 1:  # one that must stay keeps all others: ask for each alone
                await asyncio.gather(*(self._alone(chat, one) for one in together))
            else:
                _fail(together, refused)
        except BaseException as exc:
            _fail(together, exc if isinstance(exc, Exception) else RuntimeError("cancelled"))
            if not isinstance(exc, Exception):
                raise
        else:
            for one in together:
                one.ended.set_result(result)

    def _next(self, chat: int) -> list[_Wanted]:
        waiting, size = self._waiting[chat], 0
        together: list[_Wanted] = []
        while waiting and (not together or size + len(waiting[0].ids) <= AT_ONCE):
            together.append(waiting.pop(0))
            size += len(together[-1].ids)
        return together

    async def _alone(self, chat: int, one: _Wanted) -> None:
        try:
            one.ended.set_result(await self._call(chat, one.ids))
        except Exception as exc:
            one.ended.set_exception(exc)

    async def _call(self, chat: int, ids: Sequence[int]) -> Result:
        if len(ids) > 1 and self._client.knows(_SEVERAL):
            bot = self._client.bot
            try:
                await self._client.act(chat, Spend.DEED, lambda: bot.delete_messages(chat, ids))
            except Unknown:
                self._client.misses(_SEVERAL)
            else:
                return Result.DONE
        results = [await self._one(chat, each) for each in ids]
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


def _fail(together: Sequence[_Wanted], why: Exception) -> None:
    for one in together:
        one.ended.set_exception(why)
