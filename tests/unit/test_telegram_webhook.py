"""Who may bring updates to the webhook, and what is answered to whatever is brought."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.adapters.telegram.client import Client
from bot.adapters.telegram.webhook import HEADER, PATH, Webhook, secret_of
from bot.clock import utc_now
from bot.domain.errors import FlowUnavailable

TOKEN = "1:canary"
SECRET = secret_of(TOKEN).encode()


class Reception:
    """Notes what it is given."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.failure: Exception | None = None

    async def take(self, raw: dict[str, Any], until: float) -> None:
        if self.failure is not None:
            raise self.failure
        self.taken.append(raw)


@pytest.fixture
def reception() -> Reception:
    return Reception()


@pytest.fixture
async def port(reception: Reception, unused_tcp_port: int) -> AsyncIterator[int]:
    webhook = Webhook(Client(TOKEN, "http://127.0.0.1:1", None), TOKEN, "https://x", utc_now)
    webhook._reception = reception  # type: ignore[assignment]
    app = web.Application()
    app.add_routes([webhook.route])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    yield unused_tcp_port
    await runner.cleanup()


async def brought(port: int, body: bytes, secret: bytes | None = SECRET) -> int:
    """The status that is answered, byte by byte as a stranger may write it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    shown = b"" if secret is None else HEADER.encode() + b": " + secret + b"\r\n"
    writer.write(
        b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n" + shown + b"\r\n" + body
    )
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("secret", [None, b"", b"wrong", SECRET[:-1], b"\xff\xfe", "ü".encode()])
async def test_who_does_not_know_the_word_is_sent_away(
    port: int, reception: Reception, secret: bytes | None
) -> None:
    assert await brought(port, b'{"update_id": 1}', secret) == 403
    assert reception.taken == []


async def test_what_telegram_brings_is_taken(port: int, reception: Reception) -> None:
    assert await brought(port, b'{"update_id": 1}') == 200
    assert reception.taken == [{"update_id": 1}]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"\xff", 400), (b"", 400), (b"[1]", 200), (b"null", 200)],
)
async def test_what_is_no_update_is_not_taken(
    port: int, reception: Reception, body: bytes, status: int
) -> None:
    assert await brought(port, body) == status
    assert reception.taken == []


async def test_what_cannot_be_taken_now_is_to_be_brought_again(
    port: int, reception: Reception
) -> None:
    reception.failure = FlowUnavailable("not now")
    assert await brought(port, json.dumps({"update_id": 1}).encode()) == 503


async def test_what_breaks_is_not_brought_for_ever(port: int, reception: Reception) -> None:
    reception.failure = ZeroDivisionError()
    assert await brought(port, b'{"update_id": 1}') == 200
