"""Evidence about a message. A policy weighs signals, it never looks at the message itself.

Copies of known content are signals too; they join the union below when the part that produces
them is built.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.scores import Scores


@dataclass(frozen=True, slots=True)
class Scored:
    """A model's scores of the message."""

    scores: Scores
    model: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A term of the community's deny list stands in the message."""

    term: str
    hide: bool


@dataclass(frozen=True, slots=True)
class Unjudged:
    """The message, or a part of it, could not be judged; why is for a reviewer to read."""

    why: str


@dataclass(frozen=True, slots=True)
class Reported:
    """A member asks reviewers to look at the message. by: who, as "platform:id"; why: in their
    own words, or nothing."""

    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """The message is in a language that the model was not trained on: its scores say little.

    language: an ISO 639-1 code, or the name of a script where that alone tells.
    """

    language: str


@dataclass(frozen=True, slots=True)
class Flagged:
    """The platform's own moderation met the message.

    by: what that is called there. rule: the rule that it broke. blocked: it was kept from being
    posted.
    """

    by: str
    rule: str
    blocked: bool = False


Signal = Scored | Listed | Unjudged | Reported | Uncovered | Flagged

Told = Reported | Flagged
"""What somebody else says of a message. It is no judgement: the message may still wait for that."""
