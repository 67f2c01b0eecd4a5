"""More of an album came than its case knows of: one matter all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.cases import Case, Status, grow
from bot.domain.communities import Community
from bot.domain.effects import Intent
from bot.domain.messages import Message
from bot.domain.policy import Policy, Verdict
from bot.domain.repositories import Evidence, Transaction
from bot.domain.signals import Signal, Told
from handlers.recording import record, refresh_cards

Known = tuple[Case, Evidence]


async def known_of_album(
    tx: Transaction, community: Community, message: Message, *, lock: bool = False
) -> Known | None:
    """The case that an album has under another number, with fewer parts or with these; None where
    this is a matter of its own.

    lock: so that nobody else changes the case until the transaction ends.
    """
    if message.album is None:
        return None
    case = await tx.cases.by_message(community.id, message.place, message.id)
    if case is None or case.message_key == message.key:
        return None
    if lock:
        case = await tx.cases.lock(case.id)
    evidence = await tx.cases.evidence(case.id)
    if evidence is None or not _is_of(case, evidence.message, message):
        return None
    return case, evidence


async def take_in_parts(
    tx: Transaction,
    community: Community,
    known: Known,
    judged: Evidence,
    verdict: Verdict | None,
    policy: Policy,
    now: datetime,
) -> tuple[Case, list[Intent]] | None:
    """Put on record what more there is of an album; None where that is nothing.

    known: its case, locked. verdict: on the whole album; None where that asks for nothing.
    """
    case, before = known
    if before.message.includes(judged.message):
        return None
    after = replace(before, message=_grown(before.message, judged.message))
    reached = case.verdict
    told = [each for each in before.signals if isinstance(each, Told)]
    unjudged = len(told) == len(before.signals)
    if verdict is not None and (unjudged or judged.message.text != before.message.text):
        after = replace(after, signals=(*judged.signals, *told), words=())
        reached = _with(verdict, told, case.verdict, policy)
    change = grow(case, reached)
    await tx.cases.strengthen(change.case, after)
    if change.case.generation != case.generation:
        await tx.cases.save(change.case)
    intents = await record(tx, change, now)
    return change.case, [*intents, *await refresh_cards(tx, community, change.case, now)]


def _is_of(case: Case, before: Message, now: Message) -> bool:
    """What reviewers left up says something else once more of it says something."""
    if before.includes(now):
        return True
    left_up = case.status is Status.DECIDED and not case.hidden
    return now.includes(before) and not (left_up and now.text != before.text)


def _grown(before: Message, now: Message) -> Message:
    """What came late stands last, so that what was put aside of the others is still theirs."""
    late = (file for file in now.attachments if file not in before.attachments)
    attachments = (*before.attachments, *late)
    return replace(now, id=before.id, revision=before.revision, attachments=attachments)


def _with(verdict: Verdict, told: Sequence[Signal], before: Verdict, policy: Policy) -> Verdict:
    """A verdict beside what was told of the album before."""
    severity = max(verdict.severity, before.severity)
    reason = f"{verdict.reason}; {policy.judge(told).reason}" if told else verdict.reason
    return replace(verdict, severity=severity, reason=reason)
