"""Things that go wrong on purpose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .clock import Clock
from .errors import ApiError, too_many_requests
from .journal import WAITING, Request

What = Literal["flood", "refuse", "slow", "cut before", "cut after"]


@dataclass(eq=False)
class Fault:
    """One fault, for `times` requests (None: until it is cleared or `ends_at` has passed)."""

    what: What
    method: str | None = None
    chat: int | None = None
    times: int | None = 1
    ends_at: float | None = None
    retry_after: int = 1
    error: ApiError | None = None
    seconds: float = 0.0
    told_until: float = 0.0
    met: int = 0

    def applies(self, request: Request) -> bool:
        """Whether this request is hit. A flood leaves getUpdates alone unless it is named."""
        if self.times == 0 or (self.ends_at is not None and request.at >= self.ends_at):
            return False
        if self.method is not None and self.method != request.method:
            return False
        if self.chat is not None and self.chat != request.chat:
            return False
        return self.what != "flood" or self.method is not None or request.method not in WAITING

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
        retry_after: int = 1,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
    ) -> Fault:
        """Answer 429 with this `retry_after`, in seconds."""
        return self._add(Fault("flood", method, chat, times, retry_after=retry_after))

    def storm(self, seconds: float, *, method: str | None = None, chat: int | None = None) -> Fault:
        """Answer 429 for so long, each time with the seconds that are left."""
        fault = Fault("flood", method, chat, None, ends_at=self._clock.now() + seconds)
        return self._add(fault)

    def refuse(
        self,
        code: int,
        description: str,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
    ) -> Fault:
        """Answer with this error, such as 502 "Bad Gateway"."""
        return self._add(Fault("refuse", method, chat, times, error=ApiError(code, description)))

    def slow(
        self,
        seconds: float,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = None,
    ) -> Fault:
        """Do what is asked, and answer late."""
        return self._add(Fault("slow", method, chat, times, seconds=seconds))

    def cut(
        self,
        when: Literal["before", "after"],
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
    ) -> Fault:
        """Close the connection without an answer, before or after the request took effect."""
        what: What = "cut before" if when == "before" else "cut after"
        return self._add(Fault(what, method, chat, times))

    def clear(self) -> None:
        """End all faults."""
        self._faults.clear()

    def meeting(self, request: Request) -> Fault | None:
        """The fault that this request runs into; spends it."""
        for fault in self._faults:
            if (
                fault.what == "flood"
                and fault.told_until > request.at
                and _same_scope(fault, request)
            ):
                request.impatient = True
        for fault in reversed(self._faults):
            if fault.applies(request):
                fault.spend()
                return fault
        return None

    def flooded(self, fault: Fault) -> ApiError:
        """The 429 of a flood, which from now on counts who does not wait."""
        wait = fault.retry_after
        if fault.ends_at is not None:
            wait = max(1, math.ceil(fault.ends_at - self._clock.now()))
        fault.told_until = max(fault.told_until, self._clock.now() + wait)
        if fault.ends_at is not None:
            fault.told_until = min(fault.told_until, fault.ends_at)
        return too_many_requests(wait)

    def _add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault


def _same_scope(fault: Fault, request: Request) -> bool:
    if fault.method is None and request.method in WAITING:
        return False
    return fault.method in {None, request.method} and fault.chat in {None, request.chat}
