"""Many people writing in many groups at a steady rate, and what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import cycle, pairwise

from tests.fakes.loopback.control import Report
from tests.fakes.loopback.pace import paced, quantile

from .groups import Group
from .journal import SENDING
from .messages import Message
from .people import BotHandle, Person
from .server import TelegramServer


@dataclass(frozen=True, slots=True)
class LoadReport(Report):
    """What the server counted. Times in seconds; a hide is a deletion by the bot.

    `late` is how far the offering itself fell behind its rate, at worst.
    `hidden_out_of_order` counts hides that overtook an older one in the same group.
    """

    offered: int
    unconfirmed: int
    hidden: tuple[int, ...]
    p50: float
    p99: float
    slowest: float
    hidden_out_of_order: int
    refused_deletes: int
    peak_a_second: int
    peak_acts_a_second: int
    peak_a_second_in_a_chat: int
    peak_messages_a_minute: int
    too_many_requests: int
    late: float


class Load:
    """Groups of one bot, and the messages offered to it."""

    def __init__(self, server: TelegramServer) -> None:
        self._server = server
        self._bot: BotHandle | None = None
        self.groups: list[Group] = []
        self._people: list[Person] = []
        self.offered: list[Message] = []
        self._late = 0.0
        self._offering: asyncio.Task[None] | None = None

    def prepare(self, bot: BotHandle, *, groups: int = 200, members: int = 3) -> list[int]:
        """Make supergroups in which the bot may delete and restrict; returns their ids."""
        owner = self._server.user("load owner")
        self._bot = bot
        self._people = [self._server.user(f"load member {n}") for n in range(members)]
        rights = ("can_delete_messages", "can_restrict_members")
        for number in range(groups):
            group = self._server.group(f"Load {number}", owner=owner).add(bot, rights=rights)
            self.groups.append(group.joins(*self._people))
        return [group.id for group in self.groups]

    def start(self, texts: list[str], *, rate: float, seconds: float) -> None:
        """Begin to offer, in this event loop: texts, groups and people take turns. Each round of
        the groups begins one later, so that every text comes to every group; each bears its
        number, so that none is like another."""
        if not self.groups:
            raise ValueError("load: prepare groups first")
        self._offering = asyncio.create_task(self._offer(texts, rate, seconds))

    async def finished(self) -> int:
        """Wait until all is offered; returns how many messages."""
        if self._offering is not None:
            await self._offering
        return len(self.offered)

    async def _offer(self, texts: list[str], rate: float, seconds: float) -> None:
        turns = zip(cycle(texts), cycle(self._people), strict=False)
        async for number, late in paced(rate, seconds):
            self._late = max(self._late, late)
            text, person = next(turns)
            round_, turn = divmod(number, len(self.groups))
            group = self.groups[(turn + round_) % len(self.groups)]
            self.offered.append(group.says(person, f"{text} {number}"))

    def report(self) -> LoadReport:
        """What became of it up to now."""
        hidden = [message for message in self.offered if message.deleted_at is not None]
        waits = sorted((m.deleted_at or 0.0) - m.posted_at for m in hidden)
        journal = self._server.journal
        deletes = journal.of("deleteMessage", "deleteMessages", ok=False)
        return LoadReport(
            offered=len(self.offered),
            unconfirmed=self._bot.waiting if self._bot else 0,
            hidden=tuple(n for n, m in enumerate(self.offered) if m.deleted_at is not None),
            p50=quantile(waits, 0.5),
            p99=quantile(waits, 0.99),
            slowest=waits[-1] if waits else 0.0,
            hidden_out_of_order=sum(map(_overtaken, self._by_group(hidden))),
            refused_deletes=len(deletes),
            peak_a_second=journal.peak_a_second(),
            peak_acts_a_second=journal.peak_acts_a_second(),
            peak_a_second_in_a_chat=max(map(journal.peak_a_second, self._touched()), default=0),
            peak_messages_a_minute=max(
                map(journal.peak_messages_a_minute, self._sent_to()), default=0
            ),
            too_many_requests=sum(request.code == 429 for request in journal.requests),
            late=self._late,
        )

    def _by_group(self, messages: list[Message]) -> list[list[Message]]:
        groups: dict[int, list[Message]] = {group.id: [] for group in self.groups}
        for message in messages:
            groups[message.chat.id].append(message)
        return list(groups.values())

    def _touched(self) -> set[int]:
        return {r.chat for r in self._server.journal.requests if r.chat is not None}

    def _sent_to(self) -> set[int]:
        return {r.chat for r in self._server.journal.of(*SENDING) if r.chat is not None}


def _overtaken(messages: list[Message]) -> int:
    return sum((a.deleted_at or 0) > (b.deleted_at or 0) for a, b in pairwise(messages))
