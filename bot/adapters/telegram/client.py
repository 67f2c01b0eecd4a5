"""The way to Telegram's servers: one client, its rate budgets, its errors translated."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any, TypeVar

import structlog
from telegram import Bot, Message, User
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from bot.adapters.spending import PATIENCE_S, UNHURRIED_S, Spending
from bot.adapters.telegram.errors import (
    NOT_ACCEPTED,
    PLATFORM,
    Unknown,
    telegram_errors,
)
from bot.domain.errors import CannotStart, FlowUnavailable, PlatformBusy
from bot.domain.memory import Budget, Budgets

log = structlog.get_logger(__name__)

# The client's way to ask for durations as such; without it every 429 comes with a warning.
os.environ.setdefault("PTB_TIMEDELTA", "1")

T = TypeVar("T")

MOST_REMEMBERED = 1_000

CONNECTIONS = 64
ANSWER_S = 10.0
CONNECT_S = 5.0

# Telegram publishes about 30 a second in all, one a second in a chat, twenty a minute in a group.
# The windows are wider than that, since what is counted here as it leaves is counted there as it
# arrives. How late that may be is known by the answer alone: a chat's second is over no sooner than
# a second after it.
_A_SECOND_S = 1.0
_SECOND_S, _MINUTE_S, _A_MINUTE = 1.05, 61.0, 20
_ALL = Budget("telegram", 28, 1.1)
_ORDINARY = Budget("telegram ordinary", 20, 1.1)
"""A share of all is left to what protects people: a hide never waits for cards."""


class _Bot(Bot):
    """The client's `Bot`, which otherwise parses all updates at once: one that it cannot read
    would keep all others from being taken."""

    async def raw_updates(self, wait_s: int, **params: Any) -> list[dict[str, Any]]:
        """What getUpdates answers, but for what is no update. Raises TelegramError where none is:
        asked again at once, it would be answered no better."""
        found: Any = await self._post(
            "getUpdates", {"timeout": wait_s, **params}, read_timeout=wait_s + ANSWER_S
        )
        updates = [each for each in found if _is_update(each)] if isinstance(found, list) else []
        if found and not updates:
            raise TelegramError("it answers with something else than updates")
        return updates


def _is_update(told: Any) -> bool:
    return isinstance(told, dict) and isinstance(told.get("update_id"), int)


class Spend(Enum):
    """What a call costs."""

    DEED = auto()
    """Deletes, mutes, bans: of the budget in all, and before all else."""

    EDIT = auto()
    """Changes a message, or makes one that is paid for: of the chat's second as well."""

    MESSAGE = auto()
    """Makes a message: of the group's minute as well."""

    EVIDENCE = auto()
    """Copies what is about to be hidden: as a message, but of a share of the minute, so that cards
    are left room, and without standing in line, since a hide has no time for that."""


_OUT_OF_LINE = (Spend.DEED, Spend.EVIDENCE)
_MAKES_MESSAGES = (Spend.MESSAGE, Spend.EVIDENCE)


class Client:
    """Telegram's `Bot` with rate budgets.

    base_url: without a path; the token is added, and named in no error.
    budgets: None for a client that only reads.
    """

    def __init__(self, token: str, base_url: str, budgets: Budgets | None) -> None:
        self.bot = _Bot(
            token,
            f"{base_url}/bot",
            f"{base_url}/file/bot",
            request=_request(CONNECTIONS),
            get_updates_request=_request(2),
        )
        self._spending = Spending(PLATFORM, budgets, _apart_s)
        self._missing: set[str] = set()
        self.newest: dict[int, int] = {}
        """The id of the newest message that is known of, by chat."""
        self.sent: deque[tuple[int, int]] = deque(maxlen=MOST_REMEMBERED)
        """The chats and ids of what the bot posted last."""

    @property
    def me(self) -> User:
        """The bot's own account; only after `log_in`."""
        return self.bot.bot

    async def log_in(self) -> None:
        """Ask who the token belongs to. Raises CannotStart for a token that belongs to nobody,
        PlatformError when Telegram does not answer."""
        with telegram_errors():
            try:
                await self.bot.initialize()
            except InvalidToken:
                raise CannotStart(NOT_ACCEPTED) from None

    async def close(self) -> None:
        """Let go of the connections."""
        await self.bot.shutdown()

    async def read(self, call: Awaitable[T]) -> T:
        """Ask for something; costs no budget. Raises PlatformError, Refused."""
        with telegram_errors():
            return await call

    async def updates(self, wait_s: int, **params: Any) -> list[dict[str, Any]]:
        """Updates as JSON, after at most `wait_s` seconds. Raises PlatformError, Refused."""
        with telegram_errors():
            return await self.bot.raw_updates(wait_s, **params)

    async def end_webhook(self) -> None:
        """Have updates kept for whoever asks for them. Raises PlatformError, Refused."""
        await self.read(self.bot.delete_webhook())

    async def act(
        self,
        chat: int,
        spend: Spend,
        call: Callable[[], Awaitable[T]],
        *,
        cost: int = 1,
        share: Budget | None = None,
        patience_s: float = PATIENCE_S,
    ) -> T:
        """Do something in a chat, once its budgets allow.

        cost: how many messages it makes. patience_s: the longest wait for its budgets, in seconds.
        share: one more budget, for what is left undone once that is spent; nobody stands in line
        behind such things.
        Raises ShareSpent then; PlatformBusy when it takes longer, PlatformError, Refused.
        """
        line = share.name if share is not None else chat
        await self._spending.take(
            _budgets(chat, spend, cost), None if spend in _OUT_OF_LINE else line, patience_s, share
        )
        try:
            with telegram_errors():
                done = await call()
        except PlatformBusy as busy:
            for name in (_deeds(chat), _second(chat)):
                await self._spending.close(name, busy.retry_after)
            raise
        for each in done if isinstance(done, list | tuple) else (done,):
            if isinstance(each, Message):
                self.saw(each)
                self.sent.append((each.chat.id, each.message_id))
        if spend is not Spend.DEED:
            await self._answered(chat)
        return done

    async def _answered(self, chat: int) -> None:
        try:
            await self._spending.close(_second(chat), _A_SECOND_S)
        except FlowUnavailable as exc:  # it is done, and is not to be done again for this
            log.warning("a chat's second is counted from its start", chat=chat, error=str(exc))

    def saw(self, message: Message) -> None:
        """Remember a message's id, in case it is the newest of its chat."""
        chat = message.chat.id
        self.newest[chat] = max(message.message_id, self.newest.get(chat, 0))

    async def set_up(self, name: str, call: Callable[[], Awaitable[bool]]) -> None:
        """Change what belongs to the bot and to no chat; a server that lacks the method is left as
        it is. Raises PlatformBusy, PlatformError, Refused."""
        await self._spending.take([_ALL, _ORDINARY], None, UNHURRIED_S)
        try:
            await self.read(call())
        except Unknown:
            self.misses(name)

    def misses(self, name: str) -> None:
        """Remember that the server does not know a method; said once."""
        if self.knows(name):
            self._missing.add(name)
            log.warning("the server does not know a method, done without", method=name)

    def knows(self, name: str) -> bool:
        """Whether the server may know a method, as far as it was tried."""
        return name not in self._missing


def _apart_s(wait: float) -> float:
    return _SECOND_S if wait <= _SECOND_S else _MINUTE_S / _A_MINUTE


def _budgets(chat: int, spend: Spend, cost: int) -> list[Budget]:
    if spend is Spend.DEED:
        return [_ALL, Budget(_deeds(chat), 28, 1.1)]
    wanted = [_ALL, _ORDINARY, Budget(_second(chat), 1, _SECOND_S)]
    if spend in _MAKES_MESSAGES and chat < 0:
        wanted.append(Budget(f"telegram {chat} minute", _A_MINUTE, _MINUTE_S, cost))
        if spend is Spend.EVIDENCE:
            share = _A_MINUTE // 2  # an album has ten parts at most
            wanted.append(Budget(f"telegram {chat} evidence", share, _MINUTE_S, cost))
    return wanted


def _deeds(chat: int) -> str:
    return f"telegram {chat} deeds"


def _second(chat: int) -> str:
    return f"telegram {chat} second"


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        read_timeout=ANSWER_S,
        write_timeout=ANSWER_S,
        connect_timeout=CONNECT_S,
        pool_timeout=ANSWER_S,
    )
