"""Collects updates, and confirms them once they are taken in."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from time import monotonic
from typing import Any

import structlog

from bot.adapters.pausing import Pause
from bot.adapters.telegram.client import Client
from bot.adapters.telegram.errors import ReadElsewhere, Refused
from bot.adapters.telegram.reading import chat_of
from bot.adapters.telegram.reception import ASKED_WITHIN_S, Reception
from bot.domain.errors import FlowUnavailable, PlatformBusy, PlatformError, StorageUnavailable

log = structlog.get_logger(__name__)

ALLOWED = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "my_chat_member",
    "chat_member",
)
"""All that the bot wants; Telegram leaves members' changes out unless they are named."""

WAIT_S = 25
AT_ONCE = 100

CROWD = 10
APART_S = 0.08
"""While a poll brings a crowd, the next is sent so long after it: a poll costs as much as several
updates, and at a hundred a second or less none waits for this."""


class Polling:
    """Asks for updates until cancelled."""

    def __init__(self, client: Client, reception: Reception) -> None:
        self._client = client
        self._reception = reception
        self.problem: str | None = None
        """Why no updates come now; None while they do."""

    async def run(self) -> None:
        """Take updates, the oldest first, each chat's in their order.

        The offset moves past an update only when all up to it are taken in: killed before, the
        bot is given them again.
        """
        offset, pause = None, Pause()
        await self._end_webhook()
        while True:
            began = monotonic()
            try:
                raw = await self._updates(offset)
            except (PlatformError, Refused) as exc:
                if isinstance(exc, ReadElsewhere):
                    await self._end_webhook()
                await self._failed(exc, pause)
                continue
            self._worked(pause)
            if raw:
                await self._taken(raw)
                offset = int(raw[-1]["update_id"]) + 1
            if CROWD <= len(raw) < AT_ONCE:
                await asyncio.sleep(began + APART_S - monotonic())

    async def _updates(self, offset: int | None) -> list[dict[str, Any]]:
        wanted: dict[str, Any] = {"limit": AT_ONCE, "allowed_updates": list(ALLOWED)}
        if offset is not None:
            wanted["offset"] = offset
        return await self._client.updates(WAIT_S, **wanted)

    async def _end_webhook(self) -> None:
        """End the webhook that a bot which had updates brought has left behind: while it stands,
        nobody is given any. A conflict that stays after that is another program."""
        try:
            await self._client.end_webhook()
        except (PlatformError, Refused) as exc:
            log.warning("webhook not ended", error=str(exc))

    async def _taken(self, updates: Sequence[dict[str, Any]]) -> None:
        """Take updates, those of different chats at once, for as long as it needs."""
        lanes: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for update in updates:
            lanes[chat_of(update)].append(update)
        until = monotonic() + ASKED_WITHIN_S
        await asyncio.gather(*(self._in_order(lane, until) for lane in lanes.values()))

    async def _in_order(self, updates: Sequence[dict[str, Any]], until: float) -> None:
        pause = Pause()
        for update in updates:
            while True:
                try:
                    await self._reception.take(update, until)
                except (FlowUnavailable, StorageUnavailable) as exc:
                    log.warning("update waits", update=update.get("update_id"), error=str(exc))
                    await pause.wait()
                except Exception:  # one update that breaks must not stop all that follow
                    log.exception("update set aside", update=update.get("update_id"))
                    break
                else:
                    pause.over()
                    break

    async def _failed(self, error: PlatformError | Refused, pause: Pause) -> None:
        why = error.reason if isinstance(error, PlatformError) else error.why
        if why != self.problem:
            log.error("no updates from Telegram", why=why)
        self.problem = why
        await pause.wait(error.retry_after if isinstance(error, PlatformBusy) else 0.0)

    def _worked(self, pause: Pause) -> None:
        if self.problem is not None:
            log.info("updates from Telegram again")
        self.problem = None
        pause.over()
