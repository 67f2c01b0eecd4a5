"""What people ask of the bot: done while others wait a little, and outliving the bot's end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from time import monotonic
from typing import Any

import structlog

from bot.adapters.errands import Errands
from bot.adapters.pausing import Pause
from bot.adapters.telegram.errors import PLATFORM
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Unfinished

log = structlog.get_logger(__name__)

OnItsWay = asyncio.Task[Any] | None
"""What tells the asker, once the work itself is done: it may wait for its turn in the chat."""

Work = Coroutine[Any, Any, OnItsWay]


class Asking:
    """Does what updates ask for, each in a task of its own.

    What is not done in time is confirmed to Telegram all the same, and so is what is done while
    its answer is on its way. Until both are over it is kept, and a bot that ends before takes it up
    again at its next start. It may then be done and answered twice, by two processes even: what is
    asked for must allow that.
    """

    def __init__(self, unfinished: Unfinished) -> None:
        self._unfinished = unfinished
        self._errands = Errands()
        self._under_way: dict[str, asyncio.Task[OnItsWay]] = {}

    async def do(
        self, update_id: str, raw: Mapping[str, Any], work: Callable[[], Work], until: float
    ) -> None:
        """Begin what an update asks for. When this returns it is done and answered, or kept, and
        the update may be confirmed; offered again while it is under way, it is not begun anew.

        until: the longest to wait for its end, on the clock of `monotonic`.
        Raises FlowUnavailable: not done and answered yet, nor kept; the update is to be offered
        again.
        """
        doing = self._begun(update_id, work)
        await asyncio.wait({doing}, timeout=max(0.0, until - monotonic()))
        if doing.done() and _answered(doing):
            return
        try:
            await self._unfinished.keep(PLATFORM, update_id, json.dumps(raw))
        finally:  # Redis may have kept it even where it did not say so in time
            self._drop_after(doing, update_id)

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
            task = self._begun(update_id, partial(_again, left[update_id], again))
            self._drop_after(task, update_id)
            doing.add(task)
        await asyncio.wait(doing, timeout=max(0.0, until - monotonic()))

    async def close(self) -> None:
        """Give what is under way a little time to end; the rest stays kept."""
        await self._errands.close()

    def _begun(self, update_id: str, work: Callable[[], Work]) -> asyncio.Task[OnItsWay]:
        doing = self._under_way.get(update_id)
        if doing is None:
            doing = self._under_way[update_id] = self._errands.send("asked for", work())
            doing.add_done_callback(lambda _: self._under_way.pop(update_id, None))
        return doing

    def _drop_after(self, doing: asyncio.Task[OnItsWay], update_id: str) -> None:
        self._errands.send("end of an update", self._dropped(doing, update_id))

    async def _dropped(self, doing: asyncio.Task[OnItsWay], update_id: str) -> None:
        """However it ended: what breaks once would break again."""
        await asyncio.wait({doing})
        answer = None if doing.cancelled() else doing.result()
        if answer is not None:
            await asyncio.wait({answer})
        if doing.cancelled() or (answer is not None and answer.cancelled()):
            return  # by the bot's end
        pause = Pause()
        while True:
            try:
                await self._unfinished.drop(PLATFORM, update_id)
            except FlowUnavailable as exc:
                log.warning("finished update still kept", update=update_id, error=str(exc))
                await pause.wait()
            else:
                return


async def _again(raw: str, again: Callable[[dict[str, Any]], Work]) -> OnItsWay:
    return await again(json.loads(raw))


def _answered(done: asyncio.Task[OnItsWay]) -> bool:
    answer = None if done.cancelled() else done.result()
    return answer is None or answer.done()
