"""Cards whose posting was begun: which of them may stand in a channel without our knowing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from weakref import WeakValueDictionary

import structlog
from telegram import Message

from bot.adapters.telegram.client import Client
from bot.adapters.telegram.errors import PLATFORM, InDoubt, Refused, telegram_errors
from bot.adapters.telegram.notes import Notes
from bot.domain.errors import FlowUnavailable, PlatformError
from bot.domain.memory import Facts
from bot.domain.messages import Place
from bot.domain.repositories import Store

log = structlog.get_logger(__name__)

CARDS = "cards"
MOST_LOOKED_AT = 25
"""Messages that may be the lost card: it came soon behind the newest one that was known. Each look
takes the channel's second."""

MOST_MISSING = 5
"""So many in a row where nothing stands, and there is most likely nothing behind them."""

_STANDS = " stands"


class Look(Enum):
    """What stands under an id where a card may stand."""

    CARD = auto()
    """A message of the bot's, which is the card now."""

    ANOTHERS = auto()
    NOTHING = auto()


@dataclass
class _Search:
    """How far a search has come: a busy channel may interrupt it."""

    behind: int = 0
    missing: int = 0


class Postings:
    """Remembers what is being posted, and where it stands, until that must be on record.

    Killed or cut off between a card's posting and its record, a bot cannot know whether the card
    stands, and Telegram lets no bot look for its own messages. But a message's id is greater than
    those before it in its chat, and a bot can edit messages of its own alone: so the lost card is
    found by editing what came behind the newest message that was known when it was posted.
    """

    def __init__(self, client: Client, facts: Facts, store: Store) -> None:
        self._client = client
        self._notes = Notes(facts, CARDS)
        self._store = store
        self._searches: dict[str, _Search] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def post(
        self, intent_id: str, channel: Place, call: Callable[[], Awaitable[Message]]
    ) -> Message:
        """Post a card. Raises PlatformError, Refused."""
        async with self._turn(channel):
            await self._begin(intent_id, channel)
            try:
                with telegram_errors():
                    sent = await call()
            except InDoubt:
                raise
            except (PlatformError, Refused):
                await self._notes.forget(intent_id)
                raise
            await self._posted(intent_id, channel, sent.message_id)
            return sent

    async def find(
        self, intent_id: str, channel: Place, look: Callable[[int], Awaitable[Look]]
    ) -> int | None:
        """The id of a card that was posted without its being on record; None where there is none.

        look: draws the card anew in a message's place, if that is the bot's own.
        Raises PlatformError, Refused, StorageUnavailable; asked again, it goes on from there.
        """
        async with self._turn(channel):
            search = self._searches.setdefault(intent_id, _Search())
            for message in await self._suspects(intent_id, channel):
                if message <= search.behind or search.missing >= MOST_MISSING:
                    continue
                found = await look(message)
                if found is Look.CARD:
                    del self._searches[intent_id]
                    await self._posted(intent_id, channel, message)
                    return message
                search.behind = message
                search.missing = search.missing + 1 if found is Look.NOTHING else 0
            del self._searches[intent_id]
        return None

    def _turn(self, channel: Place) -> asyncio.Lock:
        """None is looked for while another is on its way, which would be taken for a lost one."""
        return self._turns.setdefault(channel.group, asyncio.Lock())

    async def _begin(self, intent_id: str, channel: Place) -> None:
        newest = self._client.newest.get(int(channel.group), 0)
        try:
            await self._notes.keep(intent_id, str(newest))
        except FlowUnavailable as exc:
            raise PlatformError(PLATFORM, f"no card is posted without Redis: {exc}") from exc

    async def _posted(self, intent_id: str, channel: Place, message: int) -> None:
        """Note where a card stands, for as long as that may not be on record."""
        self._client.sent.append((int(channel.group), message))
        try:
            await self._notes.keep(intent_id, f"{message}{_STANDS}")
        except FlowUnavailable as exc:  # at worst it is looked for among others
            log.warning("a posting counts as open that is over", intent=intent_id, error=str(exc))
        await self._notes.over(intent_id)

    async def _suspects(self, intent_id: str, channel: Place) -> Sequence[int]:
        """The ids under which a card may stand, the likeliest first; none for one that was never
        begun, or was not posted."""
        try:
            begun = await self._notes.of(intent_id)
        except FlowUnavailable as exc:
            raise PlatformError(PLATFORM, f"no card is posted without Redis: {exc}") from exc
        if begun is None:
            return ()
        if begun.endswith(_STANDS):
            return [int(begun.removesuffix(_STANDS))]
        async with self._store.reading() as tx:
            cards = {int(ref) for ref in await tx.cards.refs(channel)}
        newest = int(begun) or max(cards, default=0)
        behind = range(newest + 1, newest + 1 + MOST_LOOKED_AT) if newest else range(0)
        known = cards | {id_ for chat, id_ in self._client.sent if chat == int(channel.group)}
        return [each for each in behind if each not in known]
