"""The window that reviewers have on their queue: a few cards at once, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.communities import Community
from bot.domain.effects import Effect, EffectKind, Intent
from bot.domain.messages import Place
from bot.domain.ports import Clockwork, EffectStream, ReviewQueue
from bot.domain.repositories import CardRefusals, Store, Transaction

# Telegram lets a bot send twenty messages a minute to a group (PLATFORM_FACTS): more open cards
# than that could not be kept up to date, and nobody could read them.
CARDS_AT_ONCE = 20

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=30)
"""How long a card that the platform refused is not asked for again: twice as long each time. Each
try costs a message of the channel's minute and a line in the log, and a human has to mend it."""


class Window:
    """Keeps each review channel showing its community's most urgent open cases."""

    def __init__(
        self, store: Store, queue: ReviewQueue, effects: EffectStream, now: Clockwork
    ) -> None:
        self._store = store
        self._queue = queue
        self._effects = effects
        self._now = now

    async def fill(self, community: Community, *, mended: Place | None = None) -> None:
        """Ask for cards until every review channel shows `CARDS_AT_ONCE`, or all there are.

        mended: a group or chat where the bot may do now what it could not: what was refused there
            is asked for at once.
        Raises FlowUnavailable, StorageUnavailable; the next sweep tries again.
        """
        for channel in community.review_channels:
            now = None if _in(mended, channel) else self._now()
            await self._effects.publish(await self._fill_channel(community, channel, now))

    async def _fill_channel(
        self, community: Community, channel: Place, now: datetime | None
    ) -> list[Intent]:
        urgent = await self._queue.first(community.id, 2 * CARDS_AT_ONCE)
        if not urgent:
            return []
        async with self._store.reading() as tx:
            missing = await _missing(tx, community, channel, urgent, now)
        if not missing:  # as most often: this is looked at with every case
            return []
        async with self._store.transaction() as tx:
            missing = await _missing(tx, community, channel, urgent, now)
            effects = [Effect(EffectKind.CARD, case_id, channel) for case_id in missing]
            return await tx.outbox.add(community.id, effects, self._now())


async def _missing(
    tx: Transaction,
    community: Community,
    channel: Place,
    urgent: Sequence[str],
    now: datetime | None,
) -> list[str]:
    """The cases that the channel has room for and has no card of, posted or on its way. Those
    whose card was refused are left out until they have waited; not where `now` is None."""
    free = CARDS_AT_ONCE - await tx.cards.with_card(community.id, channel, CARDS_AT_ONCE)
    if free <= 0:
        return []
    without = await tx.cards.without(urgent, channel)
    return [each for each in urgent if each in without and _waited(without[each], now)][:free]


def _waited(refusals: CardRefusals, now: datetime | None) -> bool:
    if refusals.newest is None or now is None:
        return True
    wait = min(FIRST_WAIT * (1 << min(refusals.number - 1, 16)), LONGEST_WAIT)
    return now - refusals.newest >= wait


def _in(group: Place | None, channel: Place) -> bool:
    return group is not None and (group.platform, group.group) == (channel.platform, channel.group)
