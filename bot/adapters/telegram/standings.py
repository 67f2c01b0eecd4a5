"""Whose doing it is that somebody is muted or banned.

Telegram tells that somebody is, and until when, not by whom: what the bot did is remembered, so
that its undoing ends nothing that an admin did.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.adapters.telegram.errors import PLATFORM
from bot.domain.effects import EffectKind
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Facts
from bot.domain.messages import Place

log = structlog.get_logger(__name__)

OWN, ANOTHERS = "own", "another's"

KEPT_FOR = timedelta(days=366)
"""Forgotten, it counts as the bot's own."""


class Standings:
    """Remembers it for as long as a decision is likely to be taken back."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def note(self, kind: EffectKind, chat: int, who: int, whose: str) -> None:
        """Remember of a mute or ban whose it is; of the bot's own mute, when it ends."""
        try:
            await self._facts.keep(_key(kind, chat, who), whose.encode(), KEPT_FOR)
        except FlowUnavailable as exc:  # the deed is done, and counts
            log.warning("not noted whose a standing is", chat=chat, error=str(exc))

    async def whose(self, kind: EffectKind, chat: int, who: int) -> str:
        """What was noted; "" where nothing is known. Raises FlowUnavailable."""
        told = await self._facts.of(_key(kind, chat, who))
        return told.decode() if told is not None else ""

    async def forget(self, kind: EffectKind, chat: int, who: int) -> None:
        """It is over. Raises FlowUnavailable."""
        await self._facts.forget(_key(kind, chat, who))


def _key(kind: EffectKind, chat: int, who: int) -> Place:
    return Place(PLATFORM, f"{kind}.{chat}.{who}")
