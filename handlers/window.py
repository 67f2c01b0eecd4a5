"""The window that reviewers have on their queue: a few cards at once, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.cases import Status
from bot.domain.communities import Community
from bot.domain.effects import Effect, EffectKind, Intent
from bot.domain.messages import Place
from bot.domain.ports import Clockwork, EffectStream, ReviewQueue, Store, Transaction

# Telegram lets a bot send twenty messages a minute to a group (PLATFORM_FACTS): more open cards
# than that could not be kept up to date, and nobody could read them.
CARDS_AT_ONCE = 20


class Window:
    """Keeps each review channel showing its community's most urgent open cases."""

    def __init__(
        self, store: Store, queue: ReviewQueue, effects: EffectStream, now: Clockwork
    ) -> None:
        self._store = store
        self._queue = queue
        self._effects = effects
        self._now = now

    async def fill(self, community: Community) -> None:
        """Ask for cards until every review channel shows `CARDS_AT_ONCE`, or all there are.

        Raises FlowUnavailable, StorageUnavailable; the next sweep tries again.
        """
        for channel in community.review_channels:
            await self._effects.publish(await self._fill_channel(community, channel))

    async def _fill_channel(self, community: Community, channel: Place) -> list[Intent]:
        urgent = await self._queue.first(community.id, 2 * CARDS_AT_ONCE)
        if not urgent:
            return []
        async with self._store.reading() as tx:
            missing = await _missing(tx, community, channel, urgent)
        if not missing:  # as most often: this is looked at with every case
            return []
        async with self._store.transaction() as tx:
            missing = await _missing(tx, community, channel, urgent)
            effects = [Effect(EffectKind.CARD, case_id, channel) for case_id in missing]
            return await tx.outbox.add(community.id, effects, self._now())


async def _missing(
    tx: Transaction, community: Community, channel: Place, urgent: Sequence[str]
) -> list[str]:
    """The cases that the channel has room for and has no card of, posted or on its way."""
    free = CARDS_AT_ONCE - await tx.cards.with_card(community.id, channel, Status.OPEN)
    missing: list[str] = []
    for case_id in urgent:
        if len(missing) >= free:
            break
        if await tx.cards.card_ref(case_id, channel) is None and not (
            await tx.outbox.pending(case_id, EffectKind.CARD, channel)
        ):
            missing.append(case_id)
    return missing
