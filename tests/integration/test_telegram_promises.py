"""What the bot does unasked on Telegram, however that fails."""

from __future__ import annotations

from pathlib import Path

from bot.adapters.errands import Errands
from bot.adapters.telegram.client import Client
from bot.adapters.telegram.promises import Line, Promises, Removal
from bot.streams.budgets import RedisBudgets
from bot.streams.unfinished import RedisUnfinished
from tests.fakes.redis_server import eventually, fresh_redis
from tests.fakes.telegram import TelegramServer
from tests.fakes.telegram_bot import scene


async def test_a_line_follows_its_group_to_a_new_id(tmp_path: Path) -> None:
    async with scene(tmp_path, review_kind="group") as at_work:
        failing = at_work.server.faults.refuse(
            502, "Bad Gateway", method="sendMessage", chat=at_work.review.id, times=None
        )
        at_work.lobby.takes_right(at_work.bot, "can_delete_messages")
        await at_work.eventually(lambda: failing.met > 0)
        review = at_work.review.upgrade()
        at_work.server.faults.clear()
        await at_work.eventually(
            lambda: any("may not delete" in text for text in review.texts(at_work.noor))
        )


async def test_what_may_have_got_through_is_said_twice_at_most_and_removed_until_it_is() -> None:
    async with TelegramServer() as server, fresh_redis() as redis:
        owner, made = server.user("owner"), server.bot("aman_bot")
        lobby = server.group("Lobby", owner=owner).add(made, rights=("can_delete_messages",))
        client = Client(made.token, server.root, RedisBudgets(redis))
        await client.log_in()
        unfinished, errands = RedisUnfinished(redis), Errands()
        promises = Promises(client, unfinished, errands)
        server.faults.cut("after", method="sendMessage", times=None)
        server.faults.cut("before", method="deleteMessage", times=3)
        said = lobby.says(owner, "hello")
        line = Line(lobby.id, "", "I may not delete")
        for promise in (line, Removal(lobby.id, said.id)):
            await promises.make(promise)

        async def kept() -> bool:
            return not await unfinished.left("telegram:promises")

        await eventually(kept)
        assert lobby.texts(owner).count(line.text) == 2
        assert said.is_deleted
        await errands.close()
        await client.close()


async def test_what_a_later_release_promised_is_left_to_it() -> None:
    async with TelegramServer() as server, fresh_redis() as redis:
        client = Client(server.bot("aman_bot").token, server.root, RedisBudgets(redis))
        unfinished, errands = RedisUnfinished(redis), Errands()
        await unfinished.keep("telegram:promises", "1", '{"type": "song"}')
        await Promises(client, unfinished, errands).resume()
        await errands.close()
        assert [*await unfinished.left("telegram:promises")] == ["1"]
        await client.close()


async def test_what_is_promised_twice_or_taken_up_twice_at_once_is_done_once() -> None:
    async with TelegramServer() as server, fresh_redis() as redis:
        owner, made = server.user("owner"), server.bot("aman_bot")
        lobby = server.group("Lobby", owner=owner).add(made)
        client = Client(made.token, server.root, RedisBudgets(redis))
        await client.log_in()
        unfinished, errands = RedisUnfinished(redis), Errands()
        promises, line = Promises(client, unfinished, errands), Line(lobby.id, "", "once")
        await promises.make(line)
        await promises.make(line)
        await promises.resume()
        await errands.close()
        assert lobby.texts(owner).count("once") == 1
        assert await unfinished.left("telegram:promises") == {}
        await promises.make(line)
        await errands.close()
        assert lobby.texts(owner).count("once") == 2, "a new promise of the same"
        await client.close()
