"""Putting what happened to a case on record, in the transaction that it happens in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.cases import Case, Change
from bot.domain.communities import Community
from bot.domain.effects import Effect, EffectKind, Intent
from bot.domain.errors import NotFound
from bot.domain.messages import Message
from bot.domain.repositories import Transaction


async def record(tx: Transaction, change: Change, now: datetime) -> list[Intent]:
    """Put a change's facts into the audit log and its effects into the outbox."""
    case = change.case
    for fact in change.facts:
        await tx.audit.append(case.community_id, now, fact)
    return await tx.outbox.add(case.community_id, change.effects, now)


async def case_of_text(
    tx: Transaction, community: Community, message: Message
) -> tuple[Message, Case | None]:
    """A message under the number that its text has, and the case of that text, locked; None where
    it has none.

    Where a number's case is about another text, it was forgotten how often the message had been
    edited, and it counts from the start again: a later number is the text's.
    """
    while True:
        try:
            case = await tx.cases.lock_of(community.id, message.key)
        except NotFound:
            return message, None
        if await says_the_same(tx, case, message):
            return message, case
        message = replace(message, revision=message.revision + 1)


async def says_the_same(tx: Transaction, case: Case, message: Message) -> bool:
    """Whether a case is about what its message says now, and not about what it said before an
    edit. Where the evidence was erased nobody knows, and reviewers are asked once more."""
    if message.revision == 0:
        return True  # a first text is there once, though an album or a sentence be read around it
    known = await tx.cases.evidence(case.id)
    return known is not None and known.message.text == message.text


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
