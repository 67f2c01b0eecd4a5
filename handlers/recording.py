"""Putting what happened to a case on record, in the transaction that it happens in."""

from __future__ import annotations

from datetime import datetime

from bot.domain.cases import Case, Change
from bot.domain.communities import Community
from bot.domain.effects import Effect, EffectKind, Intent
from bot.domain.ports import Transaction


async def record(tx: Transaction, change: Change, now: datetime) -> list[Intent]:
    """Put a change's facts into the audit log and its effects into the outbox."""
    case = change.case
    for fact in change.facts:
        await tx.audit.append(case.community_id, now, fact)
    return await tx.outbox.add(case.community_id, change.effects, now)


async def refresh_cards(
    tx: Transaction, community: Community, case: Case, now: datetime
) -> list[Intent]:
    """Ask for the case's cards to show how it stands now, wherever it has one."""
    effects = []
    for channel in community.review_channels:
        if await tx.cards.card_ref(case.id, channel) is None:
            continue
        # A card is drawn when its turn comes, so one that still waits will show all of this.
        if not await tx.outbox.pending(case.id, EffectKind.CARD, channel):
            effects.append(Effect(EffectKind.CARD, case.id, channel))
    return await tx.outbox.add(community.id, effects, now)
