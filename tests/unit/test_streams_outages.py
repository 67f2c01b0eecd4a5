"""Waiting while Redis or the database is away."""

from __future__ import annotations

import asyncio

import pytest
import structlog

from bot.domain.errors import AmanError, FlowUnavailable, StorageUnavailable, UnreadablePayload
from bot.streams.outages import outlasting


@pytest.mark.parametrize("outage", [FlowUnavailable("gone"), StorageUnavailable("disk full")])
async def test_work_is_tried_until_the_outage_is_over_and_that_is_said_once(outage: AmanError):
    left = 4

    async def work(value: str) -> str:
        nonlocal left
        left -= 1
        if left:
            raise outage
        return value

    with structlog.testing.capture_logs() as logs:
        assert await outlasting("a stream", work, "done") == "done"
    assert [(each["event"], each["stream"]) for each in logs] == [
        ("flow_interrupted", "a stream"),
        ("flow_restored", "a stream"),
    ]
    assert logs[0]["reason"] == str(outage)


async def test_work_that_succeeds_at_once_says_nothing():
    async def work() -> int:
        return 1

    with structlog.testing.capture_logs() as logs:
        assert await outlasting("a stream", work) == 1
    assert logs == []


async def test_any_other_error_passes_through_at_once():
    calls = 0

    async def work() -> None:
        nonlocal calls
        calls += 1
        raise UnreadablePayload("no")

    with pytest.raises(UnreadablePayload):
        await outlasting("a stream", work)
    assert calls == 1


async def test_waiting_ends_when_it_is_cancelled():
    async def work() -> None:
        raise FlowUnavailable("for ever")

    waiting = asyncio.create_task(outlasting("a stream", work))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
