"""Whose doing it is that somebody is muted or banned.

Telegram tells that somebody is, and until when, not by whom: what the bot did is remembered, so
that its undoing ends nothing that an admin did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from telegram import ChatPermissions

from bot.adapters.telegram.errors import PLATFORM
from bot.domain.effects import EffectKind
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Facts
from bot.domain.messages import Place

log = structlog.get_logger(__name__)

OWN, ANOTHERS = "own", "another's"
_BEFORE = "before mute"
RIGHTS = tuple(name for name in ChatPermissions.__slots__ if name.startswith("can_"))
"""What a member may do or not, by Telegram's names."""

KEPT_FOR = timedelta(days=366)
"""Forgotten, it counts as the bot's own."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """What somebody may still do in a group, and until when no more; None for ever."""

    allowed: frozenset[str]
    end: datetime | None

    def permissions(self) -> ChatPermissions:
        """The same, as Telegram takes it."""
        rights: dict[str, Any] = {name: name in self.allowed for name in RIGHTS}
        return ChatPermissions(**rights)


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

    async def note_before(self, chat: int, who: int, before: Restriction | None) -> None:
        """Remember what the bot's own mute takes the place of. Raises FlowUnavailable: once they
        are muted, nothing tells it any more."""
        key = _key(_BEFORE, chat, who)
        if before is None:
            await self._facts.forget(key)
        else:
            await self._facts.keep(key, msgspec.json.encode(before), KEPT_FOR)

    async def before(self, chat: int, who: int) -> Restriction | None:
        """What was noted. Raises FlowUnavailable."""
        told = await self._facts.of(_key(_BEFORE, chat, who))
        return msgspec.json.decode(told, type=Restriction) if told is not None else None

    async def forget_mute(self, chat: int, who: int) -> None:
        """The bot's own mute is over. Raises FlowUnavailable."""
        await self.forget(EffectKind.MUTE, chat, who)
        await self._facts.forget(_key(_BEFORE, chat, who))

    async def forget(self, kind: EffectKind, chat: int, who: int) -> None:
        """It is over. Raises FlowUnavailable."""
        await self._facts.forget(_key(kind, chat, who))


def _key(kind: str, chat: int, who: int) -> Place:
    return Place(PLATFORM, f"{kind}.{chat}.{who}")
