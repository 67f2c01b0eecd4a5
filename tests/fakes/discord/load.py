"""Many people writing in many channels at a steady rate, and what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import cycle, pairwise

from tests.fakes.loopback.control import Report
from tests.fakes.loopback.pace import paced, quantile

from .messages import Message
from .people import BotHandle, Person
from .permissions import MODERATES
from .places import ChannelHandle
from .server import DiscordServer

_DELETES = {
    "/channels/{channel_id}/messages/{message_id}",
    "/channels/{channel_id}/messages/bulk-delete",
}


@dataclass(frozen=True, slots=True)
class LoadReport(Report):
    """What the server counted. Times in seconds; a hide is a deletion by the bot.

    `late` is how far the offering itself fell behind its rate, at worst; `impatient` counts
    requests that were sent although an earlier answer had told to wait.
    `hidden_out_of_order` counts hides that overtook an older one in the same channel.
    """

    offered: int
    hidden: tuple[int, ...]
    p50: float
    p99: float
    slowest: float
    hidden_out_of_order: int
    refused_deletes: int
    peak_a_second: int
    too_many_requests: int
    impatient: int
    invalid: int
    late: float


class Load:
    """Channels of one bot, and the messages offered to it."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self.channels: list[ChannelHandle] = []
        self._people: list[Person] = []
        self.offered: list[Message] = []
        self._late = 0.0
        self._offering: asyncio.Task[None] | None = None

    def prepare(self, bot: BotHandle, *, channels: int = 200, members: int = 3) -> list[int]:
        """Make a guild that the bot moderates, with channels; returns the channels' ids."""
        owner = self._server.user("load owner")
        guild = self._server.guild("Load", owner=owner)
        self._people = [self._server.user(f"load member {n}") for n in range(members)]
        self.channels = [guild.channel(f"load-{number}") for number in range(channels)]
        guild.joins(*self._people).add(bot, rights=MODERATES)
        return [channel.id for channel in self.channels]

    @property
    def guild_id(self) -> int:
        """The guild of the prepared channels."""
        guild = self.channels[0].channel.guild
        assert guild is not None
        return guild.id

    def start(self, texts: list[str], *, rate: float, seconds: float) -> None:
        """Begin to offer, in this event loop: texts, channels and people take turns."""
        if not self.channels:
            raise ValueError("load: prepare channels first")
        self._offering = asyncio.create_task(self._offer(texts, rate, seconds))

    async def finished(self) -> int:
        """Wait until all is offered; returns how many messages."""
        if self._offering is not None:
            await self._offering
        return len(self.offered)

    async def _offer(self, texts: list[str], rate: float, seconds: float) -> None:
        turns = zip(cycle(texts), cycle(self.channels), cycle(self._people), strict=False)
        async for _, late in paced(rate, seconds):
            self._late = max(self._late, late)
            text, channel, person = next(turns)
            self.offered.append(channel.says(person, text))

    def report(self) -> LoadReport:
        """What became of it up to now."""
        hidden = [message for message in self.offered if message.deleted_at is not None]
        waits = sorted((m.deleted_at or 0.0) - m.posted_at for m in hidden)
        journal = self._server.journal
        return LoadReport(
            offered=len(self.offered),
            hidden=tuple(n for n, m in enumerate(self.offered) if m.deleted_at is not None),
            p50=quantile(waits, 0.5),
            p99=quantile(waits, 0.99),
            slowest=waits[-1] if waits else 0.0,
            hidden_out_of_order=sum(map(_overtaken, self._by_channel(hidden))),
            refused_deletes=sum(request.route in _DELETES for request in journal.of(ok=False)),
            peak_a_second=journal.peak_a_second(),
            too_many_requests=len(journal.too_many_requests()),
            impatient=len(journal.impatient()),
            invalid=len(journal.invalid()),
            late=self._late,
        )

    def _by_channel(self, messages: list[Message]) -> list[list[Message]]:
        channels: dict[int, list[Message]] = {channel.id: [] for channel in self.channels}
        for message in messages:
            channels[message.channel.id].append(message)
        return list(channels.values())


def _overtaken(messages: list[Message]) -> int:
    return sum((a.deleted_at or 0) > (b.deleted_at or 0) for a, b in pairwise(messages))
