"""The gateway: a websocket that tells bots what happens.

https://discord.com/developers/docs/events/gateway
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from .accounts import Application
from .events import Event
from .greeting import guild_create, member_chunks, ready
from .guilds import Guild
from .sessions import Connection, Session
from .world import World

Json = dict[str, Any]
_HEARTBEAT, _IDENTIFY, _PRESENCE, _VOICE, _RESUME = 1, 2, 3, 4, 6
_RECONNECT, _MEMBERS, _INVALID, _HELLO, _ACK = 7, 8, 9, 10, 11
_ALL_INTENTS = (1 << 17) - 1 | 0b11 << 20 | 0b11 << 24
_GUILDS, _GUILD_MEMBERS = 1 << 0, 1 << 1
_SENDS_A_MINUTE = 120


@dataclass
class GatewayPolicy:
    """How the gateway behaves. Times in seconds; `kept_events` is a session's buffer.

    `acknowledges` off makes connections zombies: heartbeats go unanswered.
    """

    heartbeat_interval: float = 41.25
    resumable_for: float = 180.0
    kept_events: int = 10_000
    acknowledges: bool = True
    shards: int = 1


class Gateway:
    """Sessions of bots. Faults: `drop`, `ask_to_reconnect`, `invalidate`, `shut` and `open`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.policy = GatewayPolicy()
        self.sessions: dict[str, Session] = {}
        self.url = ""
        self.journal: list[tuple[str, str]] = []
        """(bot, what it did): identify, resume, members, close with a code."""
        self.crashes: list[BaseException] = []
        self._is_shut = False
        world.gateway = self

    @property
    def connected(self) -> list[Session]:
        """Sessions with a living connection."""
        return [session for session in self.sessions.values() if session.connection is not None]

    def is_ready(self, bot_id: int) -> bool:
        """Whether that bot is connected now."""
        return any(session.bot.id == bot_id for session in self.connected)

    def count(self, what: str) -> int:
        """How often bots did something: "identify", "resume" ..."""
        return sum(did == what for _, did in self.journal)

    def drop(self, *, resumable: bool = True, silently: bool = False) -> None:
        """End all connections, with code 4000 or without a word.

        Those that are not resumable must identify again.
        """
        for session in self.connected:
            assert session.connection is not None
            if silently:
                session.connection.cut()
            else:
                session.connection.close(4000)
            self._lose(session)
        if not resumable:
            self.sessions.clear()

    def ask_to_reconnect(self) -> None:
        """Tell all to reconnect and resume, as before a restart of a gateway (op 7)."""
        for session in self.connected:
            assert session.connection is not None
            session.connection.send_op(_RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell all that their session is invalid (op 9)."""
        for session in self.connected:
            assert session.connection is not None
            session.connection.send_op(_INVALID, resumable)
            if not resumable:
                del self.sessions[session.id]

    def shut(self, *, resumable: bool = True) -> None:
        """Cut all connections and let nobody in until `open`."""
        self._is_shut = True
        self.drop(resumable=resumable)

    def open(self) -> None:
        """Let bots in again."""
        self._is_shut = False

    def close_sessions(self, bot: Application, code: int) -> None:
        """End a bot's sessions, as when its token was revoked."""
        for session in [s for s in self.sessions.values() if s.bot is bot]:
            del self.sessions[session.id]
            if session.connection is not None:
                session.connection.close(code)

    def welcome_to(self, guild: Guild, bot: Application) -> None:
        """Tell a bot that it has come into a guild."""
        data = guild_create(guild, bot, self._world.now())
        self.dispatch(Event("GUILD_CREATE", data, guild=guild, only_to=bot))

    def dispatch(self, event: Event) -> None:
        """Send an event to every session that may hear of it."""
        now = self._world.now()
        for session in self.sessions.values():
            if session.concerns(event) and event.reaches(session.bot, session.intents, now):
                session.put(event.name, event.encoded(session.bot, session.intents))

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one connection."""
        if self._is_shut:
            return web.Response(status=503, text="the gateway is shut")
        asked = request.query
        if asked.get("v") != "10" or asked.get("encoding") != "json":
            return web.Response(status=400, text="only version 10 in JSON is spoken here")
        compress = asked.get("compress")
        if compress not in {None, "zlib-stream"}:
            return web.Response(status=400, text=f"no compression {compress!r} here")
        socket = web.WebSocketResponse(max_msg_size=4096 * 4, autoclose=True)
        await socket.prepare(request)
        connection = Connection(socket, request.transport, compressed=compress is not None)
        writer = asyncio.create_task(connection.write())
        interval = int(self.policy.heartbeat_interval * 1000)
        connection.send_op(_HELLO, {"heartbeat_interval": interval, "_trace": ["loopback"]})
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._read_noting_crashes(connection, message.data)
        finally:
            writer.cancel()
            self._end(connection, socket.close_code)
        return socket

    def _end(self, connection: Connection, code: int | None) -> None:
        """A client that closes with 1000 or 1001 gives its session up."""
        session = connection.session
        if session is None or session.connection is not connection:
            return
        self._lose(session)
        if code in {1000, 1001}:
            self.sessions.pop(session.id, None)

    def _lose(self, session: Session) -> None:
        session.connection, session.lost_at = None, self._world.now()

    def _read_noting_crashes(self, connection: Connection, raw: str) -> None:
        try:
            self._read(connection, raw)
        except Exception as crash:  # kept for the test that runs the server, which then fails
            self.crashes.append(crash)
            connection.close(4000)

    def _read(self, connection: Connection, raw: str) -> None:
        try:
            payload = json.loads(raw)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            connection.close(4002)
            return
        if op in {_IDENTIFY, _RESUME, _MEMBERS} and not isinstance(data, dict):
            connection.close(4002)
        elif self._is_too_fast(connection):
            connection.close(4008)
        elif op == _HEARTBEAT:
            if self.policy.acknowledges:
                connection.send_op(_ACK)
        elif op == _IDENTIFY:
            self._identify(connection, data)
        elif op == _RESUME:
            self._resume(connection, data)
        elif connection.session is None:
            connection.close(4003)
        elif op == _MEMBERS:
            self._members(connection.session, data)
        elif op not in {_PRESENCE, _VOICE}:
            connection.close(4001)

    def _is_too_fast(self, connection: Connection) -> bool:
        now = self._world.now()
        connection.sent_at.append(now)
        while connection.sent_at[0] <= now - 60:
            connection.sent_at.popleft()
        return len(connection.sent_at) > _SENDS_A_MINUTE

    def _identify(self, connection: Connection, data: Json) -> None:
        bot = self._world.bots.get(str(data.get("token")).removeprefix("Bot "))
        intents = data.get("intents")
        shard = data.get("shard") or [0, 1]
        code = self._refusal(connection, bot, intents, shard)
        if code is not None or bot is None:
            self.journal.append((bot.username if bot else "?", f"close {code}"))
            connection.close(code or 4004)
            return
        bot.identifies += 1
        self.journal.append((bot.username, "identify"))
        session = Session(
            secrets.token_hex(16),
            bot,
            int(intents or 0),
            (int(shard[0]), int(shard[1])),
            self.policy.kept_events,
            connection,
        )
        connection.session = self.sessions[session.id] = session
        self._forget_expired()
        self._welcome(session)

    def _refusal(
        self, connection: Connection, bot: Application | None, intents: Any, shard: Any
    ) -> int | None:
        """The code to close with, if that bot may not come in this way."""
        if connection.session is not None:
            return 4005
        if bot is None:
            return 4004
        if not isinstance(intents, int) or intents & ~_ALL_INTENTS:
            return 4013
        if not bot.allows_intents(intents):
            return 4014
        return None if 0 <= shard[0] < shard[1] else 4010

    def _welcome(self, session: Session) -> None:
        bot = session.bot
        number, count = session.shard
        guilds = [
            guild
            for guild in self._world.guilds.values()
            if bot.id in guild.members and (guild.id >> 22) % count == number
        ]
        session.put("READY", msgspec.json.encode(ready(session, guilds, self.url)))
        if session.intents & _GUILDS:
            for guild in guilds:
                whole = {**guild_create(guild, bot, self._world.now()), "unavailable": False}
                session.put("GUILD_CREATE", msgspec.json.encode(whole))

    def _forget_expired(self) -> None:
        for session in [session for session in self.sessions.values() if self._is_over(session)]:
            del self.sessions[session.id]

    def _is_over(self, session: Session) -> bool:
        """Whether it was without a connection for too long."""
        lost_at, now = session.lost_at, self._world.now()
        return lost_at is not None and now - lost_at > self.policy.resumable_for

    def _resume(self, connection: Connection, data: Json) -> None:
        bot = self._world.bots.get(str(data.get("token")).removeprefix("Bot "))
        session = self.sessions.get(str(data.get("session_id")))
        if bot is None:
            connection.close(4004)
            return
        self.journal.append((bot.username, "resume"))
        expired = session is None or session.bot is not bot or self._is_over(session)
        seq = int(data["seq"] or 0)
        if session is not None and seq > session.seq:
            connection.close(4007)
            return
        missed = None if expired or session is None else session.missed(seq)
        if session is None or missed is None:
            self.sessions.pop(str(data.get("session_id")), None)
            connection.send_op(_INVALID, False)
            return
        if session.connection is not None:
            session.connection.close(4000)
        session.connection, session.lost_at = connection, None
        connection.session = session
        for payload in missed:
            connection.send(payload)
        session.put("RESUMED", b'{"_trace":["loopback"]}')

    def _members(self, session: Session, data: Json) -> None:
        """Answer op 8 in chunks of up to 1,000 members."""
        self.journal.append((session.bot.username, "members"))
        guild = self._world.guilds.get(int(data["guild_id"]))
        whole_list = data.get("query") == "" and not data.get("limit")
        if guild is None or session.bot.id not in guild.members:
            return
        if whole_list and not session.intents & _GUILD_MEMBERS:
            return  # Discord just does not answer
        for chunk in member_chunks(guild, data):
            session.put("GUILD_MEMBERS_CHUNK", msgspec.json.encode(chunk))
