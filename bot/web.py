"""The HTTP side: health, metrics, and whatever the adapters add."""

from __future__ import annotations

import asyncio
import errno
import socket

from aiohttp import web

from bot.domain.errors import CannotStart
from bot.observability.health import Health
from bot.observability.metrics import Metrics
from bot.observability.status_page import HEADERS, status_page

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


def status_route(health: Health) -> web.RouteDef:
    """/ as a page to read, for where no platform has one of its own."""

    async def page(request: web.Request) -> web.Response:
        told = status_page(await health.problems(), await health.figures(), judges=health.judges)
        return web.Response(text=told, content_type="text/html", headers=HEADERS)

    return web.get("/", page)


async def assert_free(host: str, port: int) -> None:
    """Make sure that HTTP can be served there, before anything is loaded that takes minutes.

    Raises CannotStart.
    """
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(asyncio.Protocol, host, port, start_serving=False)
    except OSError as exc:
        raise _cannot_listen(host, port, exc) from exc
    server.close()
    await server.wait_closed()


async def listen(runner: web.AppRunner, host: str, port: int) -> str:
    """Serve an application that is set up; returns its address. Raises CannotStart."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as exc:
        raise _cannot_listen(host, port, exc) from exc
    at, taken = runner.addresses[0][:2]
    return url_of(at, taken)


def url_of(host: str, port: int) -> str:
    """As a browser takes it: an IPv6 address in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _cannot_listen(host: str, port: int, exc: OSError) -> CannotStart:
    elsewhere = isinstance(exc, socket.gaierror) or exc.errno == errno.EADDRNOTAVAIL
    mend = "set HOST to an address of this machine" if elsewhere else _OTHER_PORT
    return CannotStart(f"cannot listen on {host}:{port}: {exc.strerror}; {mend}")


_OTHER_PORT = "set PORT to a free one, or to 0 to have one chosen"
