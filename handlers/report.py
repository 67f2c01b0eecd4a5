"""A member, or the platform itself, asks reviewers to look at somebody's message."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from bot.domain.audit import Fact
from bot.domain.cases import Case, Change, Status, open_case
from bot.domain.communities import Community
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Budget, Budgets
from bot.domain.messages import Message, Person, readable
from bot.domain.policy import Policy, Verdict
from bot.domain.ports import Clockwork, PressReply, ReviewQueue, Waiting
from bot.domain.repositories import Evidence, Store, Transaction
from bot.domain.signals import Flagged, Reported, Signal, Told
from bot.domain.urgency import urgency
from handlers.recording import case_of_text, record, refresh_cards, says_the_same
from handlers.window import Window

log = structlog.get_logger(__name__)

REPORTS_AN_HOUR = 10


@dataclass(frozen=True, slots=True)
class _Notice:
    """What is said of a message. by: who says it, for the record; action: how the record names
    that."""

    signal: Reported | Flagged
    by: str
    action: str

    def same(self, signal: object) -> bool:
        """Whether a signal says this already: a member's second report says nothing new."""
        mine = self.signal
        if isinstance(mine, Reported) and isinstance(signal, Reported):
            return mine.by == signal.by
        return mine == signal


class ReportHandler:
    """Opens a case on a report, or strengthens the one there is."""

    def __init__(
        self,
        *,
        store: Store,
        budgets: Budgets,
        waiting: Waiting,
        queue: ReviewQueue,
        window: Window,
        now: Clockwork,
    ) -> None:
        self._store = store
        self._budgets = budgets
        self._waiting = waiting
        self._queue = queue
        self._window = window
        self._now = now

    async def report(self, message: Message, reporter: Person, why: str = "") -> PressReply:
        """Fits `ports.Desk`. Raises StorageUnavailable, FlowUnavailable."""
        if refused := await self._refused(message, reporter):
            return PressReply(refused, accepted=False)
        signal = Reported(str(reporter), readable(why))
        return await self._noted(message, _Notice(signal, str(reporter), "case.reported"))

    async def flag(self, message: Message, flagged: Flagged) -> None:
        """Fits `ports.Desk`. Raises StorageUnavailable."""
        await self._noted(message, _Notice(flagged, flagged.by, "case.flagged"))

    async def _noted(self, message: Message, notice: _Notice) -> PressReply:
        async with self._store.transaction() as tx:
            place = message.place
            community = await tx.communities.by_group(place.platform, place.group)
            if community is None:
                return PressReply("report.not_moderated", accepted=False)
            policy = await tx.policies.in_force(community.id)
            message, known = await _known(tx, community, message)
            if known is not None and known.status is Status.DECIDED:
                return PressReply("report.decided", accepted=False)
            case = None
            if known is None:
                case = await self._open(tx, community, policy, message, notice)
            if case is None:  # it has its case, if only since this very moment
                key = message.key if known is None else known.message_key
                locked = await tx.cases.lock_of(community.id, key)
                case = await self._strengthen(tx, community, policy, locked, notice)
        if case is None:
            return PressReply("report.again")
        log.info("message reported", case=case.id, message=message.key, reporter=notice.by)
        await self._offer(community, case, message)
        return PressReply("report.taken")

    async def _refused(self, message: Message, reporter: Person) -> str | None:
        if message.author.person == reporter:
            return "report.own"
        if message.author.is_bot:
            return "report.bot"
        share = Budget(f"reports {reporter}", REPORTS_AN_HOUR, 3600.0)
        return "report.too_many" if await self._budgets.take([share]) > 0 else None

    async def _open(
        self,
        tx: Transaction,
        community: Community,
        policy: Policy,
        message: Message,
        notice: _Notice,
    ) -> Case | None:
        now = self._now()
        signals = (notice.signal,)
        verdict = policy.judge(signals)
        change = open_case(uuid.uuid4().hex, community.id, message, verdict, policy, now)
        case = await tx.cases.add(change.case, Evidence(message, signals))
        if case is not None:
            reported = Fact(notice.action, notice.by, case.id, policy.version)
            await record(tx, Change(case, change.effects, (*change.facts, reported)), now)
        return case

    async def _strengthen(
        self, tx: Transaction, community: Community, policy: Policy, known: Case, notice: _Notice
    ) -> Case | None:
        """The case with one notice more; None where it says nothing new."""
        now = self._now()
        evidence = await tx.cases.evidence(known.id)
        if evidence is None or any(notice.same(each) for each in evidence.signals):
            return None
        case = replace(known, verdict=_with(notice, evidence.signals, known.verdict, policy))
        evidence = replace(evidence, signals=(*evidence.signals, notice.signal))
        await tx.cases.strengthen(case, evidence)
        fact = Fact(notice.action, notice.by, case.id, policy.version)
        await record(tx, Change(case, (), (fact,)), now)
        await refresh_cards(tx, community, case, now)
        return case

    async def _offer(self, community: Community, case: Case, message: Message) -> None:
        try:
            await self._waiting.hasten(message)
            await self._queue.put(community.id, case.id, urgency(case))
            await self._window.fill(community)
        except FlowUnavailable as exc:
            log.warning("report is on record, Redis is not there", error=str(exc))


async def _known(
    tx: Transaction, community: Community, message: Message
) -> tuple[Message, Case | None]:
    """The newest case of a message, unless that is about what it said before an edit: what it says
    now is a matter of its own."""
    newest = await tx.cases.by_message(community.id, message.place, message.id)
    if newest is None or await says_the_same(tx, newest, message):
        return message, newest
    return await case_of_text(tx, community, message)


def _with(notice: _Notice, before: Sequence[Signal], verdict: Verdict, policy: Policy) -> Verdict:
    """A case's verdict with one notice more. What was done rests on what the message was judged
    to be: of that, a notice changes the place in the queue, and is told beside it."""
    told = [each for each in before if isinstance(each, Told)]
    together = policy.judge([*told, notice.signal])
    if len(told) == len(before):
        return together
    reason = verdict.reason
    if told:
        reason = reason.removesuffix(f"; {policy.judge(told).reason}")
    return replace(
        verdict,
        severity=max(verdict.severity, together.severity),
        reason=f"{reason}; {together.reason}",
    )
