"""Waiting while Redis or the database is away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import ParamSpec, TypeVar

import structlog
from tenacity import RetryCallState, retry, retry_if_exception_type, wait_random_exponential

from bot.domain.errors import FlowUnavailable, StorageUnavailable

LONGEST_PAUSE_S = 2.0

P = ParamSpec("P")
R = TypeVar("R")
_log = structlog.get_logger(__name__)


async def outlasting(
    stream: str, work: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Do `work`, again and again while it raises FlowUnavailable or StorageUnavailable.

    Says once that it waits and once that it goes on, naming the stream. Ends only with the work
    or by being cancelled; every other error passes through.
    """
    began: float | None = None

    def note(state: RetryCallState) -> None:
        nonlocal began
        if began is None and state.outcome is not None:
            began = monotonic()
            _log.warning("flow_interrupted", stream=stream, reason=str(state.outcome.exception()))

    patiently = retry(
        retry=retry_if_exception_type((FlowUnavailable, StorageUnavailable)),
        wait=wait_random_exponential(multiplier=0.05, max=LONGEST_PAUSE_S),
        before_sleep=note,
    )

    async def attempt() -> R:
        return await work(*args, **kwargs)

    result = await patiently(attempt)()
    if began is not None:
        _log.warning("flow_restored", stream=stream, seconds=round(monotonic() - began, 1))
    return result
