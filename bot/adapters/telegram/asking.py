"""What people ask of the bot: done while others wait a little, and outliving the bot's end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

import structlog

from bot.adapters.errands import Errands
from bot.adapters.pausing import Pause
from bot.adapters.telegram.done import Done
from bot.adapters.telegram.errors import PLATFORM
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Unfinished

log = structlog.get_logger(__name__)

OnItsWay = asyncio.Task[Any] | None
"""What tells the asker, once the work itself is done: it may wait for its turn in the chat."""

Work = Coroutine[Any, Any, OnItsWay]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for. ending: ends once it is answered as well, and remembered; with False where
    the bot's end cut it off."""

    doing: asyncio.Task[OnItsWay]
    ending: asyncio.Task[bool | None]


class Asking:
    """Does what updates ask for, each in a task of its own, and once.

    What is not done in time is confirmed to Telegram all the same, and so is what is done while
    its answer is on its way. Until both are over it is kept, and a bot that ends before takes it up
    again at its next start. Once both are over it is remembered, should Telegram repeat it. Only
    what a bot's end cuts off in between is done and answered twice, or what two processes take up
    at the same moment: what is asked for must allow that.
    """

    def __init__(self, unfinished: Unfinished, done: Done) -> None:
        self._unfinished = unfinished
        self._done = done
        self._errands = Errands()
        self._under_way: dict[str, _Asked] = {}

    async def do(
        self, update_id: str, raw: Mapping[str, Any], work: Callable[[], Work], until: float
    ) -> None:
        """Begin what an update asks for. When this returns it is done and answered, or kept, and
        the update may be confirmed; offered again it is not begun anew.

        until: the longest to wait for its end, on the clock of `monotonic`.
        Raises FlowUnavailable: not done and answered yet, nor kept; the update is to be offered
        again.
        """
        asked = self._begun(update_id, work)
        await asyncio.wait({asked.doing}, timeout=max(0.0, until - monotonic()))
        if asked.doing.done() and _answered(asked.doing):
            return
        try:
            await self._unfinished.keep(PLATFORM, update_id, json.dumps(raw))
        finally:  # Redis may have kept it even where it did not say so in time
            self._drop_after(asked, update_id)

    async def resume(self, again: Callable[[dict[str, Any]], Work], until: float) -> None:
        """Take up what was kept, and not done when a bot ended, the oldest first.

        again: does what an update asks for. until: as for `do`.
        Raises FlowUnavailable: nothing was taken up.
        """
        left = await self._unfinished.left(PLATFORM)
        if not left:
            return
        log.info("unfinished updates taken up again", updates=len(left))
        doing = set()
        for update_id in sorted(left, key=lambda each: (len(each), each)):
            asked = self._begun(update_id, partial(_again, left[update_id], again))
            self._drop_after(asked, update_id)
            doing.add(asked.doing)
        await asyncio.wait(doing, timeout=max(0.0, until - monotonic()))

    async def close(self) -> None:
        """Give what is under way a little time to end; the rest stays kept."""
        await self._errands.close()

    def _begun(self, update_id: str, work: Callable[[], Work]) -> _Asked:
        asked = self._under_way.get(update_id)
        if asked is None:
            doing = self._errands.send("asked for", self._unless_done(update_id, work))
            ending = self._errands.send("end of an update", self._ended(update_id, doing))
            asked = self._under_way[update_id] = _Asked(doing, ending)
            ending.add_done_callback(lambda _: self._under_way.pop(update_id, None))
        return asked

    async def _unless_done(self, update_id: str, work: Callable[[], Work]) -> OnItsWay:
        return None if await self._done.has(update_id) else await work()

    async def _ended(self, update_id: str, doing: asyncio.Task[OnItsWay]) -> bool:
        """Remember what is done and answered. However it ended, what breaks once would break again:
        only what the bot's own end cut off, or cuts off here, has not ended."""
        await asyncio.wait({doing})
        answer = None if doing.cancelled() else doing.result()
        if answer is not None:
            await asyncio.wait({answer})
        if doing.cancelled() or (answer is not None and answer.cancelled()):
            return False
        await _persist("finished update not noted", partial(self._done.note, update_id))
        return True

    def _drop_after(self, asked: _Asked, update_id: str) -> None:
        self._errands.send("what was kept", self._dropped(asked, update_id))

    async def _dropped(self, asked: _Asked, update_id: str) -> None:
        await asyncio.wait({asked.ending})
        if asked.ending.cancelled() or not asked.ending.result():
            return
        await _persist(
            "finished update still kept", partial(self._unfinished.drop, PLATFORM, update_id)
        )


async def _persist(trouble: str, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Have something done however long Redis is away. trouble: what to say meanwhile."""
    pause = Pause()
    while True:
        try:
            await call()
        except FlowUnavailable as exc:
            log.warning(trouble, error=str(exc))
            await pause.wait()
        else:
            return


async def _again(raw: str, again: Callable[[dict[str, Any]], Work]) -> OnItsWay:
    return await again(json.loads(raw))


def _answered(done: asyncio.Task[OnItsWay]) -> bool:
    answer = None if done.cancelled() else done.result()
    return answer is None or answer.done()
