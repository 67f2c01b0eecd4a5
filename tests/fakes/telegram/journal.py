"""What bots asked for and when, and how hard they pressed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
SENDING = frozenset(
    [
        "sendMessage",
        "sendPhoto",
        "sendLivePhoto",
        "sendDocument",
        "sendVideo",
        "sendAnimation",
        "sendAudio",
        "sendVoice",
        "sendVideoNote",
        "sendSticker",
        "sendMediaGroup",
        "sendPoll",
        "sendContact",
        "sendLocation",
        "sendVenue",
        "sendDice",
        "copyMessage",
        "copyMessages",
        "forwardMessage",
        "forwardMessages",
    ]
)
"""Methods that put messages into a chat."""
WAITING = frozenset({"getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo"})
"""Methods which no rate limit counts."""


@dataclass(slots=True)
class Request:
    """One request. `code` is 200, the refusal's, or 0 where the connection was cut.

    `weight` is how many messages it would send: those of an album each count.
    """

    at: float
    bot: str
    method: str
    params: Json
    chat: int | None = None
    code: int | None = None
    description: str | None = None
    ignored: tuple[str, ...] = ()
    weight: int = 1
    impatient: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the server did what was asked."""
        return self.code == 200


@dataclass
class Journal:
    """Every request, oldest first. Times are the server clock's, in seconds."""

    requests: list[Request] = field(default_factory=list)

    def of(self, *methods: str, chat: int | None = None, ok: bool | None = None) -> list[Request]:
        """Requests for these methods (or all), in a chat, that went well (`ok`) or did not."""
        return [
            request
            for request in self.requests
            if (not methods or request.method in methods)
            and (chat is None or request.chat == chat)
            and (ok is None or request.succeeded is ok)
        ]

    def impatient(self) -> list[Request]:
        """Requests sent before the wait that a flood or storm of `faults` asked for was over."""
        return [request for request in self.requests if request.impatient]

    def peak(
        self,
        window: float,
        methods: Iterable[str] | None = None,
        chat: int | None = None,
        *,
        answered: bool = False,
    ) -> int:
        """The most that fell into any `window` seconds; with `answered`, only what succeeded.

        Without `methods`, all but getUpdates and the webhook's own are counted.
        """
        wanted = None if methods is None else frozenset(methods)
        times: deque[tuple[float, int]] = deque()
        most = inside = 0
        for request in self.requests:
            if (request.method in WAITING) if wanted is None else request.method not in wanted:
                continue
            if (chat is not None and request.chat != chat) or (answered and not request.succeeded):
                continue
            times.append((request.at, request.weight))
            inside += request.weight
            while times[0][0] <= request.at - window:
                inside -= times.popleft()[1]
            most = max(most, inside)
        return most

    def peak_a_second(self, chat: int | None = None) -> int:
        """The most requests within any second, overall or in a chat."""
        return self.peak(1.0, chat=chat)

    def peak_acts_a_second(self) -> int:
        """The most within any second of those that change something: what Telegram is known to
        limit. Nothing is known of limits for those that only ask."""
        acts = {r.method for r in self.requests if not r.method.startswith("get")}
        return self.peak(1.0, acts - WAITING - {"answerCallbackQuery"})

    def peak_messages_a_minute(self, chat: int) -> int:
        """The most messages sent to a chat within any minute: a group takes 20."""
        return self.peak(60.0, SENDING, chat)

    def clear(self) -> None:
        """Start afresh."""
        self.requests.clear()
