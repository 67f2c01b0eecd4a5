"""Things that go wrong on purpose over HTTP. What can go wrong on the gateway is `Gateway`'s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.fakes.loopback.clock import Clock

from .errors import ApiError, rate_limited
from .journal import Request
from .patience import Told

What = Literal["flood", "refuse", "slow", "cut before", "cut after"]


@dataclass(eq=False)
class Fault:
    """One fault, for `times` requests (None: until it is cleared or `ends_at` has passed)."""

    what: What
    method: str | None = None
    route: str | None = None
    channel: int | None = None
    times: int | None = 1
    ends_at: float | None = None
    retry_after: float = 1.0
    is_global: bool = False
    error: ApiError | None = None
    seconds: float = 0.0
    told: Told | None = None
    met: int = 0

    def concerns(self, request: Request) -> bool:
        """Whether the request is one of those that it is meant for."""
        return (
            self.method in {None, request.method}
            and self.route in {None, request.route}
            and self.channel in {None, request.channel}
        )

    def applies(self, request: Request) -> bool:
        """Whether this request is hit."""
        over = self.times == 0 or (self.ends_at is not None and request.at >= self.ends_at)
        return not over and self.concerns(request)

    def spend(self) -> None:
        """Count one request that was hit."""
        self.met += 1
        if self.times is not None:
            self.times -= 1


class Faults:
    """The faults in force; the newest that applies wins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._faults: list[Fault] = []

    def flood(
        self,
        retry_after: float = 1.0,
        *,
        method: str | None = None,
        route: str | None = None,
        channel: int | None = None,
        times: int | None = 1,
        is_global: bool = False,
    ) -> Fault:
        """Answer 429 with this `retry_after`, in seconds."""
        what = Fault("flood", method, route, channel, times, None, retry_after, is_global)
        return self._add(what)

    def storm(
        self,
        seconds: float,
        *,
        method: str | None = None,
        route: str | None = None,
        channel: int | None = None,
    ) -> Fault:
        """Answer 429 for so long, each time with the seconds that are left."""
        ends_at = self._clock.now() + seconds
        return self._add(Fault("flood", method, route, channel, None, ends_at))

    def refuse(
        self,
        status: int,
        message: str,
        *,
        code: int = 0,
        method: str | None = None,
        route: str | None = None,
        channel: int | None = None,
        times: int | None = 1,
    ) -> Fault:
        """Answer with this error, such as 503 "Service Unavailable".

        discord.py tries again by itself after 500, 502, 504 and 524, at first after a second.
        """
        error = ApiError(status, code, message)
        return self._add(Fault("refuse", method, route, channel, times, error=error))

    def slow(
        self,
        seconds: float,
        *,
        method: str | None = None,
        route: str | None = None,
        channel: int | None = None,
        times: int | None = None,
    ) -> Fault:
        """Do what is asked, and answer late."""
        return self._add(Fault("slow", method, route, channel, times, seconds=seconds))

    def cut(
        self,
        when: Literal["before", "after"],
        *,
        method: str | None = None,
        route: str | None = None,
        channel: int | None = None,
        times: int | None = 1,
    ) -> Fault:
        """Close the connection without an answer, before or after the request took effect."""
        what: What = "cut before" if when == "before" else "cut after"
        return self._add(Fault(what, method, route, channel, times))

    def clear(self) -> None:
        """End all faults."""
        self._faults.clear()

    def meeting(self, request: Request) -> Fault | None:
        """The fault that this request runs into; spends it."""
        for fault in self._faults:
            if fault.told and fault.told.ignored_by(request.at) and fault.concerns(request):
                request.impatient = True
        for fault in reversed(self._faults):
            if fault.applies(request):
                fault.spend()
                return fault
        return None

    def flooded(self, fault: Fault, request: Request) -> ApiError:
        """The 429 of a flood, which from now on counts who does not wait."""
        now = self._clock.now()
        wait = fault.retry_after if fault.ends_at is None else fault.ends_at - now
        if fault.told is None or now >= fault.told.until:
            fault.told = Told(now, now + wait)
        request.scope = "global" if fault.is_global else "user"
        return rate_limited(wait, is_global=fault.is_global)

    def _add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault
