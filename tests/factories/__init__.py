"""Values for tests: a test names only what matters to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.cases import Change, open_case
from bot.domain.messages import Author, Message, Part, PartKind, Person, Place
from bot.domain.policy import Action, Mode, Policy, Thresholds, Verdict
from bot.domain.scores import Label

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOOR = Person("playground", "noor", "Noor")
SAM = Person("playground", "sam", "Sam")
LOBBY = Place("playground", "lobby")
REVIEW = Place("playground", "review")


def a_person(id: str = "asha", name: str = "Asha") -> Person:  # noqa: A002
    """A member of a group."""
    return Person("playground", id, name)


def a_message(text: str = "hello there", **changes: Any) -> Message:
    """A message in the lobby."""
    values: dict[str, Any] = {
        "place": LOBBY,
        "id": "m1",
        "author": Author(a_person()),
        "parts": (Part(PartKind.TEXT, text),),
        "posted_at": NOW,
        "received_at": NOW + timedelta(milliseconds=20),
    }
    return Message(**{**values, **changes})


def a_policy(**changes: Any) -> Policy:
    """A policy that acts."""
    values: dict[str, Any] = {
        "name": "balanced",
        "version": 1,
        "mode": Mode.ACT,
        "thresholds": {
            Label.TOXICITY: Thresholds(review=0.5, hide=0.9),
            Label.THREAT: Thresholds(review=0.3, hide=0.7),
        },
    }
    return Policy(**{**values, **changes})


def a_verdict(action: Action = Action.HIDE, **changes: Any) -> Verdict:
    """What a policy said of a message."""
    values: dict[str, Any] = {
        "action": action,
        "reason": "toxicity 0.97, hidden from 0.90",
        "severity": 0.97,
        "policy_version": 1,
        "label": Label.TOXICITY,
    }
    return Verdict(**{**values, **changes})


def an_opened_case(action: Action = Action.HIDE, **changes: Any) -> Change:
    """A case just opened on `a_message`."""
    values: dict[str, Any] = {
        "case_id": "case-1",
        "community_id": "community-1",
        "message": a_message(),
        "verdict": a_verdict(action),
        "policy": a_policy(),
        "now": NOW,
    }
    return open_case(**{**values, **changes})
