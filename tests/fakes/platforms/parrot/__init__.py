"""A third platform, of one folder: a bird that says one thing, and keeps what is done to it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from aiohttp import web

from bot.adapters.platform import Given
from bot.domain.effects import Outcome, Result
from bot.domain.messages import Author, Message, Part, PartKind, Person, Place
from bot.domain.ports import Desk, Inbox, Order, Phrases
from bot.domain.repositories import Store

CAGE = Place("parrot", "cage")
KEEPERS = Place("parrot", "keepers")

done: list[Order] = []
"""All that was asked of the platform in this process."""


class Parrot:
    """Fits `platform.Platform`."""

    platform = "parrot"

    def __init__(self, given: Given) -> None:
        self._word = given.token

    async def log_in(self) -> None:
        """A parrot knows everybody."""

    def routes(self) -> list[web.RouteDef]:
        """It calls nobody."""
        return []

    async def close(self) -> None:
        """It is content."""

    async def run(self, inbox: Inbox, desk: Desk) -> None:
        """Say the word, then sit."""
        now = datetime.now(UTC)
        polly = Author(Person("parrot", "polly", "Polly"))
        await inbox.put(Message(CAGE, "1", polly, (Part(PartKind.TEXT, self._word),), now, now))
        await asyncio.Event().wait()

    async def carry_out(self, order: Order) -> Outcome:
        """Have it done."""
        done.append(order)
        return Outcome(Result.DONE, ref="1")

    async def may_review(self, person: Person, channel: Place) -> bool:
        """Keepers may."""
        return channel == KEEPERS

    async def may_administer(self, person: Person, group: Place) -> bool:
        """Nobody may."""
        return False

    async def problems(self) -> list[str]:
        """It has none."""
        return []


open_platform = Parrot


async def diagnose(token: str, base_url: str, store: Store, phrases: Phrases) -> list[str]:
    """Say how it is."""
    return [f"the parrot only says {token}"]
