"""Who lives in the playground, and where they meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.adapters.playground.errors import PLATFORM
from bot.domain.messages import Place

LOBBY = Place(PLATFORM, "lobby")
REVIEW = Place(PLATFORM, "review")


class Role(StrEnum):
    """What somebody is in the lobby."""

    MEMBER = "member"
    ADMIN = "admin"
    """Changes the policy; with most policies not judged."""

    REVIEWER = "reviewer"
    """Sits in the review channel."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the playground.

    muted_until: they cannot post before then; aware, in UTC.
    banned: they are out of the lobby.
    """

    id: str
    name: str
    role: Role
    joined_at: datetime
    muted_until: datetime | None = None
    banned: bool = False

    def muted(self, now: datetime) -> bool:
        """Whether a mute holds at `now`."""
        return self.muted_until is not None and now < self.muted_until

    @property
    def may_review(self) -> bool:
        """Whether they sit in the review channel."""
        return self.role in (Role.REVIEWER, Role.ADMIN)


def cast(now: datetime) -> list[Member]:
    """The people of a new world; each has been around for a while."""
    return [
        Member(name.lower(), name, role, now - timedelta(days=days))
        for name, role, days in (
            ("Asha", Role.MEMBER, 220),
            ("Ben", Role.MEMBER, 35),
            ("Chidi", Role.MEMBER, 130),
            ("Mei", Role.MEMBER, 3),
            ("Priya", Role.ADMIN, 400),
            ("Noor", Role.REVIEWER, 300),
            ("Sam", Role.REVIEWER, 280),
        )
    ]
