"""Communities: who moderates together, where, and where their reviewers act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.messages import Place


@dataclass(frozen=True, slots=True)
class Community:
    """One tenant.

    name: unique, chosen by its admins.
    groups: the groups it moderates (their `channel` is "").
    review_channels: where its cards appear; its cases wait while there is none.
    """

    id: str
    name: str
    created_at: datetime
    groups: tuple[Place, ...] = ()
    review_channels: tuple[Place, ...] = ()
