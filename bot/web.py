"""The HTTP side: health, metrics, and whatever the adapters add."""

from __future__ import annotations

from aiohttp import web

from bot.observability.health import Health
from bot.observability.metrics import Metrics

# Above every platform's longest message and the playground's one megabyte; nothing we serve
# takes more.
MAX_BODY = 2 * 1024 * 1024


def web_app(*, metrics: Metrics, health: Health) -> web.Application:
    """An application with /healthz, /readyz and /metrics."""

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(request: web.Request) -> web.Response:
        found = await health.problems()
        if found:
            return web.json_response({"status": "not ready", "reasons": found}, status=503)
        return web.json_response({"status": "ready"})

    async def exposition(request: web.Request) -> web.Response:
        await health.refresh()
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
