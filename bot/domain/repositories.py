"""What the core and the handlers ask of storage: a repository for each kind of record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.audit import AuditEntry, Fact
from bot.domain.cards import Button, Done, Press, Record
from bot.domain.cases import Case, Status
from bot.domain.communities import Community
from bot.domain.effects import Effect, EffectKind, Intent, Outcome, Result
from bot.domain.explanations import WordWeight
from bot.domain.files import KeptFile
from bot.domain.messages import Message, Person, Place
from bot.domain.policy import Policy
from bot.domain.signals import Signal


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

    async def put(self, case_id: str, file: KeptFile) -> bool:
        """Keep a file; of the same number the first one stays. False where there is no room for
        it. Raises InvalidValue where what was said is erased."""
        ...

    async def total(self) -> int:
        """Bytes of the files of all cases; reads no content."""
        ...

    async def room(self) -> int:
        """Bytes that may still be kept, 0 or below for none; reads no content."""
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
