"""The loopback Bot API server that tests start."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TypeVar

from tests.fakes.loopback.site import Site

from .accounts import ANONYMOUS_ADMIN, CHANNEL_SENDER, SERVICE, Account, BotAccount
from .chats import Chat
from .clock import Clock
from .faults import Faults
from .groups import Channel, Group
from .http import BotApi
from .journal import Journal
from .limits import Limiter, Limits
from .people import BotHandle, Person
from .rights import Member
from .updates import UpdateQueue
from .world import World

_Handle = TypeVar("_Handle", Group, Channel)
_FIRST_PERSON = 6_100_000_000  # above 32 bits, as ids are today
_FIRST_BOT = 7_200_000_000
_FIRST_CHANNEL = -1_002_000_000_000
_FIRST_GROUP = -4_000_000_000
_FIRST_UPDATE = 870_000_000


class TelegramServer:
    """A Bot API server on a port of its own, and the people who use its Telegram.

    `async with TelegramServer() as server:` runs it in the caller's event loop; nothing here may be
    called from another thread. A bug in the server itself fails the test when the block ends.

    `strict` refuses unknown parameters, values out of range and unknown update types; otherwise
    they are dropped or clamped as a server older than its client would.

    `forgetful` lets a file's id lead nowhere once no message bears the file any more.
    """

    def __init__(
        self,
        *,
        strict: bool = True,
        forgetful: bool = False,
        limits: Limits | None = None,
        port: int = 0,
    ) -> None:
        self.world = World(strict=strict, forgetful=forgetful)
        self.faults = Faults(self.world.clock)
        self.limiter = Limiter(limits)
        self.api = BotApi(self.world, self.faults, self.limiter)
        self._site = Site(port)
        self._people: dict[str, Person] = {}
        for account in (ANONYMOUS_ADMIN, CHANNEL_SENDER, SERVICE):
            self.world.accounts[account.id] = account

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
        if self.api.crashes and error is None:
            raise self.api.crashes[0]

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        await self._site.start(self.api.application())

    async def stop(self) -> None:
        """Stop listening, and delivering to webhooks. State is kept: `start` goes on with it."""
        for webhook in self.world.webhooks.values():
            await webhook.stop()
        for poller in self.world.pollers.values():
            poller.cancel()
        await self._site.stop()

    @property
    def root(self) -> str:
        """What TELEGRAM_API_BASE_URL names: the address without a path."""
        return self._site.address

    @property
    def base_url(self) -> str:
        """`base_url` of telegram.Bot."""
        return f"{self.root}/bot"

    @property
    def base_file_url(self) -> str:
        """`base_file_url` of telegram.Bot."""
        return f"{self.root}/file/bot"

    @property
    def clock(self) -> Clock:
        """The server's time; `clock.advance(seconds)` moves it."""
        return self.world.clock

    @property
    def journal(self) -> Journal:
        """Every request with its time, and the rates."""
        return self.world.journal

    def user(
        self, name: str, *, username: str | None = None, language_code: str | None = None
    ) -> Person:
        """The person of that name, made when first asked for."""
        if name not in self._people:
            account_id = _FIRST_PERSON + self.world.number()
            account = Account(
                account_id,
                name.title(),
                username=username or name,
                language_code=language_code,
            )
            self.world.accounts[account.id] = account
            self._people[name] = Person(self.world, account)
        return self._people[name]

    def bot(self, username: str = "aman_bot", *, privacy: bool = True) -> BotHandle:
        """A new bot with a token, privacy mode on as BotFather leaves it."""
        number = self.world.number()
        account_id = _FIRST_BOT + number
        token = f"{account_id}:AAloopback{number:04d}_canary-token-kept-secret"
        account = BotAccount(
            account_id,
            username.removesuffix("_bot").title(),
            username=username,
            is_bot=True,
            token=token,
            privacy=privacy,
        )
        self.world.accounts[account.id] = account
        self.world.bots[token] = account
        first = _FIRST_UPDATE + number * 1_000_000
        self.world.queues[account.id] = UpdateQueue(self.clock, first)
        return BotHandle(self.world, account)

    def group(
        self,
        title: str = "Lobby",
        *,
        owner: Person,
        kind: str = "supergroup",
        forum: bool = False,
        username: str | None = None,
    ) -> Group:
        """A new group. `kind` is "group" (basic) or "supergroup"; only the latter has topics."""
        if kind not in {"group", "supergroup"} or (kind == "group" and (forum or username)):
            raise ValueError("group: a basic group has neither topics nor a username")
        first = _FIRST_GROUP if kind == "group" else _FIRST_CHANNEL
        chat = Chat(kind, first - self.world.number(), title, username, is_forum=forum)
        return self._founded(Group(self.world, chat), owner)

    def channel(
        self, title: str = "News", *, owner: Person, username: str | None = None
    ) -> Channel:
        """A new channel."""
        chat = Chat("channel", _FIRST_CHANNEL - self.world.number(), title, username)
        return self._founded(Channel(self.world, chat), owner)

    def _founded(self, handle: _Handle, owner: Person) -> _Handle:
        handle.chat.members[owner.id] = Member(owner.account, "creator")
        self.world.chats[handle.chat.id] = handle.chat
        return handle
