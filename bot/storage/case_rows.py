"""A case as a row, and a row as a case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from bot.codec import read_verdict, write_verdict
from bot.domain.cases import Case, Decision, DecisionKind, Status
from bot.domain.claims import Claim
from bot.domain.messages import Person, Place


def standing(case: Case) -> dict[str, Any]:
    """The columns that change while a case lives."""
    claim, decision = case.claim, case.decision
    return {
        "due_at": case.due_at,
        "hidden": case.hidden,
        "generation": case.generation,
        "status": case.status.value,
        "claim_platform": claim and claim.holder.platform,
        "claim_person_id": claim and claim.holder.id,
        "claim_person_name": claim and claim.holder.name,
        "claim_generation": claim and claim.generation,
        "claim_until": claim and claim.until,
        "decision": decision and decision.kind.value,
        "decided_platform": decision and decision.by.platform,
        "decided_by_id": decision and decision.by.id,
        "decided_by_name": decision and decision.by.name,
        "decided_at": decision and decision.at,
        "decided_was_hidden": decision and decision.was_hidden,
    }


def written(case: Case) -> dict[str, Any]:
    """All columns of a case."""
    return {
        "id": case.id,
        "community_id": case.community_id,
        "number": case.number,
        "message_key": case.message_key,
        "platform": case.place.platform,
        "group_id": case.place.group,
        "channel_id": case.place.channel,
        "message_id": case.message_id,
        "author_platform": case.author.platform,
        "author_id": case.author.id,
        "author_name": case.author.name,
        "punishable": case.punishable,
        "reach": case.reach,
        "verdict": write_verdict(case.verdict),
        "opened_at": case.opened_at,
        **standing(case),
    }


def read(row: Row[Any]) -> Case:
    """The case in a row. Raises UnreadablePayload."""
    return Case(
        id=row.id,
        community_id=row.community_id,
        number=row.number,
        message_key=row.message_key,
        place=Place(row.platform, row.group_id, row.channel_id),
        message_id=row.message_id,
        author=Person(row.author_platform, row.author_id, row.author_name),
        punishable=row.punishable,
        reach=row.reach,
        verdict=read_verdict(row.verdict),
        opened_at=row.opened_at,
        due_at=row.due_at,
        hidden=row.hidden,
        generation=row.generation,
        status=Status(row.status),
        claim=_claim(row),
        decision=_decision(row),
    )


def _claim(row: Row[Any]) -> Claim | None:
    if row.claim_until is None:
        return None
    holder = Person(row.claim_platform, row.claim_person_id, row.claim_person_name)
    return Claim(holder, row.claim_generation, row.claim_until)


def _decision(row: Row[Any]) -> Decision | None:
    if row.decision is None:
        return None
    by = Person(row.decided_platform, row.decided_by_id, row.decided_by_name)
    return Decision(DecisionKind(row.decision), by, row.decided_at, row.decided_was_hidden)
