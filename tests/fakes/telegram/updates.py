"""A bot's waiting updates, with the offset rules of getUpdates."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .clock import Clock
from .errors import bad_request

Json = dict[str, Any]
KEPT_FOR = 24 * 3600
UPDATE_TYPES = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
    ]
)
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""What a bot does not get unless it names it."""


@dataclass(frozen=True, slots=True)
class Update:
    """One update; `lane` is the chat or person whose updates keep their order over a webhook."""

    id: int
    kind: str
    payload: Json
    created_at: float
    lane: int

    def json(self) -> Json:
        """As the Bot API writes it."""
        return {"update_id": self.id, self.kind: self.payload}


class UpdateQueue:
    """Updates not yet confirmed. What `allowed` leaves out is lost when it happens, not later."""

    def __init__(self, clock: Clock, first_id: int) -> None:
        self._clock = clock
        self._next_id = first_id
        self._waiting: deque[Update] = deque()
        self.allowed: frozenset[str] = UPDATE_TYPES - ON_REQUEST
        self.named: list[str] = []
        self.arrived = asyncio.Event()
        self.total = 0

    def allow(self, names: list[str] | None, *, strict: bool) -> None:
        """Remember `allowed_updates`: absent keeps the last setting, empty is the default."""
        if names is None:
            return
        unknown = sorted(set(names) - UPDATE_TYPES)
        if unknown and strict:
            raise bad_request(f"allowed_updates: no such update type {unknown[0]}")
        self.named = list(names)
        self.allowed = frozenset(names) if names else UPDATE_TYPES - ON_REQUEST

    def put(self, kind: str, payload: Json, lane: int) -> None:
        """Queue an update, if the bot wants that kind."""
        if kind not in self.allowed:
            return
        self._waiting.append(Update(self._next_id, kind, payload, self._clock.now(), lane))
        self._next_id += 1
        self.total += 1
        self.arrived.set()

    def confirm(self, offset: int) -> None:
        """Forget all updates below `offset`; a negative one leaves that many of the newest."""
        if offset < 0:
            while len(self._waiting) > -offset:
                self._waiting.popleft()
            return
        while self._waiting and self._waiting[0].id < offset:
            self._waiting.popleft()

    def waiting(self, limit: int | None = None) -> list[Update]:
        """The oldest unconfirmed updates; those older than 24 hours are gone."""
        oldest = self._clock.now() - KEPT_FOR
        while self._waiting and self._waiting[0].created_at < oldest:
            self._waiting.popleft()
        taken = list(islice(self._waiting, limit))
        if not self._waiting:
            self.arrived.clear()
        return taken

    def remove(self, update: Update) -> None:
        """Forget one update that a webhook accepted."""
        if update in self._waiting:
            self._waiting.remove(update)

    def clear(self) -> None:
        """Drop everything that waits."""
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)
