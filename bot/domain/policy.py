"""A community's rules, and what they say of a message's signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from bot.domain.errors import InvalidPolicy
from bot.domain.messages import Message
from bot.domain.scores import Label
from bot.domain.signals import Flagged, Listed, Reported, Scored, Signal, Uncovered, Unjudged
from bot.domain.terms import MAX_TERMS, Term, found, without


class Mode(StrEnum):
    """Whether a policy's verdicts are acted on."""

    OBSERVE = "observe"
    """Judge, act on nothing, show reviewers what would have been done."""

    ACT = "act"
    """Judge and act."""


class Action(StrEnum):
    """What a verdict asks for, from mildest to strongest."""

    ALLOW = "allow"
    REVIEW = "review"
    HIDE = "hide"


class _Weight(IntEnum):
    ALLOW = 0
    REVIEW = 1
    HIDE = 2


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score a label asks for a reviewer, and from which for hiding; 0.0 to 1.0."""

    review: float
    hide: float

    def __post_init__(self) -> None:
        if not 0.0 < self.review <= self.hide <= 1.0:
            raise InvalidPolicy(
                f"thresholds review={self.review} hide={self.hide}: need 0 < review <= hide <= 1"
            )


@dataclass(frozen=True, slots=True)
class Exemptions:
    """Whose messages are not judged at all.

    roles, members, channels: the platform's ids.
    tenure: members for longer than this are exempt; None for nobody.
    """

    roles: frozenset[str] = frozenset({"admin"})
    members: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    tenure: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says of a message, and why.

    action: what is asked for.
    reason: for reviewers and the record; names labels and numbers, quotes nothing. What decided,
        then what members or the platform told, parted by semicolons.
    severity: 0.0 to 1.0, by which cases are ordered.
    policy_version: the version of the policy that said so.
    enforced: False in observe mode, where the action is only shown.
    """

    action: Action
    reason: str
    severity: float
    policy_version: int
    label: Label | None = None
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a community's rules. Changing anything makes a new version.

    thresholds: by label; a label without an entry never raises a verdict.
    deny, allow: terms that always count, and terms that never do.
    mute_for: how long the Mute button mutes.
    claim_for: how long a claim holds a case before another reviewer may take it.
    review_within: from a case's opening to the time a decision is due.
    keep_evidence: how long what was said is kept after the case is decided.
    """

    name: str
    version: int
    mode: Mode
    thresholds: Mapping[Label, Thresholds]
    deny: tuple[Term, ...] = ()
    allow: tuple[Term, ...] = ()
    exemptions: Exemptions = field(default_factory=Exemptions)
    mute_for: timedelta = timedelta(hours=24)
    claim_for: timedelta = timedelta(minutes=5)
    review_within: timedelta = timedelta(hours=24)
    keep_evidence: timedelta = timedelta(days=180)

    def __post_init__(self) -> None:
        if self.version < 1:
            raise InvalidPolicy(f"version {self.version}: the first is 1")
        if not self.thresholds and not self.deny:
            raise InvalidPolicy(f"policy {self.name}: no threshold and no deny list, so no rule")
        for name, terms in (("deny", self.deny), ("allow", self.allow)):
            if len(terms) > MAX_TERMS:
                raise InvalidPolicy(f"{name}: {len(terms)} terms, at most {MAX_TERMS}")
        for name in ("mute_for", "claim_for", "review_within", "keep_evidence"):
            if getattr(self, name) <= timedelta(0):
                raise InvalidPolicy(f"{name}: must be longer than nothing")

    def exempts(self, message: Message) -> str | None:
        """Why this message is not to be judged; None where it is."""
        author, exempt = message.author, self.exemptions
        if author.is_bot:
            return "author is a bot"
        if role := min(author.roles & exempt.roles, default=None):
            return f"role {role} is exempt"
        if author.person.id in exempt.members:
            return "member is exempt"
        for channel in (message.place.channel, message.parent):
            if channel in exempt.channels:
                return f"channel {channel} is exempt"
        stayed = message.posted_at - author.joined_at if author.joined_at else None
        if exempt.tenure and stayed and stayed > exempt.tenure:
            return "member for longer than the policy's tenure"
        return None

    def text_to_judge(self, message: Message) -> str:
        """The message's text without what the allow list excuses."""
        return without(self.allow, message.text)

    def listed(self, text: str) -> list[Listed]:
        """A signal for each term of the deny list that stands in the text."""
        return [Listed(term.text, term.hide) for term in found(self.deny, text)]

    def judge(self, signals: Sequence[Signal]) -> Verdict:
        """Weigh the signals: the strongest finding decides.

        No signal at all is not "clean": what nobody looked at goes to a reviewer.
        """
        told = _told(signals)
        findings = [finding for signal in signals for finding in self._findings(signal)] + told
        if not findings:
            findings = [_Finding(Action.REVIEW, "nothing could judge this message", 0.5)]
        worst = max(findings, key=_Finding.rank)
        reasons = dict.fromkeys([worst.reason, *(each.reason for each in told)])
        return Verdict(
            action=worst.action,
            reason="; ".join(reasons),
            severity=worst.severity,
            policy_version=self.version,
            label=worst.label,
            enforced=self.mode is Mode.ACT,
        )

    def nothing_to_judge(self) -> Verdict:
        """The verdict on a message that has no text: allowed, and said so."""
        return Verdict(
            Action.ALLOW, "no text to judge", 0.0, self.version, enforced=self.mode is Mode.ACT
        )

    def _findings(self, signal: Signal) -> list[_Finding]:
        match signal:
            case Scored(scores):
                found_ = [
                    _weighed(label, score, self.thresholds.get(label))
                    for label, score in scores.by_label.items()
                ]
                if not scores.by_label:
                    found_.append(_Finding(Action.REVIEW, "the model gave no score", 0.5))
                if not scores.complete:
                    found_.append(_Finding(Action.REVIEW, "too long to be scored whole", 0.5))
                return found_
            case Listed(term, hide):
                action = Action.HIDE if hide else Action.REVIEW
                return [_Finding(action, f"term {term!r} is on the deny list", 1.0)]
            case Unjudged(why):
                return [_Finding(Action.REVIEW, why, 0.5)]
            case Uncovered(language):
                why = f"the model does not know this language ({language}), its scores say little"
                return [_Finding(Action.ALLOW, why, 0.5)]
            case Flagged() | Reported():
                return []


@dataclass(frozen=True, slots=True)
class _Finding:
    action: Action
    reason: str
    severity: float
    label: Label | None = None

    def rank(self) -> tuple[int, bool, float]:
        # What allows a message for another reason than a low score must be said: it is not "clean".
        told = self.action is Action.ALLOW and self.label is None
        return _Weight[self.action.name], told, self.severity


def _told(signals: Sequence[Signal]) -> list[_Finding]:
    """What others say of the message. Reports count together, each new reporter for half of what
    is left: many never hide."""
    found_ = []
    for signal in signals:
        if isinstance(signal, Flagged):
            deed = "blocked this" if signal.blocked else "flagged this"
            why = f"{signal.by} {deed}, by its rule {signal.rule!r}"
            found_.append(_Finding(Action.REVIEW, why, 0.7))
    if reporters := {each.by for each in signals if isinstance(each, Reported)}:
        who = "a member" if len(reporters) == 1 else f"{len(reporters)} members"
        why = f"reported by {who}"
        found_.append(_Finding(Action.REVIEW, why, 1 - 0.5 ** len(reporters)))
    return found_


def _weighed(label: Label, score: float, limits: Thresholds | None) -> _Finding:
    if limits is not None and score >= limits.hide:
        reason = f"{label} {score:.2f}, hidden from {limits.hide:.2f}"
        return _Finding(Action.HIDE, reason, score, label)
    if limits is not None and score >= limits.review:
        reason = f"{label} {score:.2f}, reviewed from {limits.review:.2f}"
        return _Finding(Action.REVIEW, reason, score, label)
    return _Finding(Action.ALLOW, f"{label} {score:.2f}", score, label)


def due(policy: Policy, opened_at: datetime) -> datetime:
    """When a case opened under this policy is due for a decision."""
    return opened_at + policy.review_within
