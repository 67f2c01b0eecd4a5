"""Notices on Telegram: few in a group, none lost to a moment's crowd, and nobody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.adapters import telling
from bot.adapters.spending import UNHURRIED_S
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.ephemeral import A_MINUTE
from bot.adapters.telegram.notices import Notices
from bot.domain.errors import PlatformBusy
from bot.domain.memory import Budget
from bot.domain.messages import Person, Place
from bot.streams.budgets import RedisBudgets
from bot.streams.unfinished import RedisUnfinished
from tests.fakes import telegram
from tests.fakes.redis_server import eventually, fresh_redis
from tests.fakes.telegram import Group, TelegramServer
from tests.fakes.telegram_bot import RIGHTS, scene


@dataclass
class Scene:
    """A group, its members, and what tells them something."""

    lobby: Group
    asha: telegram.Person
    client: Client
    budgets: RedisBudgets
    unfinished: RedisUnfinished
    notices: Notices

    @property
    def place(self) -> Place:
        return Place("telegram", str(self.lobby.id))

    async def tell(self, who: telegram.Person, patience_s: float = 1.5) -> bool:
        person = Person("telegram", str(who.id), who.account.first_name)
        return await self.notices.tell(person, self.place, "told", "told to all", patience_s)

    def read_by_all(self) -> list[str]:
        """What the bot said that is not for one alone."""
        return [message.text for message in self.lobby.living() if message.text]

    async def crowded(self, for_s: float) -> None:
        """The group takes no message for so long."""
        await self.budgets.close(f"telegram {self.lobby.id} second", for_s)

    async def had_its_share(self) -> None:
        """The group had all its notices a moment ago."""
        for name, most in (("ephemeral", A_MINUTE), ("notices", 5)):
            share = Budget(f"telegram {self.lobby.id} {name}", most, 61.0, cost=most)
            assert await self.budgets.take([share]) == 0.0

    async def brings_back(self, text: str) -> None:
        """Send a message as a restore does."""
        bot, chat = self.client.bot, self.lobby.id
        await self.client.act(chat, Spend.MESSAGE, lambda: bot.send_message(chat, text))


@pytest.fixture
async def group(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """A supergroup, unless another kind is asked for."""
    kind = getattr(request, "param", "supergroup")
    async with TelegramServer() as server, fresh_redis() as redis:
        bot, owner, asha = server.bot("aman_bot"), server.user("owner"), server.user("asha")
        lobby = server.group("Lobby", owner=owner, kind=kind).joins(asha)
        lobby.add(bot, rights=RIGHTS)
        budgets = RedisBudgets(redis)
        client = Client(bot.token, server.root, budgets)
        await client.log_in()
        unfinished = RedisUnfinished(redis)
        notices = Notices(client, unfinished)
        yield Scene(lobby, asha, client, budgets, unfinished, notices)
        await notices.close()
        await client.close()


async def test_everybody_in_a_burst_within_the_share_is_told(tmp_path: Path) -> None:
    async with scene(tmp_path) as at_work:
        people = [at_work.server.user(f"p{n}") for n in range(6)]
        for person in people:
            at_work.lobby.joins(person)
        await at_work.drained()
        for person in people:
            at_work.lobby.says(person, "you idiot")
        await at_work.eventually(
            lambda: all(any("was hidden" in t for t in at_work.told(p)) for p in people)
        )
        assert not any("was hidden" in text for text in at_work.lobby.texts(at_work.owner))


async def test_a_notice_waits_for_the_crowd_to_pass_and_is_not_shown_to_all(group: Scene) -> None:
    await group.crowded(2.0)
    with pytest.raises(PlatformBusy) as busy:
        await group.tell(group.asha)
    assert group.read_by_all() == []
    await asyncio.sleep(busy.value.retry_after)
    assert await group.tell(group.asha)
    assert [m.text for m in group.lobby.seen_alone_by(group.asha)] == ["told"]


async def test_what_nobody_tries_again_waits_where_it_is(group: Scene) -> None:
    await group.crowded(2.0)
    assert await group.tell(group.asha, UNHURRIED_S)


async def test_notices_beyond_the_share_are_given_up_and_leave_nobody_waiting(
    group: Scene,
) -> None:
    await group.had_its_share()
    assert [await group.tell(group.asha) for _ in range(5)] == [False] * 5
    await group.brings_back("one")
    await group.brings_back("two")
    assert group.read_by_all() == ["one", "two"]


async def test_what_reviewers_bring_back_stands_behind_no_notice(group: Scene) -> None:
    await group.crowded(1.0)
    told = await asyncio.gather(
        *(group.tell(group.asha) for _ in range(20)), return_exceptions=True
    )
    assert any(isinstance(each, PlatformBusy) for each in told)
    await group.brings_back("one")
    assert group.read_by_all() == ["one"]


async def test_a_line_for_all_goes_though_the_bot_was_killed_meanwhile(
    group: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await group.notices.tell_group(group.place, "told to all")  # and killed: nothing is closed
    assert group.read_by_all() == ["told to all"]
    monkeypatch.setattr(telling, "FADES_AFTER_S", 0.0)
    again = Notices(group.client, group.unfinished)
    await again.resume()
    await eventually(lambda: group.read_by_all() == [])
    await again.close()


async def test_of_a_line_that_is_gone_nothing_is_kept(group: Scene) -> None:
    await group.notices.tell_group(group.place, "one")
    await group.notices.tell_group(group.place, "two")
    group.lobby.deletes(group.lobby.living()[-1])  # an admin was faster
    await group.notices.close()
    assert group.read_by_all() == []
    assert await group.unfinished.left("telegram:lines") == {}


@pytest.mark.parametrize("group", ["group"], indirect=True)
async def test_of_a_line_that_a_moved_group_left_behind_nothing_is_kept(group: Scene) -> None:
    await group.notices.tell_group(group.place, "told to all")
    group.lobby.upgrade()
    await group.notices.close()
    assert await group.unfinished.left("telegram:lines") == {}
