"""What the core and the handlers ask of the world; what fits is wired in app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from bot.domain.audit import AuditEntry, Fact
from bot.domain.cards import Button, Card, Done, Press, Record
from bot.domain.cases import Case, Status
from bot.domain.communities import Community
from bot.domain.desk import Answer, Command, Gap, Standing, Telling
from bot.domain.effects import Effect, EffectKind, Intent, Outcome, Result
from bot.domain.explanations import WordWeight
from bot.domain.files import KeptFile
from bot.domain.messages import Message, Person, Place
from bot.domain.policy import Policy, Verdict
from bot.domain.scores import Scores
from bot.domain.signals import Flagged, Signal


class Clockwork(Protocol):
    """Where the time comes from."""

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""


# ---------------------------------------------------------------- scoring


class Lane(IntEnum):
    """Which texts go before which, where several wait for the model. None waits for ever: a lane
    is a head start of seconds."""

    URGENT = 0
    """Somebody waits for it, or it is likely to be severe."""
    ORDINARY = 1
    """What somebody said."""
    LATER = 2
    """What explains a judgement that was made."""


class Scorer(Protocol):
    """A model that scores text."""

    model: str
    """The model's name, for the record."""

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        """Score texts.

        texts: plain text of any length; a long one is scored in overlapping windows.
        Returns one Scores a text, in order.
        Raises ScorerUnavailable: the caller must ask a human, never assume "clean".
        """
        ...


# ---------------------------------------------------------------- platforms


@dataclass(frozen=True, slots=True)
class Order:
    """An effect with what an adapter needs to carry it out.

    attempt: 1 at first; above 1 an earlier attempt may have got through before it was recorded.
    case_number: by which people know the case.
    message: the evidence, for hide, restore, warn and notify; None once erased.
    target_id: the platform's id of the message as it stands now, which after a restore is the
        reposted one.
    out_of_reach: the message stands under the id that its group had before it moved, and no id of
        the group's present life is its.
    kept: for hide, restore and card, the reference of the adapter that hides (the `Outcome.ref`
        of a hide) to what of the message it has put aside already; `files.WITH_CASE` for what
        every adapter finds in the store.
    card: for the card effect.
    """

    intent: Intent
    attempt: int
    case_number: int = 0
    message: Message | None = None
    target_id: str | None = None
    out_of_reach: bool = False
    kept: str | None = None
    card: Card | None = None

    @property
    def effect(self) -> Effect:
        """What to do."""
        return self.intent.effect

    @property
    def targets(self) -> tuple[str, ...]:
        """The ids of all that a hide takes out or a restore brings back, `target_id` first: a
        message and those that it continues. A repost stands alone, it says what all of them did."""
        target = self.target_id or self.effect.message_id or ""
        message = self.message
        rest = message.continues if message is not None and message.id == target else ()
        return (target, *rest)


@dataclass(frozen=True, slots=True)
class PressReply:
    """What to tell the one who pressed. text: the key of a sentence; fields: what it names."""

    text: str
    fields: tuple[tuple[str, str], ...] = ()
    accepted: bool = True


class Inbox(Protocol):
    """Where adapters hand messages in."""

    async def put(self, message: Message) -> None:
        """Take a message in. When this returns the message is on disk and will be judged; the
        adapter may confirm it to its platform. The same message twice is judged once.

        Raises FlowUnavailable: the adapter keeps the message and tries again.
        """
        ...


class Waiting(Protocol):
    """The messages that wait to be judged."""

    async def hasten(self, message: Message) -> None:
        """Let a message go before others; one that no longer waits needs none of it.

        Raises FlowUnavailable.
        """
        ...


class Desk(Protocol):
    """Where adapters hand in what people ask of the bot, and what was done to it.

    All methods raise StorageUnavailable or FlowUnavailable: nothing was done, and the adapter
    tries again or tells the person to.
    """

    async def press(
        self, button_id: str, presser: Person, place: Place, reason: str = ""
    ) -> PressReply:
        """Take a press of a card's button.

        button_id: as it came from the platform; anything at all, it is looked up.
        place: the channel in which it was pressed.
        reason: for the record, in the presser's own words.
        Raises StorageUnavailable: nothing was decided, the presser is told to try again.
        """
        ...

    async def report(self, message: Message, reporter: Person, why: str = "") -> PressReply:
        """Take a member's report of a message: it opens a case, or strengthens the one there
        is. why: in their own words."""
        ...

    async def flag(self, message: Message, flagged: Flagged) -> None:
        """Take note that the platform's own moderation met a message: it opens a case, or
        strengthens the one there is. Told again it changes nothing."""
        ...

    async def command(self, command: Command) -> Answer:
        """Do what somebody asks by a command or by a button of its menu."""
        ...

    async def stand(self, standing: Standing) -> list[Telling]:
        """Take note of what the bot may do in a place now; returns whom to tell of it."""
        ...

    async def miss(self, gap: Gap) -> list[Telling]:
        """Take note that messages were not seen; returns whom to tell of it."""
        ...

    async def move(self, old: Place, new: Place) -> None:
        """A group or review channel goes on under another id: its binding, its cases and what
        is still to be done there go with it. Told again, or of a place nobody bound, it changes
        nothing."""
        ...


class Phrases(Protocol):
    """The sentences people read, by key, in their language."""

    def say(self, key: str, **fields: str) -> str:
        """The sentence with its fields filled in. An unknown key is said as it stands."""
        ...


class Rules(Protocol):
    """Where adapters read and change the policy of a group."""

    async def current(self, group: Place) -> Policy:
        """Raises NotFound for a group nobody bound."""
        ...

    async def change(self, group: Place, policy: Policy, by: Person) -> Policy:
        """Make `policy` the group's newest version; returns it with its version number.

        Raises NotFound; InvalidPolicy; StorageUnavailable.
        """
        ...


class Watcher(Protocol):
    """Somebody who wants to see every judgement as it is made, the allowed ones too."""

    def judged(self, message: Message, signals: Sequence[Signal], verdict: Verdict | None) -> None:
        """Called after each judgement, in the same process; must return at once.

        verdict: None where the author or the place is exempt.
        """


@dataclass(frozen=True, slots=True)
class Figures:
    """How the bot is doing since it started. Times in seconds; None before there is one.

    time_to_action: from a message's posting to its hide carried out (median, 95th percentile).
    decision: from a message's receipt to its verdict (median, 95th percentile).
    """

    messages: int
    allowed: int
    review: int
    hide: int
    cases_open: int
    intake_depth: int
    effects_depth: int
    time_to_action: tuple[float, float] | None
    decision: tuple[float, float] | None
    model: str
    scorer_ok: bool


class Adapter(Protocol):
    """A chat platform, seen from the core."""

    platform: str

    async def run(self, inbox: Inbox, desk: Desk) -> None:
        """Listen until cancelled."""
        ...

    async def carry_out(self, order: Order) -> Outcome:
        """Do one effect. "Already so" is success (Result.GONE); a missing right is
        Result.REFUSED with the sentence that says what to mend.

        Raises PlatformBusy or PlatformError: it will be tried again.
        """
        ...

    async def may_review(self, person: Person, channel: Place) -> bool:
        """Whether a person may decide cases in this review channel now.

        Raises PlatformError when the platform does not answer; the press is then refused.
        """
        ...

    async def may_administer(self, person: Person, group: Place) -> bool:
        """Whether a person is an admin of the group now who may do there themselves what the bot
        is to do, and so may change its settings.

        Raises PlatformError when the platform does not answer; the command is then refused.
        """
        ...

    async def problems(self) -> list[str]:
        """What keeps this platform from working, a sentence each; none when all is well."""
        ...


# ---------------------------------------------------------------- flow


class EffectStream(Protocol):
    """Where intents wait for their platform's adapter."""

    async def publish(self, intents: Sequence[Intent]) -> None:
        """Offer intents that are already on record. Raises FlowUnavailable; the reconciler
        offers them again."""
        ...

    async def offer_again(self, intents: Sequence[Intent]) -> list[Intent]:
        """Offer those of these intents that are not on offer already; returns them. Raises
        FlowUnavailable."""
        ...


class ReviewQueue(Protocol):
    """The community's open cases, the most urgent first. Rebuilt from storage when lost."""

    async def put(self, community_id: str, case_id: str, urgency: float) -> None:
        """Add a case, or move it; `urgency` as `domain.urgency` gives it, the lower the sooner."""
        ...

    async def remove(self, community_id: str, case_id: str) -> None:
        """Take a decided case out; one that is not there is no error."""
        ...

    async def first(self, community_id: str, limit: int) -> list[str]:
        """Ids of the most urgent cases, at most `limit`."""
        ...


# ---------------------------------------------------------------- storage


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a case was opened on.

    words: those that drove the verdict's score; none before they are known.
    """

    message: Message
    signals: tuple[Signal, ...]
    words: tuple[WordWeight, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnButton:
    """What a button stands for."""

    case_id: str
    generation: int
    press: Press


@dataclass(frozen=True, slots=True)
class CardRefusals:
    """How often a channel took no card of a case, and when last; None where it never did so."""

    number: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Started:
    """An intent that was taken up: its adapter may act now. attempt: 1 at first."""

    intent: Intent
    attempt: int


class Communities(Protocol):
    """Communities and what they are bound to."""

    async def add(self, community: Community) -> None:
        """Raises InvalidValue when the name or one of its places is taken."""
        ...

    async def get(self, community_id: str) -> Community:
        """Raises NotFound."""
        ...

    async def by_name(self, name: str) -> Community:
        """Raises NotFound."""
        ...

    async def by_group(self, platform: str, group: str) -> Community | None:
        """The community that moderates a group; None for a group nobody bound."""
        ...

    async def moderating(self, groups: Collection[Place]) -> list[Community]:
        """The communities that moderate any of these groups, in one question."""
        ...

    async def by_review(self, channel: Place) -> Community | None:
        """The community whose reviewers act in a channel; None for any other place."""
        ...

    async def rebind(self, old: Place, new: Place) -> Community | None:
        """Let a group or review channel go on under another id, with its cases and whatever is
        still to be done there; cards that stood in it are forgotten, and posted anew.

        The community concerned; None when nobody bound the old place.
        """
        ...

    async def bind(
        self, community_id: str, *, group: Place | None = None, review: Place | None = None
    ) -> None:
        """Add a group, a review channel or both; binding the same again changes nothing.

        Raises InvalidValue when another community has bound the group.
        """
        ...

    async def unbind_group(self, community_id: str, group: Place) -> None:
        """Let a group go of which there is no case: whoever reviewed one may undo it for ever.

        Raises InvalidValue where there is one, or where it is no group of the community's.
        """
        ...

    async def unbind(self, community_id: str, review: Place, now: datetime) -> None:
        """Let a review channel go: cards that stood in it are forgotten, and those on their way
        there are not posted.

        Raises InvalidValue where it is no review channel of the community's.
        """
        ...

    async def all(self) -> list[Community]:
        """Every community, by name."""
        ...


class Policies(Protocol):
    """Every version of every community's policy."""

    async def current(self, community_id: str) -> Policy:
        """The newest, to be shown or changed. Raises NotFound, UnreadablePayload."""
        ...

    async def in_force(self, community_id: str) -> Policy:
        """What judges now: the newest, or what stands in for it where it cannot be read. Raises
        NotFound."""
        ...

    async def in_force_of(self, community_ids: Collection[str]) -> Mapping[str, Policy]:
        """What judges now in each community that has a policy, in one question."""
        ...

    async def add(self, community_id: str, policy: Policy, by: str, at: datetime) -> Policy:
        """Record a new version; returns it with its number, one above the newest."""
        ...

    async def version(self, community_id: str, version: int) -> Policy:
        """Raises NotFound, UnreadablePayload."""
        ...

    async def history(self, community_id: str) -> list[tuple[Policy, str, datetime]]:
        """Every version, or what stands in for it where it cannot be read, with who made it and
        when, the newest first."""
        ...


class Cases(Protocol):
    """Cases and their evidence."""

    async def add(self, case: Case, evidence: Evidence) -> Case | None:
        """Record a new case; returns it numbered. None when its message has a case already:
        the message was delivered again and everything about it is on record."""
        ...

    async def get(self, case_id: str) -> Case:
        """Raises NotFound."""
        ...

    async def lock(self, case_id: str) -> Case:
        """As get, and nobody else changes the case until this transaction ends."""
        ...

    async def lock_of(self, community_id: str, message_key: str) -> Case:
        """The case of this revision of a message, locked. Raises NotFound."""
        ...

    async def by_number(self, community_id: str, number: int) -> Case:
        """Raises NotFound."""
        ...

    async def by_message(self, community_id: str, group: Place, message_id: str) -> Case | None:
        """The newest case of a message, whichever its revision; None where it has none."""
        ...

    async def save(self, case: Case) -> None:
        """Record how a case stands now."""
        ...

    async def strengthen(self, case: Case, evidence: Evidence) -> None:
        """Record a case's verdict anew, with the evidence that led to it. How the case stands
        is left as it is, so that no reviewer's press comes too late for it."""
        ...

    async def evidence(self, case_id: str) -> Evidence | None:
        """None once erased."""
        ...

    async def kept_since(self, community_id: str, before: datetime, limit: int) -> list[Case]:
        """The cases that were decided before then and whose evidence is still there, the longest
        ago first."""
        ...

    async def erase_evidence(self, case_id: str) -> None:
        """Erase what was said, and the files kept with it, for ever; that there was a case
        stays."""
        ...

    async def listed(
        self, community_id: str | None = None, status: Status | None = None, limit: int = 1000
    ) -> list[Case]:
        """Cases by filter, the newest first."""
        ...

    def opened(self, community_id: str) -> AsyncIterator[Case]:
        """Every open case, in no order; read bit by bit, however many there are."""
        ...

    async def count(self, status: Status) -> int:
        """How many cases of all communities have this status."""
        ...

    async def claims_run_out(self, now: datetime) -> list[Case]:
        """Open cases whose claim ended without a decision, at most 100 at once."""
        ...

    async def fell_due(self, after: datetime, until: datetime) -> int:
        """How many cases that are still open fell due after `after` and by `until`."""
        ...

    async def record_of(self, community_id: str, author: Person, before: Case) -> Record:
        """What is known of an author from cases other than this one."""
        ...


class Files(Protocol):
    """Files of hidden messages, kept with their cases: those that no review channel of their own
    platform holds. They are erased with what was said."""

    async def put(self, case_id: str, file: KeptFile) -> None:
        """Keep a file; of the same number the first one stays. Raises InvalidValue where what was
        said is erased."""
        ...

    async def numbers(self, case_id: str) -> frozenset[int]:
        """Which files of a case are kept; reads no content."""
        ...

    async def of(self, case_id: str) -> list[KeptFile]:
        """The files of a case, in their message's order."""
        ...


class Cards(Protocol):
    """The cards that show cases to reviewers, and what their buttons stand for."""

    async def draw_buttons(self, case: Case, presses: Sequence[Press]) -> tuple[Button, ...]:
        """Buttons for the case's present generation. Drawn again they keep their ids."""
        ...

    async def button(self, button_id: str) -> DrawnButton | None:
        """What a button stands for; None for an id that was never drawn."""
        ...

    async def card_ref(self, case_id: str, channel: Place) -> str | None:
        """The platform's id of the case's card in a channel; None before it is posted."""
        ...

    async def set_card_ref(
        self, case_id: str, channel: Place, ref: str, shown: frozenset[int] | None = None
    ) -> None:
        """Record the card that was posted. shown: as `Outcome.shown`; None changes nothing."""
        ...

    async def shown(self, case_id: str, channel: Place) -> frozenset[int] | None:
        """The numbers of the kept files that a channel shows with the case's card; None before
        they were shown."""
        ...

    async def refs(self, channel: Place) -> Sequence[str]:
        """The platform's ids of all cards in a channel."""
        ...

    async def with_card(self, community_id: str, channel: Place, most: int) -> int:
        """How many open cases have a card in the channel, posted or on its way; counted up to
        `most`."""
        ...

    async def without(self, cases: Sequence[str], channel: Place) -> Mapping[str, CardRefusals]:
        """Those of these cases that have no card in the channel, posted or on its way, with how
        often one was refused there."""
        ...


class Audit(Protocol):
    """The audit log. Nothing in it is ever changed."""

    async def append(self, community_id: str, at: datetime, fact: Fact) -> AuditEntry:
        """Put a fact on record, bound to the community's newest entry."""
        ...

    def entries(self, community_id: str) -> AsyncIterator[AuditEntry]:
        """A community's chain from its start."""
        ...

    async def of_case(self, community_id: str, case_id: str) -> list[AuditEntry]:
        """What was done about one case, the oldest first."""
        ...

    async def head(self, community_id: str) -> tuple[int, str] | None:
        """Sequence and hash of the newest entry; None for an empty log."""
        ...


class Outbox(Protocol):
    """Intents and how they ended."""

    async def add(
        self, community_id: str, effects: Sequence[Effect], now: datetime
    ) -> list[Intent]:
        """Put effects on record to be done, in this order."""
        ...

    async def start(self, intent_id: str, now: datetime, lease_s: float, by: str) -> Started | None:
        """Take an intent up for `lease_s` seconds. None when there is nothing to do now: it is
        closed, taken up by another, not due yet, or an earlier intent of its case must be
        closed first (cards wait for cards; what is told to people for all that was done; what
        is done only for what was done)."""
        ...

    async def give_back(self, by: str) -> list[Intent]:
        """End every lease that `by` holds: whoever bears that name now knows that its former
        life is over. Returns the intents, to be taken up again."""
        ...

    async def close(self, intent_id: str, outcome: Outcome, now: datetime) -> list[Intent] | None:
        """Record how an intent ended; returns the intents of its case that waited for it.
        None when it was closed already, by whoever took it over: then nothing is recorded."""
        ...

    async def postpone(self, intent_id: str, until: datetime, reason: str) -> None:
        """Give an intent back, to be tried again at `until`."""
        ...

    async def due(self, now: datetime, limit: int) -> list[Intent]:
        """Open intents that nobody is working on and that may be tried now: deeds before all
        else, the oldest first."""
        ...

    async def done(self, case_id: str) -> list[Done]:
        """What was done, or is under way, for a case, cards left out, the oldest first."""
        ...

    async def pending(self, case_id: str, kind: EffectKind, place: Place) -> bool:
        """Whether an intent of this kind for this case and place waits, not yet taken up."""
        ...

    async def ended_before(self, intent: Intent, kind: EffectKind) -> Result | None:
        """How the newest intent of this kind ended that its case had before this one; None where
        there is none."""
        ...

    async def never_hidden(self, intent: Intent) -> bool:
        """Whether every hide was refused that an intent's case had before it, since its message was
        last brought back: it stands where it stood. False where there was none."""
        ...

    async def holds_for_another(self, intent: Intent, kind: EffectKind, now: datetime) -> bool:
        """Whether another case of the community has this done to the same person in the same
        group, and neither has its decision been taken back nor its time run out."""
        ...

    async def restored_as(self, case_id: str, group: Place) -> str | None:
        """The platform's id of the newest repost of the case's message in this group; None
        without one."""
        ...

    async def kept_as(self, case_id: str) -> str | None:
        """The adapter's reference to what it put aside before it hid the case's message; None
        where it put nothing aside."""
        ...

    async def depth(self) -> dict[str, int]:
        """How many intents are open, by platform."""
        ...


class Transaction(Protocol):
    """One all-or-nothing piece of work."""

    communities: Communities
    policies: Policies
    cases: Cases
    files: Files
    cards: Cards
    audit: Audit
    outbox: Outbox


class Store(Protocol):
    """What must last."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin; commits when left normally, takes everything back when left by an exception.

        Raises StorageUnavailable when the database does not take it (gone, locked, disk full).
        """
        ...

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin for reading only: never waits for writers, never makes them wait."""
        ...
