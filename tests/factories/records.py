"""Communities and cases on record, for tests of what is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.cases import Case
from bot.domain.communities import Community
from bot.domain.policy import Action
from bot.domain.repositories import Evidence, Transaction
from bot.domain.scores import Label, Scores
from bot.domain.signals import Listed, Scored, Unjudged
from tests.factories import LOBBY, NOW, REVIEW, a_message, an_opened_case

COMMUNITY = "community-1"


def a_community(**changes: Any) -> Community:
    """A community that moderates the lobby."""
    values: dict[str, Any] = {
        "id": COMMUNITY,
        "name": "gardeners",
        "created_at": NOW,
        "groups": (LOBBY,),
        "review_channels": (REVIEW,),
    }
    return Community(**{**values, **changes})


def an_evidence(text: str = "hello there", **changes: Any) -> Evidence:
    """A message with a signal of each kind."""
    signals = (
        Scored(Scores({Label.TOXICITY: 0.97}), "mini"),
        Listed("hello", hide=False),
        Unjudged("too long"),
    )
    return Evidence(a_message(text, **changes), signals)


async def a_recorded_case(tx: Transaction, number: int = 1, **changes: Any) -> Case:
    """The `number`th case of the community, on record."""
    message = a_message(id=f"m{number}")
    opened = an_opened_case(
        changes.pop("action", Action.HIDE), case_id=f"case-{number}", message=message
    ).case
    case = await tx.cases.add(replace(opened, **changes), an_evidence(id=f"m{number}"))
    assert case is not None
    return case
