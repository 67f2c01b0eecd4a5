"""What a call on Telegram takes of its chat's budgets."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.adapters.telegram.client import Client, Spend
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Budget

CHAT = -100_5


class Till:
    """Gives whatever is asked of it, and remembers in which order."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.seen: list[object] = []
        self._breaks = breaks

    async def take(self, budgets: Sequence[Budget]) -> float:
        self.seen.append("taken")
        return 0.0

    async def close(self, name: str, for_s: float) -> None:
        if self._breaks:
            raise FlowUnavailable("Redis is away")
        self.seen.append((name, for_s))

    async def call(self) -> int:
        self.seen.append("answered")
        return 7


async def acted(till: Till, spend: Spend) -> int:
    client = Client("1:token", "http://127.0.0.1:1", till)
    return await client.act(CHAT, spend, till.call)


@pytest.mark.parametrize("spend", [Spend.EDIT, Spend.MESSAGE, Spend.EVIDENCE])
async def test_a_chats_second_begins_anew_with_telegrams_answer(spend: Spend) -> None:
    till = Till()
    await acted(till, spend)
    assert till.seen == ["taken", "answered", (f"telegram {CHAT} second", 1.0)]


async def test_what_protects_people_keeps_no_message_waiting() -> None:
    till = Till()
    await acted(till, Spend.DEED)
    assert till.seen == ["taken", "answered"]


async def test_what_is_done_counts_though_redis_goes_meanwhile() -> None:
    assert await acted(Till(breaks=True), Spend.MESSAGE) == 7
