"""What people bring to the bot besides messages and presses, and what they are answered.

Sentences go by key; the adapter that passes them on says them in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.messages import Person, Place


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for people. key: of a phrase; fields: what it names."""

    key: str
    fields: tuple[tuple[str, str], ...] = ()


def sentence(key: str, **fields: str) -> Sentence:
    """A sentence with its fields by name."""
    return Sentence(key, tuple(fields.items()))


class CommandName(StrEnum):
    """What can be asked of the bot by name."""

    START = "start"
    """Say what the bot is; in a group, begin there."""

    HELP = "help"
    SETTINGS = "settings"
    """Look at the group's policy and change it."""

    STATS = "stats"
    CASES = "cases"
    """The open cases, for reviewers."""

    SCORE = "score"
    """What the model says of a text, for reviewers."""

    LINK = "link"
    """Make a private chat the group's review channel, by a one-time code."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it was given, typed or by a button of a menu.

    argument: all that stood behind its name.
    place: where it was given. title: what people call that place.
    private: between the person and the bot alone.
    public: anybody can read the place, members or not.
    apart: the place is a channel with readers of its own within a group.
    """

    name: CommandName
    argument: str
    person: Person
    place: Place
    title: str = ""
    private: bool = False
    public: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A button under an answer: it gives the same kind of command again.

    label: what it says. elsewhere: it is given in a group that the person picks, not here.
    chosen: it stands for what holds already.
    """

    label: Sentence
    name: CommandName
    argument: str = ""
    elsewhere: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to a command.

    accepted: False for a refusal, of which only the person need know.
    secret: for the person alone wherever that is possible.
    """

    sentences: tuple[Sentence, ...]
    choices: tuple[tuple[Choice, ...], ...] = ()
    accepted: bool = True
    secret: bool = False


def refusal(key: str, **fields: str) -> Answer:
    """An answer that refuses, in one sentence."""
    return Answer((sentence(key, **fields),), accepted=False)


class Right(StrEnum):
    """What the bot must be let do in a group."""

    READ = "read"
    """See every message."""

    DELETE = "delete"
    RESTRICT = "restrict"
    """Mute and ban."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the bot may do in a group or a review channel, since somebody changed it.

    joined: it was not there before. lacks: rights it needs and has not.
    """

    place: Place
    title: str
    by: Person
    present: bool
    joined: bool = False
    lacks: frozenset[Right] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages of a place that were posted in this time were not seen, and will not be."""

    place: Place
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """Something to tell people of a change, at a place or to a person."""

    to: Place | Person
    answer: Answer
