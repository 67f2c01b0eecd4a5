"""What reviewers see of a case. Adapters draw it; nothing here knows how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.cases import SANCTIONS, Case, DecisionKind, Status
from bot.domain.effects import EffectKind, Result
from bot.domain.explanations import WordWeight
from bot.domain.messages import Message, Person
from bot.domain.scores import Scores


class Press(StrEnum):
    """What the buttons of a card do: one for each decision, and those around them."""

    RESTORE = "restore"
    KEEP_HIDDEN = "keep_hidden"
    WARN = "warn"
    MUTE = "mute"
    KICK = "kick"
    BAN = "ban"
    CONFIRM_BAN = "confirm_ban"
    CANCEL = "cancel"
    UNDO = "undo"

    @property
    def decision(self) -> DecisionKind | None:
        """The decision this press makes; None for a press that makes none by itself."""
        return _DECISIONS.get(self)


_DECISIONS = {
    Press.RESTORE: DecisionKind.RESTORE,
    Press.KEEP_HIDDEN: DecisionKind.KEEP_HIDDEN,
    Press.WARN: DecisionKind.WARN,
    Press.MUTE: DecisionKind.MUTE,
    Press.KICK: DecisionKind.KICK,
    Press.CONFIRM_BAN: DecisionKind.BAN,
}


def presses(case: Case, *, confirming_ban: bool) -> tuple[Press, ...]:
    """The buttons that a case offers as it stands, the mildest first.

    A ban takes two presses: the first claims the case and asks, so that a slip of the thumb
    bans nobody.
    """
    if case.status is Status.DECIDED:
        return (Press.UNDO,)
    if confirming_ban:
        return (Press.CANCEL, Press.CONFIRM_BAN)
    mild = (Press.RESTORE, Press.KEEP_HIDDEN)
    if not case.punishable:
        return mild
    return (*mild, *(Press(kind) for kind in SANCTIONS))


@dataclass(frozen=True, slots=True)
class Button:
    """One button. id: random and opaque, at most 32 ASCII characters; all else is looked up."""

    id: str
    press: Press


@dataclass(frozen=True, slots=True)
class Done:
    """How one effect of a case ended, for the card to say. result: None while it is under way."""

    kind: EffectKind
    result: Result | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """What the community knows of an author: their earlier cases and how those ended."""

    cases: int = 0
    restored: int = 0
    kept_hidden: int = 0
    sanctioned: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """All that a card shows.

    message: None once the evidence has been erased.
    ref: the platform's id of the card as posted; None to post it anew.
    whys: what members wrote who reported the message.
    words: those that drove the verdict's score, the weightiest first; as foul as the message.
    shown: the numbers of the files kept with the case that its channel shows beside it; None before
        they were shown.
    """

    case: Case
    message: Message | None
    scores: Scores | None
    record: Record
    done: Sequence[Done]
    buttons: Sequence[Button]
    ref: str | None = None
    confirming: Person | None = None
    whys: Sequence[str] = ()
    words: Sequence[WordWeight] = ()
    shown: frozenset[int] | None = None
