"""The way to Discord's servers: one client, its budgets, its errors translated."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from time import monotonic
from types import SimpleNamespace
from typing import Any, TypeVar

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from bot.adapters.discord.errors import INTENTS, NOT_ACCEPTED, PLATFORM, Unknown, discord_errors
from bot.adapters.spending import PATIENCE_S, Spending
from bot.domain.errors import CannotStart, PlatformBusy, PlatformError
from bot.domain.memory import Budget, Budgets

log = structlog.get_logger(__name__)

# The bot never speaks aloud: that the client could not is nothing to warn an operator of.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

T = TypeVar("T")

# Discord takes fifty requests a second in all ("Rate Limits", global); each route's own limit is
# told by its headers, which the client obeys. A share of all is left to what protects people: a
# hide never waits for cards.
_ALL = Budget("discord", 45, 1.1)
_ORDINARY = Budget("discord ordinary", 30, 1.1)
_MESSAGES, _MESSAGES_S = 5, 5.2
"""What a channel takes in messages, or in edits, before its bucket is empty, so that none waits in
the client."""

MOST_INVALID = 5_000
INVALID_WITHIN_S = 600.0
"""Discord bans an address for 10,000 answers of 401, 403 or 429 within ten minutes."""


SETTLED_AFTER_S = 0.5
"""After so long without word of another server, all are counted as known at the start."""

_NOT_AUTHENTICATED = 4004


class Spend(Enum):
    """What a call costs."""

    DEED = auto()
    """Deletes, timeouts, bans: of the budget in all, and before all else."""

    READ = auto()
    """Asks for something that nobody waits for: once no deed waits for the budget."""

    MESSAGE = auto()
    """Makes a message: of its channel's share as well."""

    EDIT = auto()
    """Changes a message: of its channel's share of changes, which Discord counts by itself."""


class InvalidRequests:
    """Counts what Discord counts against an address."""

    def __init__(self) -> None:
        self._at: deque[float] = deque()

    def count(self, status: int) -> None:
        """Take note of an answer's status."""
        if status in (401, 403, 429):
            self._at.append(monotonic())

    @property
    def spent(self) -> bool:
        """Whether half of what Discord stands is used up."""
        while self._at and self._at[0] < monotonic() - INVALID_WITHIN_S:
            self._at.popleft()
        return len(self._at) >= MOST_INVALID

    def trace(self) -> aiohttp.TraceConfig:
        """What has the client's session tell of every answer."""

        async def ended(
            session: aiohttp.ClientSession,
            context: SimpleNamespace,
            params: aiohttp.TraceRequestEndParams,
        ) -> None:
            self.count(params.response.status)

        config = aiohttp.TraceConfig()
        config.on_request_end.append(ended)
        return config


class Deeds:
    """Knows whether a deed waits for the budget: what nobody waits for then leaves it to that."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While one waits."""
        self._count += 1
        self._none.clear()
        try:
            yield
        finally:
            self._count -= 1
            if self._count == 0:
                self._none.set()

    async def none_waits(self) -> None:
        """Until none does."""
        await self._none.wait()


class Gateway(discord.AutoShardedClient):
    """The client's connection, which keeps to the server that it was pointed at, and which no
    single event that it cannot read brings down."""

    def __init__(self, intents: discord.Intents, invalid: InvalidRequests) -> None:
        super().__init__(
            intents=intents,
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=invalid.trace(),
            max_ratelimit_timeout=30.0,
            guild_ready_timeout=SETTLED_AFTER_S,
        )
        parsers = self._connection.parsers
        for name, parser in parsers.items():
            parsers[name] = _guarded(name, parser)

    async def launch_shards(self) -> None:
        """Ask anew where the gateway is: the client would fall back to Discord's own."""
        _, address, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
        self.shard_count = None  # type: ignore[assignment]
        await super().launch_shards()


def _guarded(name: str, parser: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The parser, for events of servers that only resemble Discord."""
    failed = False

    def guarded(data: Any) -> None:
        nonlocal failed
        try:
            parser(data)
        except Exception as exc:  # whatever it trips over: the next event may be a good one
            if not failed:
                log.warning("event not understood, set aside", kind=name, error=type(exc).__name__)
            failed = True

    return guarded


class Client:
    """discord.py's client with budgets.

    base_url: of the REST interface, with its version. The gateway is where that server says.
    budgets: None for a client that only reads.
    """

    def __init__(
        self, token: str, base_url: str, intents: discord.Intents, budgets: Budgets | None
    ) -> None:
        Route.BASE = base_url
        self.invalid = InvalidRequests()
        self.dress: Callable[[Gateway], None] = lambda _: None
        """Gives each new connection what listens to it."""
        self._intents = intents
        self._token = token
        self._deeds = Deeds()
        self._spending = Spending(PLATFORM, budgets, lambda _: _MESSAGES_S / _MESSAGES)
        self._missing: set[str] = set()
        self._gateway: Gateway | None = None

    @property
    def gateway(self) -> Gateway:
        """The connection; only after `log_in`."""
        assert self._gateway is not None  # noqa: S101 - as said
        return self._gateway

    @property
    def http(self) -> HTTPClient:
        """The calls, one a route; only after `log_in`."""
        return self.gateway.http

    @property
    def me(self) -> discord.ClientUser:
        """The bot's own account; only after `log_in`."""
        assert self.gateway.user is not None  # noqa: S101 - as said
        return self.gateway.user

    async def log_in(self) -> None:
        """See whose the token is, on a connection of its own: one that failed is not taken up
        again. Raises CannotStart for a token that is nobody's, PlatformError when Discord does
        not answer, Refused."""
        await self.close()
        self._gateway = Gateway(self._intents, self.invalid)
        self.dress(self._gateway)
        with discord_errors():
            try:
                await self.gateway.login(self._token)
            except discord.LoginFailure:
                raise CannotStart(NOT_ACCEPTED) from None

    async def connect(self) -> None:
        """Receive events until the connection is lost for good; what can be mended by connecting
        again, or by going on where it broke, the client mends itself.

        Raises CannotStart where the application is not given its intents; PlatformError, Refused.
        """
        with discord_errors():
            try:
                await self.gateway.connect()
            except discord.PrivilegedIntentsRequired:
                raise CannotStart(INTENTS) from None
            except discord.ConnectionClosed as exc:
                reason = NOT_ACCEPTED if exc.code == _NOT_AUTHENTICATED else f"closed ({exc.code})"
                raise PlatformError(PLATFORM, reason) from None
            except discord.GatewayNotFound:
                raise PlatformError(PLATFORM, "the gateway's address is not to be had") from None
        raise PlatformError(PLATFORM, "the connection has ended")

    async def close(self) -> None:
        """Let go of the connections."""
        if self._gateway is not None:
            await self._gateway.close()

    async def read(self, call: Awaitable[T]) -> T:
        """Ask for something, at once. Raises PlatformError, Refused."""
        with discord_errors():
            return await call

    async def channel(self, channel: int) -> Any:
        """A channel or thread of whatever kind; of an archived one the connection does not know.
        Raises PlatformError, Refused."""
        gateway = self.gateway
        return gateway.get_channel(channel) or await self.read(gateway.fetch_channel(channel))

    async def act(
        self,
        channel: int,
        spend: Spend,
        call: Callable[[], Awaitable[T]],
        *,
        also: Budget | None = None,
        share: Budget | None = None,
        patience_s: float = PATIENCE_S,
    ) -> T:
        """Do something, once the budgets allow.

        channel: whose share a message is of. also: one more budget that it has to fit into.
        share: one more, for what is left undone once that is spent; nobody stands in line behind
        such things. patience_s: the longest wait for its budgets, in seconds.
        Raises ShareSpent then; PlatformBusy when it takes longer, PlatformError, Refused.
        """
        budgets = [*_budgets(channel, spend), *([also] if also else [])]
        if self.invalid.spent and _ORDINARY in budgets:
            raise PlatformBusy(PLATFORM, "too many refusals of late", 60.0)
        if spend is Spend.DEED:
            with self._deeds.waiting():
                await self._spending.take(budgets, None, patience_s)
        else:
            if spend is Spend.READ:
                await self._deeds.none_waits()
            line = share.name if share is not None else channel
            await self._spending.take(budgets, line, patience_s, share)
        with discord_errors():
            return await call()

    async def if_known(self, name: str, call: Awaitable[T]) -> T | None:
        """The answer of a route that a server may lack; said once, then left alone."""
        try:
            return await self.read(call)
        except Unknown:
            if name not in self._missing:
                self._missing.add(name)
                log.warning("the server does not know a route, done without", route=name)
            return None


def _budgets(channel: int, spend: Spend) -> list[Budget]:
    if spend is Spend.DEED:
        return [_ALL]
    if spend is Spend.READ:
        return [_ALL, _ORDINARY]
    counted = "edits" if spend is Spend.EDIT else "messages"
    return [_ALL, _ORDINARY, Budget(f"discord {channel} {counted}", _MESSAGES, _MESSAGES_S)]
