"""Things to do on a platform, as values. Adapters carry them out; the core never does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.messages import Person, Place


class EffectKind(StrEnum):
    """What can be done on a platform."""

    HIDE = "hide"
    """Take a message out of its group."""

    RESTORE = "restore"
    """Bring a hidden message back, from the evidence."""

    WARN = "warn"
    """Tell the author that what they posted breaks the rules."""

    MUTE = "mute"
    UNMUTE = "unmute"
    KICK = "kick"
    """Put a member out of the group; they may come back."""

    BAN = "ban"
    UNBAN = "unban"

    NOTIFY = "notify"
    """Tell a person what was done to their message, or that it was taken back."""

    CARD = "card"
    """Post or refresh a case's card in the review channel."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to do.

    place: where: the message's own place, or for a card the review channel.
    message_id: for hide and restore.
    person: for what is done or told to somebody.
    until: for mute; aware, in UTC.
    notice: for warn and notify, the key of the sentence to tell.
    """

    kind: EffectKind
    case_id: str
    place: Place
    message_id: str | None = None
    person: Person | None = None
    until: datetime | None = None
    notice: str | None = None


class Result(StrEnum):
    """How carrying an effect out ended."""

    DONE = "done"
    """It is so now."""

    GONE = "gone"
    """There was nothing left to do: already deleted, already lifted. A success."""

    REFUSED = "refused"
    """The platform does not let the bot do this; trying again will not help, a human can."""

    FAILED = "failed"
    """Tried as often as is sensible; a human must look."""


NOT_TOLD, NEVER_HIDDEN, HELD = "idle.not_told", "idle.never_hidden", "idle.held"
IDLE = frozenset({NOT_TOLD, NEVER_HIDDEN, HELD})
"""Why there was nothing to do, where the record tells: keys of sentences."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How carrying an effect out ended.

    reason: for refused and failed, the sentence that says what to mend; for done, what of it could
        not be. It quotes nobody: it goes on record.
    ref: the platform's id of what was made (a card, a reposted message), where one was.
    shown: for a card, the numbers of the files kept with the case that stand beside it, be it none;
        None where they were not shown, or are none.
    """

    result: Result
    reason: str = ""
    ref: str | None = None
    shown: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """An effect that is on record to be done: it will be, whatever crashes.

    id: also the key by which an adapter can recognise that it has done this one already.
    """

    id: str
    community_id: str
    effect: Effect
    created_at: datetime
