"""What bots asked for and when, and whether they kept to the limits they were told."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
_INVALID = {401, 403, 429}


@dataclass(slots=True)
class Request:
    """One request. `status` is HTTP's, 0 where the connection was cut; `code` is Discord's own.

    `route` is the path with its parameters unnamed, as "/channels/{channel_id}/messages".
    `impatient` was sent although an earlier answer had told to wait.
    """

    at: float
    bot: str
    method: str
    route: str
    params: dict[str, int | str] = field(default_factory=dict)
    query: Json = field(default_factory=dict)
    body: Any = None
    files: tuple[str, ...] = ()
    reason: str | None = None
    status: int | None = None
    code: int = 0
    description: str | None = None
    ignored: tuple[str, ...] = ()
    impatient: bool = False
    scope: str | None = None

    @property
    def channel(self) -> int | None:
        """The channel that the path names."""
        found = self.params.get("channel_id")
        return found if isinstance(found, int) else None

    @property
    def succeeded(self) -> bool:
        """Whether the server did what was asked."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_invalid(self) -> bool:
        """Whether it counts towards the 10,000 in 10 minutes for which Discord shuts a bot out."""
        return self.status in _INVALID and self.scope != "shared"


@dataclass
class Journal:
    """Every request, oldest first. Times are the server clock's, in seconds."""

    requests: list[Request] = field(default_factory=list)

    def of(
        self,
        method: str | None = None,
        route: str | None = None,
        *,
        channel: int | None = None,
        ok: bool | None = None,
    ) -> list[Request]:
        """Requests for a route, in a channel, that went well (`ok`) or did not."""
        return [
            request
            for request in self.requests
            if (method is None or request.method == method)
            and (route is None or request.route == route)
            and (channel is None or request.channel == channel)
            and (ok is None or request.succeeded is ok)
        ]

    def impatient(self) -> list[Request]:
        """Requests sent before the wait was over that an earlier answer had told."""
        return [request for request in self.requests if request.impatient]

    def too_many_requests(self) -> list[Request]:
        """Requests that were answered 429."""
        return [request for request in self.requests if request.status == 429]

    def invalid(self) -> list[Request]:
        """Requests that count as invalid: 401, 403 and 429."""
        return [request for request in self.requests if request.is_invalid]

    def peak(self, window: float, method: str | None = None, route: str | None = None) -> int:
        """The most requests that fell into any `window` seconds."""
        times: deque[float] = deque()
        most = 0
        for request in self.of(method, route):
            times.append(request.at)
            while times[0] <= request.at - window:
                times.popleft()
            most = max(most, len(times))
        return most

    def peak_a_second(self) -> int:
        """The most requests within any second: Discord takes 50 of a bot."""
        return self.peak(1.0)

    def clear(self) -> None:
        """Start afresh."""
        self.requests.clear()
