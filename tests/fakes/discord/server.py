"""The loopback Discord that tests start."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

from tests.fakes.loopback.clock import Clock
from tests.fakes.loopback.site import Site

from .accounts import PRIVILEGED, Application, User
from .faults import Faults
from .gateway import Gateway
from .guilds import Guild, Member
from .http import BASE, BODY_LIMIT, RestApi
from .journal import Journal
from .limits import Limiter, Limits
from .membership import GuildHandle
from .people import BotHandle, Person
from .world import World


class DiscordServer:
    """A Discord on a port of its own, and the people who use it.

    `async with DiscordServer() as server:` runs it in the caller's event loop; nothing here may be
    called from another thread. A bug in the server itself fails the test when the block ends.

    `strict` refuses unknown fields, which the real one ignores. Without `limits` nothing is
    limited and no headers tell of limits.
    """

    def __init__(self, *, strict: bool = True, limits: Limits | None = None, port: int = 0) -> None:
        self.world = World(strict=strict)
        self.gateway = Gateway(self.world)
        self.faults = Faults(self.world.clock)
        self.limiter = Limiter(limits)
        self.api = RestApi(self.world, self.faults, self.limiter)
        self._site = Site(port)
        self._people: dict[str, Person] = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
        crashes = self.api.crashes + self.gateway.crashes
        if crashes and error is None:
            raise crashes[0]

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        self.api.register(app.router)
        await self._site.start(app)
        self.world.files.root = self._site.address
        self.gateway.url = self.gateway_url

    async def stop(self) -> None:
        """Stop listening. State is kept: `start` goes on with it."""
        self.gateway.drop()
        await self._site.stop()

    @property
    def root(self) -> str:
        """What DISCORD_API_BASE_URL names: where REST routes begin."""
        return f"{self._site.address}{BASE}"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is, as /gateway/bot tells."""
        return f"ws://127.0.0.1:{self._site.port}/gateway"

    @property
    def clock(self) -> Clock:
        """The server's time; `clock.advance(seconds)` moves it."""
        return self.world.clock

    @property
    def journal(self) -> Journal:
        """Every request with its time, and the rates."""
        return self.world.journal

    def user(self, name: str, *, username: str | None = None, locale: str = "en-US") -> Person:
        """The person of that name, made when first asked for."""
        if name not in self._people:
            account = User(
                self.world.ids.next(),
                username or name.lower().replace(" ", "_"),
                name.title(),
                avatar=f"{self.world.number():032x}",
                locale=locale,
            )
            self.world.users[account.id] = account
            self._people[name] = Person(self.world, account)
        return self._people[name]

    def bot(self, username: str = "Aman", *, intents: tuple[str, ...] | None = None) -> BotHandle:
        """A new bot with a token, and its privileged intents, by default all.

        They are `members`, `presences` and `message_content`, as in the developer portal.
        """
        account = Application(
            self.world.ids.next(),
            username,
            is_bot=True,
            token=f"MTA{self.world.number():021d}.Gloop0.canary-token-kept-secret_loopback",
            intents=set(PRIVILEGED if intents is None else intents),
        )
        self.world.users[account.id] = account
        self.world.bots[account.token] = account
        return BotHandle(self.world, account)

    def guild(self, name: str = "Lobby", *, owner: Person) -> GuildHandle:
        """A new guild without channels."""
        guild = Guild(self.world.ids.next(), name, owner.id, self.world.now())
        guild.members[owner.id] = Member(guild, owner.account, self.world.now())
        self.world.guilds[guild.id] = guild
        return GuildHandle(self.world, guild)
