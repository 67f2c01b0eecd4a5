"""Rate budgets on a real Redis: what is closed stays closed for its time."""

from __future__ import annotations

from bot.domain.memory import Budget
from bot.streams.budgets import RedisBudgets
from tests.fakes.redis_server import fresh_redis

SECOND = Budget("second", 5, 1.0)


async def test_nothing_is_given_of_a_budget_that_is_closed() -> None:
    async with fresh_redis() as redis:
        budgets = RedisBudgets(redis)
        await budgets.close(SECOND.name, 100.0)
        assert await budgets.take([SECOND]) > 50.0
        assert await budgets.take([Budget("another", 5, 1.0)]) == 0.0


async def test_a_budget_that_is_closed_for_long_opens_no_sooner_for_a_shorter_closing() -> None:
    async with fresh_redis() as redis:
        budgets = RedisBudgets(redis)
        await budgets.close(SECOND.name, 100.0)
        await budgets.close(SECOND.name, 1.0)
        assert await budgets.take([SECOND]) > 50.0
        await budgets.close(SECOND.name, 1_000.0)
        assert await budgets.take([SECOND]) > 500.0
