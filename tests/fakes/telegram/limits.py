"""The server's own patience: 429 for a bot that sends too fast."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from .errors import ApiError, too_many_requests
from .journal import SENDING, Request


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages the server takes, in each window.

    The defaults are what Telegram recommends; the real limits are not published.
    """

    overall_a_second: int = 30
    chat_a_second: int = 1
    group_a_minute: int = 20


@dataclass
class Limiter:
    """Counts messages that were sent, in all and by chat. Without `limits` it lets all pass."""

    limits: Limits | None = None
    _overall: deque[float] = field(default_factory=deque)
    _by_chat: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def refusal(self, request: Request, *, is_group: bool) -> ApiError | None:
        """A 429 if this request is one too many; otherwise it is counted."""
        if self.limits is None or request.method not in SENDING or request.chat is None:
            return None
        chat = self._by_chat[request.chat]
        wait = max(
            _wait(self._overall, request.at, 1.0, self.limits.overall_a_second),
            _wait(chat, request.at, 1.0, self.limits.chat_a_second),
            _wait(chat, request.at, 60.0, self.limits.group_a_minute) if is_group else 0.0,
        )
        if wait > 0:
            return too_many_requests(max(1, math.ceil(wait)))
        for times in (self._overall, chat):
            times.extend([request.at] * request.weight)
            while times[0] <= request.at - 60.0:
                times.popleft()
        return None


def _wait(times: deque[float], now: float, window: float, most: int) -> float:
    recent = [at for at in times if at > now - window]
    return 0.0 if len(recent) < most else recent[-most] + window - now
