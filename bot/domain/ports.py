"""What the core and the handlers ask of the world; what fits is wired in app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from bot.domain.cards import Card
from bot.domain.desk import Answer, Command, Gap, Standing, Telling
from bot.domain.effects import Effect, Intent, Outcome
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
