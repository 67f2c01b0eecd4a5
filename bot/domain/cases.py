"""A case: one matter for reviewers, from its opening to its decision and back.

                 claim (lease)
               ┌──────────────┐
               ▼              │
    open ──► OPEN ────────────┘
               │  decide                 undo
               └────────────► DECIDED ──────────► OPEN

Every function is pure: it takes a case and gives a `Change`, the case as it is then, the
effects that follow, and the facts for the audit log. A change of the case's standing raises
its generation, so that a button drawn before it can be told from one drawn after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.audit import Detail, Fact
from bot.domain.claims import Claim
from bot.domain.effects import Effect, EffectKind
from bot.domain.errors import (
    AlreadyDecided,
    HeldByAnother,
    InvalidValue,
    NothingToUndo,
    StalePress,
)
from bot.domain.messages import Message, Person, Place, key_stem
from bot.domain.policy import Action, Policy, Verdict, due

SYSTEM = "system"


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    """A reviewer is to decide it."""

    DECIDED = "decided"
    """A reviewer decided it; Undo opens it again."""


class DecisionKind(StrEnum):
    """What a reviewer can decide. What each one does stands beside it."""

    RESTORE = "restore"
    """The message stays: brought back if it was hidden."""

    KEEP_HIDDEN = "keep_hidden"
    """The message goes: hidden if it was not yet."""

    WARN = "warn"
    """As keep hidden, and the author is warned."""

    MUTE = "mute"
    """As keep hidden, and the author is muted for the policy's time."""

    KICK = "kick"
    """As keep hidden, and the author is put out of the group, free to come back."""

    BAN = "ban"
    """As keep hidden, and the author is banned from the group."""


SANCTIONS: Mapping[DecisionKind, EffectKind] = {
    DecisionKind.WARN: EffectKind.WARN,
    DecisionKind.MUTE: EffectKind.MUTE,
    DecisionKind.KICK: EffectKind.KICK,
    DecisionKind.BAN: EffectKind.BAN,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided.

    was_hidden: whether the message was hidden before, which is what Undo goes back to.
    """

    kind: DecisionKind
    by: Person
    at: datetime
    was_hidden: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One matter for reviewers.

    id: opaque, unique over all communities.
    number: counts within the community, for people to name it by; 0 until it is on record.
    message_key: the revision of the message that it is about (`Message.key`).
    reach: how many people can read the message where it stands.
    hidden: whether the message is to be out of its group, as far as Aman has asked.
    generation: grows with every claim, decision and undo.
    """

    id: str
    community_id: str
    message_key: str
    place: Place
    message_id: str
    author: Person
    punishable: bool
    verdict: Verdict
    opened_at: datetime
    due_at: datetime
    hidden: bool
    reach: int = 1
    number: int = 0
    generation: int = 0
    status: Status = Status.OPEN
    claim: Claim | None = None
    decision: Decision | None = None

    @property
    def left_behind(self) -> bool:
        """Whether its group has moved since: the message stands under the group's former id, and
        under the new one its own id is another message's."""
        return not self.message_key.startswith(key_stem(self.place, self.message_id))


@dataclass(frozen=True, slots=True)
class Change:
    """What follows from something that happened to a case."""

    case: Case
    effects: tuple[Effect, ...]
    facts: tuple[Fact, ...]


def open_case(
    case_id: str,
    community_id: str,
    message: Message,
    verdict: Verdict,
    policy: Policy,
    now: datetime,
) -> Change:
    """Open the case that a review or hide verdict asks for.

    Raises InvalidValue for an allow verdict: what is allowed is counted and forgotten.
    """
    if verdict.action is Action.ALLOW:
        raise InvalidValue(f"message {message.key} is allowed: there is no case to open")
    hide = verdict.action is Action.HIDE and verdict.enforced and not message.blocked
    case = Case(
        id=case_id,
        community_id=community_id,
        message_key=message.key,
        place=message.place,
        message_id=message.id,
        author=message.author.person,
        punishable=message.author.punishable,
        verdict=verdict,
        opened_at=now,
        due_at=due(policy, now),
        hidden=hide or message.blocked,
        reach=message.reach,
    )
    effects = (_hide(case), _tell(case, "notice.hidden")) if hide else ()
    return Change(case, effects, (_judged("case.opened", case, verdict),))


def judge_told(case: Case, verdict: Verdict) -> Change:
    """Take in the verdict on a message whose case is older than that: a member, or the platform's
    own moderation, spoke of it first.

    A hide verdict hides what still stands, unless a reviewer has decided already. The case then
    has both reasons, and is as severe as the graver of them.
    """
    both = replace(
        verdict,
        reason=f"{verdict.reason}; {case.verdict.reason}",
        severity=max(verdict.severity, case.verdict.severity),
    )
    asked = verdict.action is Action.HIDE and verdict.enforced
    hide = asked and not case.hidden and case.status is Status.OPEN
    judged = replace(case, verdict=both)
    if hide:
        judged = replace(judged, hidden=True, generation=case.generation + 1)
    effects = _bring_to(case, hidden=True) if hide else []
    return Change(judged, tuple(effects), (_judged("case.judged", judged, verdict),))


def grow(case: Case, verdict: Verdict) -> Change:
    """Take in that more of the case's message came than was known, and the verdict on all of it.

    What is hidden goes whole; and what is not is hidden where the verdict asks for it, unless a
    reviewer has decided already.
    """
    asked = verdict.action is Action.HIDE and verdict.enforced and case.status is Status.OPEN
    grown = replace(case, verdict=verdict)
    effects = [_hide(case)] if case.hidden else []
    if asked and not case.hidden:
        grown = replace(grown, hidden=True, generation=case.generation + 1)
        effects = _bring_to(case, hidden=True)
    return Change(grown, tuple(effects), (_judged("case.grown", grown, verdict),))


def take(case: Case, reviewer: Person, generation: int, policy: Policy, now: datetime) -> Change:
    """Claim an open case for a reviewer, or renew the claim they hold.

    Raises StalePress, AlreadyDecided, HeldByAnother.
    """
    _admit(case, reviewer, generation, now)
    claim = Claim(reviewer, case.generation + 1, now + policy.claim_for)
    claimed = replace(case, claim=claim, generation=claim.generation)
    details: dict[str, Detail] = {"until": claim.until.isoformat()}
    return Change(claimed, (), (_fact(claimed, "case.claimed", str(reviewer), details),))


def release(case: Case, reviewer: Person, generation: int, now: datetime) -> Change:
    """Give a claimed case back undecided.

    Raises StalePress, AlreadyDecided, HeldByAnother.
    """
    _admit(case, reviewer, generation, now)
    free = replace(case, claim=None, generation=case.generation + 1)
    return Change(free, (), (_fact(free, "case.released", str(reviewer), {}),))


def run_out(case: Case) -> Change:
    """End a claim whose time is over: the case is anybody's again, and its old buttons void."""
    if case.claim is None:
        raise InvalidValue(f"case {case.id} is not claimed")
    free = replace(case, claim=None, generation=case.generation + 1)
    details: dict[str, Detail] = {"holder": str(case.claim.holder)}
    return Change(free, (), (_fact(free, "case.claim_ran_out", SYSTEM, details),))


def decide(
    case: Case,
    reviewer: Person,
    kind: DecisionKind,
    generation: int,
    policy: Policy,
    now: datetime,
    reason: str = "",
) -> Change:
    """Decide a case. Who decides an unclaimed case claims it by the same press.

    reason: in the reviewer's own words, for the record.

    Raises StalePress, AlreadyDecided, HeldByAnother; InvalidValue for a sanction on an author
    who stands for somebody else.
    """
    _admit(case, reviewer, generation, now)
    if kind in SANCTIONS and not case.punishable:
        raise InvalidValue(f"case {case.id}: its author stands for others and is never punished")
    decided = replace(
        case,
        status=Status.DECIDED,
        claim=None,
        decision=Decision(kind, reviewer, now, was_hidden=case.hidden),
        hidden=kind is not DecisionKind.RESTORE,
        generation=case.generation + 1,
    )
    effects = [*_bring_to(case, hidden=decided.hidden), *_sanction(case, kind, policy, now)]
    details: dict[str, Detail] = {"decision": kind, **({"reason": reason} if reason else {})}
    fact = _fact(decided, "case.decided", str(reviewer), details)
    return Change(decided, tuple(effects), (fact,))


def undo(case: Case, reviewer: Person, generation: int, now: datetime) -> Change:
    """Take a decision back: the message and its author stand as they did before it.

    Raises StalePress, NothingToUndo.
    """
    if case.decision is None:
        raise NothingToUndo(f"case {case.id} is not decided")
    if generation != case.generation:
        raise StalePress(f"case {case.id} has moved on since this button was drawn")
    last = case.decision
    reopened = replace(
        case,
        status=Status.OPEN,
        decision=None,
        hidden=last.was_hidden,
        generation=case.generation + 1,
    )
    effects = [*_bring_to(case, hidden=last.was_hidden), *_lift(case, last.kind)]
    details: dict[str, Detail] = {"decision": last.kind, "decided_by": str(last.by)}
    fact = _fact(reopened, "case.undone", str(reviewer), details)
    return Change(reopened, tuple(effects), (fact,))


def _admit(case: Case, reviewer: Person, generation: int, now: datetime) -> None:
    if case.decision is not None:
        raise AlreadyDecided(
            f"case {case.id} was decided by {case.decision.by}",
            who=case.decision.by.name or case.decision.by.id,
            decision=case.decision.kind,
        )
    if case.claim is not None and case.claim.holds_against(reviewer, now):
        raise HeldByAnother(
            f"case {case.id} is held by {case.claim.holder}",
            who=case.claim.holder.name or case.claim.holder.id,
        )
    if generation != case.generation:
        raise StalePress(f"case {case.id} has moved on since this button was drawn")


def _bring_to(case: Case, *, hidden: bool) -> list[Effect]:
    if hidden == case.hidden:
        return []
    if hidden:
        return [_hide(case), _tell(case, "notice.hidden")]
    return [
        Effect(EffectKind.RESTORE, case.id, case.place, message_id=case.message_id),
        _tell(case, "notice.restored"),
    ]


def _sanction(case: Case, kind: DecisionKind, policy: Policy, now: datetime) -> list[Effect]:
    if kind not in SANCTIONS:
        return []
    return [
        Effect(
            SANCTIONS[kind],
            case.id,
            case.place,
            person=case.author,
            until=now + policy.mute_for if kind is DecisionKind.MUTE else None,
            notice=f"notice.{kind}",
        )
    ]


def _lift(case: Case, kind: DecisionKind) -> list[Effect]:
    match kind:
        case DecisionKind.WARN:
            return [_tell(case, "notice.warning_withdrawn")]
        case DecisionKind.KICK:
            return [_tell(case, "notice.kick_withdrawn")]
        case DecisionKind.MUTE:
            lifted = EffectKind.UNMUTE
        case DecisionKind.BAN:
            lifted = EffectKind.UNBAN
        case _:
            return []
    return [Effect(lifted, case.id, case.place, person=case.author)]


def _hide(case: Case) -> Effect:
    return Effect(EffectKind.HIDE, case.id, case.place, message_id=case.message_id)


NOTICES_OF: Mapping[str, EffectKind] = {
    "notice.hidden": EffectKind.HIDE,
    "notice.restored": EffectKind.RESTORE,
    "notice.warning_withdrawn": EffectKind.WARN,
    "notice.kick_withdrawn": EffectKind.KICK,
}
"""The deed of which each notice tells: where that was not done there is nothing to tell."""


def _tell(case: Case, notice: str) -> Effect:
    return Effect(EffectKind.NOTIFY, case.id, case.place, person=case.author, notice=notice)


def _judged(action: str, case: Case, verdict: Verdict) -> Fact:
    details: dict[str, Detail] = {
        "message": case.message_key,
        "verdict": verdict.action,
        "reason": verdict.reason,
        "enforced": verdict.enforced,
    }
    return _fact(case, action, SYSTEM, details)


def _fact(case: Case, action: str, actor: str, details: Mapping[str, Detail]) -> Fact:
    return Fact(action, actor, case.id, case.verdict.policy_version, details)
