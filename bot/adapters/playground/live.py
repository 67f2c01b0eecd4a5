"""What the page shows, whole and then change by change, as server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec
from aiohttp import web

from bot.adapters.playground.bell import heard
from bot.adapters.playground.guard import HEADERS
from bot.adapters.playground.people import LOBBY
from bot.adapters.playground.rulebook import ShownPolicy, shown
from bot.adapters.playground.scoreboard import Judged, Scoreboard
from bot.adapters.playground.world import View, World
from bot.domain.errors import AmanError
from bot.domain.policy import Policy
from bot.domain.ports import Figures, Rules

TICK_S = 1.0
HEARTBEAT_S = 15.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How the bot is doing. Either is None while it does not answer."""

    policy: ShownPolicy | None
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class News:
    """What is sent to the page.

    whole: forget what was sent before.
    count: how many judgements there have been.
    """

    whole: bool
    count: int
    world: View
    judged: Sequence[Judged]
    standing: Standing
    presets: Sequence[ShownPolicy] = ()


class Live:
    """The page's view of the world and of the bot.

    figures: asked at most once in TICK_S seconds, however many pages are open.
    """

    def __init__(
        self,
        world: World,
        scoreboard: Scoreboard,
        rules: Rules,
        figures: Callable[[], Awaitable[Figures]],
        presets: Sequence[Policy],
    ) -> None:
        self._world = world
        self._scoreboard = scoreboard
        self._rules = rules
        self._figures = figures
        self._presets = [shown(preset) for preset in presets]
        self._standing = Standing(None, None)
        self._asked_at = float("-inf")
        self._closing = False

    async def close(self) -> None:
        """Let every open stream end, so that the server can stop."""
        self._closing = True
        self._world.bell.ring()

    def ask_again(self) -> None:
        """The policy has changed: show it now, not at the next tick."""
        self._asked_at = float("-inf")
        self._world.bell.ring()

    async def whole(self) -> News:
        """Everything there is to show."""
        count, judged = self._scoreboard.since(0)
        view = await asyncio.to_thread(self._world.view)
        return News(True, count, view, judged, await self._stands(), self._presets)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Everything, then each change, until the page goes or the server stops."""
        response = web.StreamResponse(headers={**HEADERS, "X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        try:
            with self._world.bell.listening() as ear:
                await self._tell(response, ear)
        except (ConnectionError, AmanError):
            pass  # the page has gone, or tries again by itself once the world answers
        return response

    async def _tell(self, response: web.StreamResponse, ear: asyncio.Event) -> None:
        seen, sent_at = await self.whole(), time.monotonic()
        await _send(response, seen)
        while not self._closing:
            await heard(ear, TICK_S)
            ear.clear()
            view = await asyncio.to_thread(self._world.view, seen.world.change)
            if view.epoch != seen.world.epoch:
                news = await self.whole()
            else:
                count, judged = self._scoreboard.since(seen.count)
                news = News(False, count, view, judged, await self._stands())
            if _is_news(news, seen):
                await _send(response, news)
                sent_at = time.monotonic()
            elif time.monotonic() - sent_at > HEARTBEAT_S:
                await response.write(b": still here\n\n")
                sent_at = time.monotonic()
            seen = news

    async def _stands(self) -> Standing:
        if time.monotonic() - self._asked_at >= TICK_S:
            self._asked_at = time.monotonic()
            self._standing = await self._ask()
        return self._standing

    async def _ask(self) -> Standing:
        try:
            policy = shown(await self._rules.current(LOBBY))
        except AmanError:
            policy = None
        try:
            figures = await self._figures()
        except AmanError:
            figures = None
        return Standing(policy, figures)


def _is_news(news: News, seen: News) -> bool:
    return (
        news.whole
        or news.world.change != seen.world.change
        or bool(news.judged)
        or news.standing != seen.standing
    )


async def _send(response: web.StreamResponse, news: News) -> None:
    await response.write(b"data: " + msgspec.json.encode(news) + b"\n\n")
