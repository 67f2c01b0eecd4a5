"""How the loopback Discord tells bots what happens, fails on purpose, and keeps its limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes.discord import DiscordServer, Limit, Limits
from tests.fakes.discord.remote import spawn
from tests.fakes.discord.stage import Client, Stage, connected, pointed_at, staged
from tests.fakes.loopback.remote import RemoteError

DELETE = "/channels/{channel_id}/messages/{message_id}"
SEND = "/channels/{channel_id}/messages"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as scene:
        yield scene


async def eventually(true: Callable[[], Any], *, within: float = 20.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.005)


class Ears:
    """What a client hears from now on."""

    def __init__(self, client: Client) -> None:
        client.heard.clear()
        self._client = client

    def of(self, event: str) -> list[Any]:
        """What came with each event of that name."""
        return [about for name, about in self._client.heard if name == event]

    def texts(self) -> list[str]:
        """The messages' words, oldest first."""
        return [message.content for message in self.of("message")]


class TestLogin:
    async def test_is_ready_with_its_guilds_and_channels(self, stage: Stage) -> None:
        (guild,) = stage.client.guilds
        assert (guild.name, [c.name for c in guild.text_channels]) == ("Lobby", ["general"])
        assert guild.me.guild_permissions.manage_messages
        assert not guild.me.guild_permissions.administrator
        assert guild.default_role.permissions.send_messages
        assert stage.bot.is_ready

    async def test_needs_the_right_token(self) -> None:
        async with DiscordServer() as server:
            bot = server.bot()
            bot.revokes_token()
            with pytest.raises(discord.LoginFailure):
                async with connected(server, bot):
                    pass

    async def test_needs_intents_that_are_switched_on(self) -> None:
        async with DiscordServer() as server:
            bot = server.bot(intents=("members",))
            with pytest.raises(discord.PrivilegedIntentsRequired):
                async with connected(server, bot):
                    pass
            bot.allows("members", "presences", "message_content")
            async with connected(server, bot) as client:
                assert client.is_ready()

    async def test_tells_the_intents_that_are_switched_on(self, stage: Stage) -> None:
        stage.bot.allows("message_content")
        flags = (await stage.client.application_info()).flags
        assert flags.gateway_message_content_limited
        assert not flags.gateway_guild_members_limited

    async def test_is_ended_when_the_token_is_revoked(self, stage: Stage) -> None:
        stage.bot.revokes_token()
        await eventually(stage.client.is_closed)

    @pytest.mark.parametrize(
        ("payload", "code"),
        [
            ("no json", 4002),
            ('{"op": 2, "d": null}', 4002),
            ('{"op": 99, "d": null}', 4003),
            ('{"op": 2, "d": {"token": "wrong", "intents": 0, "properties": {}}}', 4004),
            ('{"op": 2, "d": {"token": "TOKEN", "intents": -1, "properties": {}}}', 4013),
            ('{"op": 2, "d": {"token": "TOKEN", "intents": 0, "shard": [2, 2]}}', 4010),
            ('{"op": 6, "d": {"token": "wrong", "session_id": "x", "seq": 0}}', 4004),
        ],
    )
    async def test_closes_with_the_published_codes(self, payload: str, code: int) -> None:
        async with DiscordServer() as server, aiohttp.ClientSession() as session:
            url = f"{server.gateway_url}?v=10&encoding=json"
            async with session.ws_connect(url) as socket:
                await socket.receive()
                await socket.send_str(payload.replace("TOKEN", server.bot().token))
                assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
                assert socket.close_code == code

    async def test_takes_120_sends_a_minute(self) -> None:
        async with DiscordServer() as server, aiohttp.ClientSession() as session:
            url = f"{server.gateway_url}?v=10&encoding=json"
            async with session.ws_connect(url) as socket:
                await socket.receive()
                for _ in range(121):
                    await socket.send_str('{"op": 1, "d": null}')
                while (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
                    pass
                assert socket.close_code == 4008


class TestEvents:
    async def test_a_message_from_writing_to_deletion(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        message = stage.general.says(stage.asha, "you fool")
        await eventually(lambda: ears.texts() == ["you fool"])
        message.edits("you friend")
        message.unfurls(title="A page")
        message.deletes()
        await eventually(lambda: ears.of("raw_message_delete"))
        assert [raw.message.content for raw in ears.of("raw_message_edit")] == ["you friend"] * 2
        (posted,) = ears.of("message")
        assert isinstance(posted.author, discord.Member)
        assert posted.author.id == stage.asha.id

    async def test_what_a_message_carries(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        elsewhere = stage.lobby.channel("elsewhere")
        original = elsewhere.says(stage.om, "forwarded words")
        stage.general.says(stage.asha, forward_of=original)
        stage.general.says(stage.asha, poll=("Best?", "this", "that"))
        stage.general.says(stage.asha, sticker="Wave")
        stage.general.says(stage.asha, "yes", reply_to=original)
        await eventually(lambda: len(ears.of("message")) == 5)
        _, forward, poll, sticker, reply = ears.of("message")
        assert forward.content == ""
        assert [each.content for each in forward.message_snapshots] == ["forwarded words"]
        assert [answer.text for answer in poll.poll.answers] == ["this", "that"]
        assert [each.name for each in sticker.stickers] == ["Wave"]
        assert reply.reference.resolved.content == "forwarded words"

    async def test_members_come_change_and_go(self, stage: Stage) -> None:
        await stage.client.guilds[0].chunk()
        ears = Ears(stage.client)
        kim = stage.server.user("kim")
        stage.lobby.joins(kim)
        stage.lobby.renames(kim, "a nickname")
        kim.renames("Another Name")
        stage.lobby.leaves(kim)
        await eventually(lambda: ears.of("member_remove"))
        assert [member.name for member in ears.of("member_join")] == ["kim"]
        assert ears.of("member_update")[0].nick is None
        assert [after.name for after in ears.of("member_remove")] == ["kim"]

    async def test_threads_and_forum_posts(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        stage.general.thread("apart", stage.asha)
        forum = stage.lobby.channel("questions", "forum")
        post = forum.posts(stage.asha, "How?", "please tell")
        post.renames("How exactly?")
        post.deletes()
        await eventually(lambda: ears.of("thread_delete"))
        assert [thread.name for thread in ears.of("thread_create")] == ["apart", "How exactly?"]
        assert ears.texts() == ["apart", "please tell"]
        assert ears.of("thread_update")[0].name == "How?"

    async def test_bans_roles_and_channels(self, stage: Stage) -> None:
        await stage.client.guilds[0].chunk()
        ears = Ears(stage.client)
        stage.lobby.bans(stage.asha, "rude")
        stage.lobby.lets_return(stage.asha)
        stage.lobby.role("Mods", "manage_messages")
        stage.lobby.channel("new").deletes()
        await eventually(lambda: ears.of("guild_channel_delete"))
        for event in ("member_ban", "member_unban", "guild_role_create", "guild_channel_create"):
            assert len(ears.of(event)) == 1, event

    async def test_coming_into_a_guild_and_being_put_out(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        other = stage.server.guild("Other", owner=stage.asha)
        other.channel("talk")
        other.add(stage.bot, rights=("manage_messages",))
        await eventually(lambda: ears.of("guild_join"))
        (joined,) = ears.of("guild_join")
        assert joined.me.guild_permissions.manage_messages
        other.takes_name("Renamed")
        other.kicks(stage.bot)
        await eventually(lambda: ears.of("guild_remove"))
        assert ears.of("guild_remove")[0].name == "Renamed"

    async def test_losing_a_right_shows_at_once(self, stage: Stage) -> None:
        stage.lobby.takes_right(stage.bot, "manage_messages")
        me = stage.client.guilds[0].me
        await eventually(lambda: not me.guild_permissions.manage_messages)

    async def test_automod_tells_of_what_nobody_sees(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        rule = stage.lobby.rule("Words", "fool")
        rule.blocks(stage.general, stage.asha, "you fool", keyword="fool")
        flagged = rule.flags(stage.general, stage.asha, "fool again", keyword="fool")
        await eventually(lambda: len(ears.of("automod_action")) == 2)
        blocked, alerted = ears.of("automod_action")
        assert (blocked.message_id, blocked.content) == (None, "you fool")
        assert (alerted.message_id, alerted.rule_id) == (flagged.id, rule.id)
        assert stage.general.texts(stage.asha) == ["fool again"]
        stage.lobby.takes_right(stage.bot, "manage_guild")
        rule.blocks(stage.general, stage.asha, "you fool", keyword="fool")
        stage.general.says(stage.asha, "after it")
        await eventually(lambda: "after it" in ears.texts())
        assert len(ears.of("automod_action")) == 2

    async def test_direct_messages(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        stage.asha.writes(stage.bot, "I appeal")
        await eventually(lambda: ears.texts() == ["I appeal"])
        assert ears.of("message")[0].guild is None

    async def test_members_are_told_in_chunks(self, stage: Stage) -> None:
        for number in range(1100):
            stage.lobby.joins(stage.server.user(f"member {number}"))
        members = await stage.client.guilds[0].chunk()
        assert len(members) == 1104


class TestIntents:
    async def test_without_message_content_texts_are_empty(self) -> None:
        intents = discord.Intents.all()
        intents.message_content = False
        async with staged(intents=intents) as stage:
            ears = Ears(stage.client)
            secret = stage.general.says(stage.asha, "you fool", embeds=[{"title": "t"}])
            stage.general.says(stage.asha, f"<@{stage.bot.id}> hello")
            stage.asha.writes(stage.bot, "in private")
            await eventually(lambda: len(ears.of("message")) == 3)
            assert ears.texts() == ["", f"<@{stage.bot.id}> hello", "in private"]
            assert ears.of("message")[0].embeds == []
            stage.bot.allows("members")
            channel = stage.client.get_partial_messageable(stage.general.id)
            assert (await channel.fetch_message(secret.id)).content == ""

    async def test_without_members_nobody_is_heard_coming(self) -> None:
        intents = discord.Intents.all()
        intents.members = False
        async with staged(intents=intents) as stage:
            ears = Ears(stage.client)
            stage.lobby.joins(stage.server.user("kim"))
            stage.general.says(stage.asha, "hello")
            await eventually(ears.texts)
            assert ears.of("raw_member_join") == []

    async def test_no_sight_no_messages(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        secret = stage.lobby.channel("secret", only=[stage.owner, stage.asha])
        secret.forbids(stage.bot, "view_channel")
        secret.says(stage.asha, "whisper")
        stage.general.says(stage.asha, "loud")
        await eventually(ears.texts)
        assert ears.texts() == ["loud"]


class TestReconnecting:
    @pytest.mark.parametrize("silently", [False, True])
    async def test_a_dropped_line_is_resumed_with_what_was_missed(
        self, stage: Stage, silently: bool
    ) -> None:
        ears = Ears(stage.client)
        stage.general.says(stage.asha, "before")
        await eventually(ears.texts)
        stage.server.gateway.drop(silently=silently)
        stage.general.says(stage.asha, "meanwhile")
        await eventually(lambda: ears.of("resumed"))
        stage.general.says(stage.asha, "after")
        await eventually(lambda: len(ears.texts()) == 3)
        assert ears.texts() == ["before", "meanwhile", "after"]
        assert stage.server.gateway.count("identify") == 1

    async def test_asked_to_reconnect(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        stage.server.gateway.ask_to_reconnect()
        await eventually(lambda: ears.of("resumed"))
        assert stage.server.gateway.count("resume") == 1

    async def test_an_invalid_session_begins_again_and_misses_what_was(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        stage.server.gateway.drop(resumable=False)
        stage.general.says(stage.asha, "meanwhile")
        await eventually(lambda: ears.of("ready"))
        stage.general.says(stage.asha, "after")
        await eventually(ears.texts)
        assert ears.texts() == ["after"]
        assert stage.server.gateway.count("identify") == 2

    @pytest.mark.parametrize(("resumable", "identifies"), [(True, 1), (False, 2)])
    async def test_told_that_the_session_is_invalid(
        self, stage: Stage, resumable: bool, identifies: int
    ) -> None:
        ears = Ears(stage.client)
        stage.server.gateway.invalidate(resumable=resumable)
        await eventually(lambda: ears.of("resumed" if resumable else "ready"))
        assert stage.server.gateway.count("identify") == identifies

    async def test_a_session_without_line_for_too_long_is_over(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        stage.server.gateway.drop()
        stage.server.clock.advance(timedelta(minutes=4))
        await eventually(lambda: ears.of("ready"))
        assert stage.server.gateway.count("identify") == 2

    async def test_a_session_that_missed_too_much_is_over(self, stage: Stage) -> None:
        stage.server.gateway.drop(resumable=False)
        stage.server.gateway.policy.kept_events = 3
        await eventually(lambda: stage.server.gateway.count("identify") == 2)
        await stage.bot.connects()
        stage.server.gateway.drop()
        for number in range(5):
            stage.general.says(stage.asha, str(number))
        await eventually(lambda: stage.server.gateway.count("identify") == 3)

    async def test_a_shut_gateway_lets_nobody_in_until_it_opens(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        stage.server.gateway.shut(resumable=False)
        for number in range(120):
            stage.general.says(stage.asha, str(number))
        await eventually(lambda: ears.of("disconnect"))
        assert not stage.bot.is_ready
        stage.server.gateway.open()
        await eventually(lambda: ears.of("ready"))
        channel = stage.client.get_partial_messageable(stage.general.id)
        missed = [message async for message in channel.history(limit=None)]
        assert (len(missed), ears.texts()) == (120, [])

    async def test_a_server_that_was_down_knows_all_it_knew(self, stage: Stage) -> None:
        ears = Ears(stage.client)
        stage.general.says(stage.asha, "before")
        await stage.server.stop()
        await eventually(lambda: ears.of("disconnect"))
        await stage.server.start()
        await stage.bot.connects(patience=20)
        channel = stage.client.get_partial_messageable(stage.general.id)
        assert [message.content async for message in channel.history()] == ["before"]

    async def test_shards_hear_of_their_own_guilds(self) -> None:
        async with DiscordServer() as server:
            owner, bot = server.user("owner"), server.bot()
            server.gateway.policy.shards = 2
            guilds = [server.guild(f"Guild {n}", owner=owner).add(bot) for n in range(4)]
            with pointed_at(server):
                async with connected(server, bot) as client:
                    assert len(client.shards) == 2
                    for guild in guilds:
                        found = client.get_guild(guild.id)
                        assert found is not None
                        assert found.shard_id == (guild.id >> 22) % 2


class TestLimits:
    async def test_are_told_and_kept_by_the_client(self) -> None:
        async with staged(limits=Limits()) as stage:
            channel = stage.client.get_partial_messageable(stage.general.id)
            posted = [stage.general.says(stage.asha, str(number)) for number in range(12)]
            await asyncio.gather(
                *(channel.get_partial_message(each.id).delete() for each in posted)
            )
            assert len(stage.server.journal.of("DELETE", DELETE, ok=True)) == 12
            assert stage.server.journal.impatient() == []

    async def test_refuse_who_does_not_keep_them(self) -> None:
        limits = Limits(routes={f"POST {SEND}": Limit(2, 60.0)})
        async with staged(limits=limits) as stage, aiohttp.ClientSession() as session:
            url = f"{stage.server.root}/channels/{stage.general.id}/messages"
            headers = {"Authorization": f"Bot {stage.bot.token}"}
            answers = []
            for number in range(4):
                stage.server.clock.advance(5 if number == 3 else 0)
                body = {"content": str(number)}
                async with session.post(url, json=body, headers=headers) as response:
                    answers.append((response.status, response.headers, await response.json()))
            assert [status for status, _, _ in answers] == [200, 200, 429, 429]
            assert answers[1][1]["X-RateLimit-Remaining"] == "0"
            told, body = answers[2][1], answers[2][2]
            assert told["X-RateLimit-Scope"] == "user"
            assert body["global"] is False
            assert 55 < body["retry_after"] <= 60
            last = stage.server.journal.requests[-1]
            assert stage.server.journal.impatient() == [last]
            assert len(stage.server.journal.invalid()) == 2

    async def test_of_50_a_second_in_all(self) -> None:
        async with DiscordServer(limits=Limits(overall=Limit(3, 60.0))) as server:
            headers = {"Authorization": f"Bot {server.bot().token}"}
            me = f"{server.root}/users/@me"
            async with aiohttp.ClientSession(headers=headers) as session:
                for _ in range(3):
                    async with session.get(me) as response:
                        assert response.status == 200
                async with session.get(me) as response:
                    assert response.status == 429
                    assert response.headers["X-RateLimit-Global"] == "true"
                    assert (await response.json())["global"] is True
                server.clock.advance(60)
                async with session.get(me) as response:
                    assert response.status == 200

    async def test_deleting_has_a_bucket_for_each_age(self) -> None:
        async with staged(limits=Limits()) as stage:
            channel = stage.client.get_partial_messageable(stage.general.id)
            headers = set()
            for ago in (timedelta(0), timedelta(hours=1), timedelta(days=15)):
                posted = stage.general.says(stage.asha, "x", ago=ago)
                await channel.get_partial_message(posted.id).delete()
                entry = stage.server.journal.requests[-1]
                told = stage.server.limiter.headers(entry, stage.server.clock.now())
                headers.add(told["X-RateLimit-Bucket"])
            assert len(headers) == 3

    async def test_too_many_invalid_requests_shut_out(self) -> None:
        limits = Limits(invalid=Limit(5, 600.0))
        async with DiscordServer(limits=limits) as server, aiohttp.ClientSession() as session:
            statuses = []
            for _ in range(7):
                headers = {"Authorization": "Bot wrong"}
                async with session.get(f"{server.root}/users/@me", headers=headers) as response:
                    statuses.append(response.status)
            assert statuses == [401] * 7
            good = {"Authorization": f"Bot {server.bot().token}"}
            async with session.get(f"{server.root}/users/@me", headers=good) as response:
                assert response.status == 429
                assert "Via" not in response.headers


class TestFaults:
    async def test_a_flood_is_waited_out(self, stage: Stage) -> None:
        channel = stage.client.get_partial_messageable(stage.general.id)
        stage.server.faults.flood(0.1, method="POST", route=SEND)
        await channel.send("hello")
        statuses = [request.status for request in stage.server.journal.of("POST", SEND)]
        assert statuses == [429, 200]
        assert stage.server.journal.impatient() == []

    async def test_a_flood_knows_who_does_not_wait(self, stage: Stage) -> None:
        stage.server.faults.flood(30, times=None)
        headers = {"Authorization": f"Bot {stage.bot.token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            for seconds in (0, 0, 10, 30):
                stage.server.clock.advance(seconds)
                async with session.get(f"{stage.server.root}/users/@me") as response:
                    assert response.status == 429
        impatient = [request.impatient for request in stage.server.journal.requests]
        assert impatient == [False, False, True, False]

    async def test_a_refusal_names_its_status(self, stage: Stage) -> None:
        channel = stage.client.get_partial_messageable(stage.general.id)
        stage.server.faults.refuse(503, "Service Unavailable", method="POST")
        with pytest.raises(discord.DiscordServerError):
            await channel.send("hello")
        await channel.send("hello")
        assert stage.general.texts(stage.asha) == ["hello"]

    @pytest.mark.parametrize(("when", "texts"), [("before", []), ("after", ["hello"])])
    async def test_a_cut_line_leaves_open_whether_it_was_done(
        self, stage: Stage, when: Any, texts: list[str]
    ) -> None:
        channel = stage.client.get_partial_messageable(stage.general.id)
        stage.server.faults.cut(when, channel=stage.general.id)
        with pytest.raises((aiohttp.ClientError, OSError)):
            await channel.send("hello")
        assert stage.general.texts(stage.asha) == texts
        assert stage.server.journal.requests[-1].status == 0

    async def test_a_slow_answer_comes_late(self, stage: Stage) -> None:
        channel = stage.client.get_partial_messageable(stage.general.id)
        stage.server.faults.slow(0.2, times=1)
        began = time.monotonic()
        await channel.send("hello")
        assert time.monotonic() - began >= 0.2

    async def test_a_zombie_line_is_noticed_by_the_client(self) -> None:
        async with DiscordServer() as server:
            server.gateway.policy.heartbeat_interval = 0.2
            server.gateway.policy.acknowledges = False
            url = f"{server.gateway_url}?v=10&encoding=json"
            async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
                hello = await socket.receive_json()
                assert hello["d"]["heartbeat_interval"] == 200
                await socket.send_str('{"op": 1, "d": null}')
                with pytest.raises(asyncio.TimeoutError):
                    await socket.receive(timeout=0.1)
                server.gateway.policy.acknowledges = True
                await socket.send_str('{"op": 1, "d": null}')
                assert (await socket.receive_json())["op"] == 11


class TestAnotherProcess:
    async def test_drives_it_all(self) -> None:
        async with spawn() as server:
            owner = await server.do("user", "owner")
            bot = await server.do("bot", "Aman")
            lobby = await server.do("guild", "Lobby", owner=owner)
            general = await lobby.do("channel", "general")
            await lobby.do("add", bot, rights=["manage_messages"])
            message = await general.do("says", owner, "hello")
            headers = {"Authorization": f"Bot {await bot.do('token')}"}
            url = f"{server.root}/channels/{await general.do('id')}"
            async with aiohttp.ClientSession(headers=headers) as session:
                place = f"{url}/messages/{await message.do('id')}"
                async with session.delete(place) as response:
                    assert response.status == 204
            assert await message.do("is_deleted")
            with pytest.raises(RemoteError, match="CannotHappen"):
                await general.do("says", await server.do("user", "stranger"), "hello")

    async def test_offers_a_load_and_reports(self) -> None:
        async with spawn(limited=True) as server:
            bot = await server.do("bot", "Aman")
            await server.load.do("prepare", bot, channels=20)
            await server.load.do("start", ["hello", "you fool"], rate=500, seconds=0.2)
            assert await server.load.do("finished") == 100
            report = await server.load.do("report")
            assert (report["offered"], report["hidden"]) == (100, [])
