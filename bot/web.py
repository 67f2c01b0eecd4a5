"""The HTTP side: health, metrics, and whatever the adapters add."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.observability.metrics import Metrics

Refresh = Callable[[], Awaitable[None]]
Problems = Callable[[], Awaitable[list[str]]]
# Above every platform's longest message and the playground's one megabyte; nothing we serve
# takes more.
MAX_BODY = 2 * 1024 * 1024


def web_app(*, metrics: Metrics, problems: Problems, refresh: Refresh) -> web.Application:
    """An application with /healthz, /readyz and /metrics.

    problems: what keeps the bot from working, a sentence each.
    refresh: brings the gauges up to date before they are read.
    """

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(request: web.Request) -> web.Response:
        found = await problems()
        if found:
            return web.json_response({"status": "not ready", "reasons": found}, status=503)
        return web.json_response({"status": "ready"})

    async def exposition(request: web.Request) -> web.Response:
        await refresh()
        return web.Response(
            body=metrics.exposition(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes(
        [
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", exposition),
        ]
    )
    return app
