"""Cases with what they were opened on: what rules are tried on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from bot.domain.cases import Case
from bot.domain.errors import UnreadablePayload
from bot.domain.policy import Policy
from bot.domain.preview import Preview, preview
from bot.domain.repositories import Evidence, Transaction

RECENT = timedelta(days=7)


async def with_evidence(
    tx: Transaction, cases: Iterable[Case]
) -> AsyncIterator[tuple[Case, Evidence]]:
    """Those of the cases whose evidence is still there and can be read."""
    for case in cases:
        with suppress(UnreadablePayload):
            if (evidence := await tx.cases.evidence(case.id)) is not None:
                yield case, evidence


async def tried(
    tx: Transaction, community_id: str, policy: Policy, now: datetime, most: int
) -> Preview:
    """What the policy would have made of the community's RECENT cases, of the newest at most so
    many."""
    newest = await tx.cases.listed(community_id, limit=most)
    recent = [case for case in newest if case.opened_at >= now - RECENT]
    return preview(policy, [each async for each in with_evidence(tx, recent)])
