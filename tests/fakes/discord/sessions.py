"""A bot's session on the gateway, which outlives its connections, and one connection of it."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from .accounts import Application
from .events import Event

Json = dict[str, Any]


class Connection:
    """One websocket. What is sent is queued, so that telling of an event never waits."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        *,
        compressed: bool,
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._compressor = zlib.compressobj() if compressed else None
        self._outbox: asyncio.Queue[bytes | int] = asyncio.Queue()
        self.session: Session | None = None
        self.sent_at: deque[float] = deque()

    def send(self, payload: bytes) -> None:
        """Send one payload, already JSON."""
        self._outbox.put_nowait(payload)

    def send_op(self, op: int, data: Any = None) -> None:
        """Send anything but a dispatch."""
        self.send(msgspec.json.encode({"op": op, "d": data, "s": None, "t": None}))

    def close(self, code: int) -> None:
        """Close with a code, after what is queued."""
        self._outbox.put_nowait(code)

    def cut(self) -> None:
        """Break the line without a word."""
        if self._transport is not None:
            self._transport.abort()

    async def write(self) -> None:
        """Carry out what is queued until the connection closes."""
        while True:
            payload = await self._outbox.get()
            if isinstance(payload, int):
                await self._socket.close(code=payload)
                return
            try:
                await self._put(payload)
            except (ConnectionError, RuntimeError):
                return  # the client is gone; its session keeps what was not read

    async def _put(self, payload: bytes) -> None:
        if self._compressor is None:
            await self._socket.send_str(payload.decode())
            return
        packed = self._compressor.compress(payload)
        await self._socket.send_bytes(packed + self._compressor.flush(zlib.Z_SYNC_FLUSH))


@dataclass(eq=False)
class Session:
    """What a bot identified with, and its events, kept for a resume.

    `shard` is (number, how many). `lost_at` is when its connection ended.
    """

    id: str
    bot: Application
    intents: int
    shard: tuple[int, int]
    kept: int
    connection: Connection | None = None
    seq: int = 0
    lost_at: float | None = None
    buffer: deque[tuple[int, bytes]] = field(default_factory=deque)
    dispatched: int = 0

    def concerns(self, event: Event) -> bool:
        """Whether the event is this shard's: guilds are spread by their id, the rest is shard 0."""
        number, count = self.shard
        guild = 0 if event.guild is None else event.guild.id
        return (guild >> 22) % count == number

    def put(self, name: str, data: bytes) -> None:
        """Send an event, or keep it for when the client is back."""
        self.seq += 1
        payload = b'{"op":0,"t":"%b","s":%d,"d":%b}' % (name.encode(), self.seq, data)
        self.buffer.append((self.seq, payload))
        self.dispatched += 1
        if len(self.buffer) > self.kept:
            self.buffer.popleft()
        if self.connection is not None:
            self.connection.send(payload)

    def missed(self, seq: int) -> list[bytes] | None:
        """What came after `seq`; None if some of that is not kept any more."""
        first = self.buffer[0][0] if self.buffer else self.seq + 1
        if seq < first - 1:
            return None
        return [payload for number, payload in self.buffer if number > seq]
