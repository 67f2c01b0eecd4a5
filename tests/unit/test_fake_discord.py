"""What the loopback Discord takes from bots and what it refuses, asked with the real client."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import Route

from tests.fakes.discord import CannotHappen, File, Message
from tests.fakes.discord.stage import Stage, staged

NOBODY = discord.AllowedMentions.none()
TWO_WEEKS = timedelta(days=14, minutes=1)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as scene:
        yield scene


def refused(code: int, words: str | None = None) -> pytest.RaisesExc[discord.HTTPException]:
    """A refusal with Discord's own code."""
    return pytest.raises(discord.HTTPException, match=words, check=lambda error: error.code == code)


def general(stage: Stage) -> discord.TextChannel:
    channel = stage.client.get_channel(stage.general.id)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def ask(stage: Stage, method: str, path: str, **more: Any) -> Any:
    """A request that discord.py itself would never send."""
    return await stage.client.http.request(Route(method, path), **more)


def in_general(stage: Stage, message: Message) -> discord.PartialMessage:
    return general(stage).get_partial_message(message.id)


class TestText:
    async def test_has_2000_characters(self, stage: Stage) -> None:
        await general(stage).send("a" * 2000)
        with refused(50035, "Must be 2000 or fewer in length"):
            await general(stage).send("a" * 2001)

    async def test_is_not_empty(self, stage: Stage) -> None:
        with refused(50006):
            await general(stage).send("  ")

    async def test_pings_whom_allowed_mentions_let_through(self, stage: Stage) -> None:
        text = f"{stage.asha.mention} {stage.om.mention} @everyone"
        await general(stage).send(text, allowed_mentions=NOBODY)
        assert not stage.general.living()[-1].pings
        only_om = discord.AllowedMentions(users=[discord.Object(stage.om.id)], everyone=False)
        await general(stage).send(text, allowed_mentions=only_om)
        assert stage.general.living()[-1].pings.users == [stage.om.id]

    async def test_refuses_to_mention_all_and_some(self, stage: Stage) -> None:
        mentions = {"parse": ["users"], "users": [str(stage.om.id)]}
        body = {"content": "hi", "allowed_mentions": mentions}
        with refused(50035, "mutually exclusive"):
            await ask(stage, "POST", f"/channels/{stage.general.id}/messages", json=body)

    async def test_sent_again_with_its_nonce_is_one_message(self, stage: Stage) -> None:
        first = await general(stage).send("once", nonce="n1")
        again = await general(stage).send("once", nonce="n1")
        assert (first.id, len(stage.general.living())) == (again.id, 1)

    async def test_replies_name_what_they_answer(self, stage: Stage) -> None:
        question = stage.general.says(stage.asha, "why?")
        reply = await general(stage).send("because", reference=in_general(stage, question))
        assert reply.reference is not None
        assert reply.reference.message_id == question.id
        question.deletes()
        with refused(50035, "Unknown message"):
            await general(stage).send("because", reference=in_general(stage, question))

    async def test_refuses_fields_that_nobody_published(self, stage: Stage) -> None:
        body = {"content": "hi", "colour": 1}
        with refused(50035, "No such field"):
            await ask(stage, "POST", f"/channels/{stage.general.id}/messages", json=body)

    async def test_is_lax_if_asked(self) -> None:
        async with staged(strict=False) as stage:
            body = {"content": "hi", "colour": 1}
            await ask(stage, "POST", f"/channels/{stage.general.id}/messages", json=body)
            assert stage.server.journal.requests[-1].ignored == ("CreateMessage.colour",)


class TestEmbeds:
    async def test_have_6000_characters_in_all(self, stage: Stage) -> None:
        parts = [discord.Embed(description="a" * 3000) for _ in range(2)]
        await general(stage).send(embeds=parts)
        parts.append(discord.Embed(title="b"))
        with refused(50035, "6000"):
            await general(stage).send(embeds=parts)

    async def test_have_25_fields_of_1024_characters(self, stage: Stage) -> None:
        embed = discord.Embed()
        for number in range(25):
            embed.add_field(name=str(number), value="v")
        await general(stage).send(embed=embed)
        with refused(50035, "25 or fewer"):
            await general(stage).send(embed=embed.add_field(name="25", value="v"))
        with refused(50035, "between 1 and 1024"):
            await general(stage).send(embed=discord.Embed().add_field(name="n", value="v" * 1025))


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def button(custom_id: str, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": custom_id, **more}


def menu(custom_id: str, *values: str, **more: Any) -> dict[str, Any]:
    options = [{"label": value, "value": value} for value in values]
    return {"type": 3, "custom_id": custom_id, "options": options, **more}


class TestComponents:
    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ([row(*(button(str(n)) for n in range(6)))], "between 1 and 5"),
            ([row(button(str(n))) for n in range(6)], "between 0 and 5"),
            ([row()], "between 1 and 5"),
            ([row(button("a" * 101))], "between 1 and 100"),
            ([row(button("same"), button("same"))], "cannot be duplicated"),
            ([row({"type": 2, "style": 5, "label": "Go"})], "A link has an url"),
            ([row({"type": 2, "style": 1, "custom_id": "x"})], "a label or an emoji"),
            ([row(button("x", label="a" * 81))], "80 or fewer"),
            ([row(button("x", style=9))], "one of 1, 2"),
            ([row(menu("m", "a"), button("x"))], "Too wide"),
            ([row(menu("m", *(str(n) for n in range(26))))], "between 1 and 25"),
            ([row(menu("m", "a", "a"))], "already used"),
            ([row(menu("m", "a", min_values=2, max_values=1))], "larger than max_values"),
            ([row({"type": 4, "style": 1, "custom_id": "t", "label": "T"})], "Not in a row"),
            ([button("x")], "Must be one of 1"),
        ],
    )
    async def test_refuses_what_does_not_fit(
        self, stage: Stage, rows: list[dict[str, Any]], words: str
    ) -> None:
        body = {"content": "card", "components": rows}
        with refused(50035, words):
            await ask(stage, "POST", f"/channels/{stage.general.id}/messages", json=body)

    async def test_takes_five_rows_of_five_buttons(self, stage: Stage) -> None:
        rows = [row(*(button(f"{r}-{c}") for c in range(5))) for r in range(5)]
        body = {"content": "card", "components": rows}
        await ask(stage, "POST", f"/channels/{stage.general.id}/messages", json=body)
        assert len(stage.general.living()[-1].buttons) == 25

    async def test_of_version_2_replace_the_text(self, stage: Stage) -> None:
        view = discord.ui.LayoutView()
        view.add_item(discord.ui.Container(discord.ui.TextDisplay("shown")))
        await general(stage).send(view=view)
        assert stage.general.living()[-1].shown == "shown"
        body = {"content": "x", "flags": 1 << 15, "components": view.to_components()}
        with refused(50035, "IS_COMPONENTS_V2"):
            await ask(stage, "POST", f"/channels/{stage.general.id}/messages", json=body)

    async def test_of_version_2_are_at_most_40(self, stage: Stage) -> None:
        texts = [{"type": 10, "content": "x"} for _ in range(41)]
        body = {"flags": 1 << 15, "components": texts}
        with refused(50035, "At most 40"):
            await ask(stage, "POST", f"/channels/{stage.general.id}/messages", json=body)


class TestFiles:
    async def test_come_back_with_their_descriptions(self, stage: Stage) -> None:
        file = discord.File(io.BytesIO(b"png"), "a.png", description="a cat", spoiler=True)
        await general(stage).send("look", file=file)
        (kept,) = stage.general.living()[-1].attachments
        assert (kept.file.name, kept.file.description) == ("SPOILER_a.png", "a cat")
        assert kept.file.content == b"png"

    async def test_die_with_their_message(self, stage: Stage) -> None:
        posted = stage.general.says(stage.asha, files=[File("a.png", b"png")])
        message = await general(stage).fetch_message(posted.id)
        assert await message.attachments[0].read() == b"png"
        await message.delete()
        with pytest.raises(discord.NotFound):
            await message.attachments[0].read()

    async def test_that_an_edit_leaves_out_are_gone(self, stage: Stage) -> None:
        files = [discord.File(io.BytesIO(name.encode()), name) for name in ("a", "b")]
        message = await general(stage).send(files=files)
        kept, lost = message.attachments
        await message.edit(attachments=[kept, discord.File(io.BytesIO(b"c"), "c")])
        held = [each.file.name for each in stage.general.living()[-1].attachments]
        assert held == ["a", "c"]
        assert await kept.read() == b"a"
        with pytest.raises(discord.NotFound):
            await lost.read()

    async def test_have_10_mib(self, stage: Stage) -> None:
        big = discord.File(io.BytesIO(b"x" * (10 * 1024 * 1024 + 1)), "big")
        with refused(40005):
            await general(stage).send(file=big)


class TestReading:
    async def test_pages_through_a_channel(self, stage: Stage) -> None:
        posted = [stage.general.says(stage.asha, str(number)) for number in range(250)]
        posted[7].deletes()
        after = discord.Object(posted[4].id)
        texts = [m.content async for m in general(stage).history(after=after, limit=None)]
        assert texts == [str(number) for number in range(5, 250) if number != 7]
        newest = [m.content async for m in general(stage).history(limit=2)]
        assert newest == ["249", "248"]
        before = discord.Object(posted[2].id)
        oldest = [m.content async for m in general(stage).history(before=before)]
        assert oldest == ["1", "0"]

    async def test_around_a_message(self, stage: Stage) -> None:
        posted = [stage.general.says(stage.asha, str(number)) for number in range(9)]
        around = discord.Object(posted[4].id)
        texts = [m.content async for m in general(stage).history(around=around, limit=5)]
        assert sorted(texts) == ["2", "3", "4", "5", "6"]

    async def test_without_history_there_is_nothing(self, stage: Stage) -> None:
        insult = stage.general.says(stage.asha, "you fool")
        stage.lobby.takes_right(stage.bot, "read_message_history")
        stage.general.forbids(stage.lobby.everyone, "read_message_history")
        assert [m async for m in general(stage).history()] == []
        with refused(50001):
            await general(stage).fetch_message(insult.id)

    async def test_unknown_things_have_codes_of_their_own(self, stage: Stage) -> None:
        with refused(10003):
            await stage.client.fetch_channel(1)
        with refused(10004):
            await stage.client.fetch_guild(1)
        with refused(10008):
            await general(stage).fetch_message(1)
        with refused(10013):
            await stage.client.fetch_user(1)
        guild = stage.client.guilds[0]
        stranger = stage.server.user("stranger")
        with refused(10007):
            await guild.fetch_member(stranger.id)
        with refused(10026):
            await guild.fetch_ban(discord.Object(stranger.id))

    async def test_a_route_that_is_not_there(self, stage: Stage) -> None:
        with refused(0, "404"):
            await ask(stage, "GET", "/nowhere")
        stage.server.api.without.add("GET /guilds/{guild_id}/auto-moderation/rules")
        with refused(0, "404"):
            await stage.client.guilds[0].fetch_automod_rules()


class TestDeleting:
    async def test_removes_a_message_once(self, stage: Stage) -> None:
        insult = stage.general.says(stage.asha, "you fool")
        await in_general(stage, insult).delete()
        assert insult.is_deleted
        assert insult.deleted_by is stage.bot.account
        with refused(10008):
            await in_general(stage, insult).delete()

    async def test_of_others_takes_manage_messages(self, stage: Stage) -> None:
        stage.lobby.takes_right(stage.bot, "manage_messages")
        own = await general(stage).send("mine")
        await own.delete()
        with refused(50013):
            await in_general(stage, stage.general.says(stage.asha, "hers")).delete()

    async def test_many_at_once(self, stage: Stage) -> None:
        posted = [stage.general.says(stage.asha, str(number)) for number in range(100)]
        await general(stage).delete_messages([in_general(stage, each) for each in posted])
        assert all(each.is_deleted for each in posted)

    async def test_many_takes_2_to_100_different_ones(self, stage: Stage) -> None:
        path = f"/channels/{stage.general.id}/messages/bulk-delete"
        posted = [stage.general.says(stage.asha, str(number)) for number in range(101)]
        ids = [str(each.id) for each in posted]
        for wrong in (ids[:1], ids):
            with refused(50016):
                await ask(stage, "POST", path, json={"messages": wrong})
        with refused(50035, "already contains"):
            await ask(stage, "POST", path, json={"messages": [ids[0], ids[0]]})

    async def test_many_fails_wholly_for_one_of_two_weeks_ago(self, stage: Stage) -> None:
        old = stage.general.says(stage.asha, "old", ago=TWO_WEEKS)
        new = stage.general.says(stage.asha, "new")
        path = f"/channels/{stage.general.id}/messages/bulk-delete"
        with refused(50034):
            await ask(stage, "POST", path, json={"messages": [str(old.id), str(new.id)]})
        assert not new.is_deleted
        await in_general(stage, old).delete()
        assert old.is_deleted

    async def test_many_passes_over_what_is_gone(self, stage: Stage) -> None:
        gone, there = (stage.general.says(stage.asha, text) for text in ("gone", "there"))
        gone.deletes()
        path = f"/channels/{stage.general.id}/messages/bulk-delete"
        await ask(stage, "POST", path, json={"messages": [str(gone.id), str(there.id)]})
        assert there.is_deleted


class TestEditing:
    async def test_changes_only_what_is_given(self, stage: Stage) -> None:
        message = await general(stage).send("card", embed=discord.Embed(title="t"))
        await message.edit(content="decided")
        (kept,) = stage.general.living()
        assert (kept.text, kept.embeds[0]["title"]) == ("decided", "t")
        await message.edit(content=None)
        assert kept.text == ""
        with refused(50006):
            await message.edit(embed=None)

    async def test_is_for_authors(self, stage: Stage) -> None:
        insult = stage.general.says(stage.asha, "you fool")
        with refused(50005):
            await in_general(stage, insult).edit(content="you friend")


class TestPermissions:
    async def test_no_sight_no_access(self, stage: Stage) -> None:
        secret = stage.lobby.channel("secret", only=[stage.owner])
        stage.lobby.takes_right(stage.bot, "view_channel")
        path = f"/channels/{secret.id}/messages"
        with refused(50001):
            await ask(stage, "POST", path, json={"content": "hi"})

    async def test_a_channel_takes_what_roles_gave_and_gives_it_back(self, stage: Stage) -> None:
        stage.general.forbids(stage.lobby.everyone, "send_messages")
        with refused(50013):
            await general(stage).send("hi")
        stage.general.allows(stage.bot, "send_messages")
        await general(stage).send("hi")

    async def test_files_take_a_right_of_their_own(self, stage: Stage) -> None:
        stage.general.forbids(stage.bot, "attach_files")
        with refused(50013):
            await general(stage).send(file=discord.File(io.BytesIO(b"x"), "x"))
        await general(stage).send("hi")

    async def test_administrators_may_everything(self, stage: Stage) -> None:
        stage.lobby.gives_right(stage.bot, "administrator")
        stage.general.forbids(stage.bot, "send_messages", "view_channel")
        await general(stage).send("hi")

    async def test_another_guild_is_out_of_reach(self, stage: Stage) -> None:
        other = stage.server.guild("Other", owner=stage.owner).channel("other")
        with refused(50001):
            await stage.client.fetch_channel(other.id)

    async def test_voice_needs_connect(self, stage: Stage) -> None:
        voice = stage.lobby.channel("voice", "voice")
        voice.says(stage.asha, "typed beside the call")
        assert len(await stage.client.http.logs_from(voice.id, 10)) == 1
        voice.forbids(stage.lobby.everyone, "connect")
        voice.forbids(stage.bot, "connect")
        with refused(50001):
            await stage.client.http.logs_from(voice.id, 10)

    async def test_a_private_thread_is_for_its_members(self, stage: Stage) -> None:
        thread = stage.general.thread("whispers", stage.asha, private=True)
        with refused(50001):
            await stage.client.fetch_channel(thread.id)
        with pytest.raises(CannotHappen, match="view_channel"):
            thread.says(stage.om, "let me in")
        stage.lobby.gives_right(stage.bot, "manage_threads")
        assert (await stage.client.fetch_channel(thread.id)).id == thread.id


class TestSanctions:
    async def test_a_timeout_keeps_a_member_from_writing(self, stage: Stage) -> None:
        guild = stage.client.guilds[0]
        asha = await guild.fetch_member(stage.asha.id)
        await asha.timeout(timedelta(hours=1), reason="case 7")
        with pytest.raises(CannotHappen, match="send_messages"):
            stage.general.says(stage.asha, "hello?")
        assert stage.lobby.audit_log[-1].reason == "case 7"
        stage.server.clock.advance(timedelta(hours=1))
        stage.general.says(stage.asha, "hello")

    async def test_a_timeout_has_28_days(self, stage: Stage) -> None:
        asha = await stage.client.guilds[0].fetch_member(stage.asha.id)
        await asha.timeout(timedelta(days=28))
        with refused(50035, "28 days"):
            await asha.timeout(timedelta(days=28, hours=1))
        await asha.timeout(None)
        assert not stage.lobby.is_timed_out(stage.asha)

    async def test_a_kicked_member_may_come_back(self, stage: Stage) -> None:
        await stage.client.guilds[0].kick(discord.Object(stage.asha.id), reason="case 7")
        assert stage.lobby.member(stage.asha) is None
        stage.lobby.joins(stage.asha)

    async def test_a_ban_keeps_out_and_takes_recent_messages(self, stage: Stage) -> None:
        guild, asha = stage.client.guilds[0], discord.Object(stage.asha.id)
        recent = stage.general.says(stage.asha, "now")
        older = stage.general.says(stage.asha, "then", ago=timedelta(hours=2))
        await guild.ban(asha, delete_message_seconds=3600, reason="case 7")
        assert (recent.is_deleted, older.is_deleted) == (True, False)
        with pytest.raises(CannotHappen, match="is banned"):
            stage.lobby.joins(stage.asha)
        assert (await guild.fetch_ban(asha)).reason == "case 7"
        assert [entry.user.id async for entry in guild.bans()] == [stage.asha.id]
        await guild.unban(asha)
        stage.lobby.joins(stage.asha)
        with refused(10026):
            await guild.unban(asha)

    async def test_who_is_not_a_member_can_be_banned(self, stage: Stage) -> None:
        stranger = stage.server.user("stranger")
        await stage.client.guilds[0].ban(discord.Object(stranger.id))
        assert stage.lobby.is_banned(stranger)

    async def test_nobody_touches_the_owner_or_who_stands_above(self, stage: Stage) -> None:
        guild = stage.client.guilds[0]
        mods = stage.lobby.role("Mods")
        stage.lobby.gives_role(stage.om, mods)
        om = await guild.fetch_member(stage.om.id)
        await om.timeout(timedelta(hours=1))
        stage.lobby.raises(mods)
        for person in (stage.om, stage.owner):
            target = await guild.fetch_member(person.id)
            with refused(50013):
                await target.timeout(timedelta(hours=1))
            with refused(50013):
                await guild.kick(target)
            with refused(50013):
                await guild.ban(target)

    async def test_an_administrator_cannot_be_timed_out(self, stage: Stage) -> None:
        admins = stage.lobby.role("Admins", "administrator")
        stage.lobby.gives_role(stage.om, admins)
        om = await stage.client.guilds[0].fetch_member(stage.om.id)
        with refused(50013):
            await om.timeout(timedelta(hours=1))

    async def test_each_takes_a_right_of_its_own(self, stage: Stage) -> None:
        rights = ("moderate_members", "kick_members", "ban_members")
        stage.lobby.takes_right(stage.bot, *rights)
        guild = stage.client.guilds[0]
        asha = await guild.fetch_member(stage.asha.id)
        with refused(50013):
            await asha.timeout(timedelta(hours=1))
        with refused(50013):
            await asha.kick()
        with refused(50013):
            await asha.ban()

    async def test_the_reason_has_512_characters(self, stage: Stage) -> None:
        with refused(50035, "512 or fewer"):
            await stage.client.guilds[0].kick(discord.Object(stage.asha.id), reason="r" * 513)


class TestDirectMessages:
    async def test_reach_who_takes_them(self, stage: Stage) -> None:
        user = await stage.client.fetch_user(stage.asha.id)
        await user.send("your message was hidden")
        assert stage.asha.inbox(stage.bot)[-1].text == "your message was hidden"

    async def test_not_who_closed_them_or_shares_no_guild(self, stage: Stage) -> None:
        stage.asha.closes_dms()
        for person in (stage.asha, stage.server.user("stranger")):
            user = await stage.client.fetch_user(person.id)
            with refused(50007):
                await user.send("hello?")
        stage.asha.opens_dms()
        await (await stage.client.fetch_user(stage.asha.id)).send("hello")


class TestWebhooks:
    async def test_post_under_any_name(self, stage: Stage) -> None:
        webhook = await general(stage).create_webhook(name="Aman")
        picture = "https://cdn.example/asha.png"
        sent = await webhook.send("hello", username="Asha", avatar_url=picture, wait=True)
        (kept,) = stage.general.living()
        assert (kept.author.name, kept.avatar_url, kept.text) == ("Asha", picture, "hello")
        await sent.edit(content="hello again")
        assert kept.text == "hello again"
        await sent.delete()
        assert kept.is_deleted

    @pytest.mark.parametrize("name", ["Discord fan", "Clyde"])
    async def test_not_under_these(self, stage: Stage, name: str) -> None:
        webhook = await general(stage).create_webhook(name="Aman")
        with refused(50035, "cannot contain"):
            await webhook.send("hello", username=name)
        with refused(50035, "cannot contain"):
            await general(stage).create_webhook(name=name)

    async def test_names_have_80_characters(self, stage: Stage) -> None:
        webhook = await general(stage).create_webhook(name="Aman")
        with refused(50035, "between 1 and 80"):
            await webhook.send("hello", username="a" * 81)

    async def test_reach_the_threads_of_their_channel(self, stage: Stage) -> None:
        webhook = await general(stage).create_webhook(name="Aman")
        thread = stage.general.thread("apart", stage.asha)
        await webhook.send("in there", thread=discord.Object(thread.id))
        assert thread.living()[-1].text == "in there"
        elsewhere = stage.lobby.channel("elsewhere").thread("far", stage.asha)
        with refused(10003):
            await webhook.send("in there", thread=discord.Object(elsewhere.id))

    async def test_are_found_again_and_are_15_at_most(self, stage: Stage) -> None:
        for number in range(15):
            await general(stage).create_webhook(name=f"Hook {number}")
        found = await general(stage).webhooks()
        assert [bool(webhook.token) for webhook in found] == [True] * 15
        with refused(30007):
            await general(stage).create_webhook(name="One more")

    async def test_need_a_right_to_be_made_and_only_the_token_to_be_used(
        self, stage: Stage
    ) -> None:
        webhook = await general(stage).create_webhook(name="Aman")
        stage.lobby.takes_right(stage.bot, "manage_webhooks")
        with refused(50013):
            await general(stage).create_webhook(name="Aman")
        await webhook.send("still here", wait=True)
        wrong = discord.Webhook.from_url(
            f"https://discord.com/api/webhooks/{webhook.id}/{'x' * 68}", client=stage.client
        )
        with refused(50027):
            await wrong.send("hello")

    async def test_that_are_gone(self, stage: Stage) -> None:
        webhook = await general(stage).create_webhook(name="Aman")
        await webhook.delete()
        with refused(10015):
            await webhook.send("hello")


class TestThreads:
    async def test_a_forum_post_begins_with_its_first_message(self, stage: Stage) -> None:
        forum = stage.lobby.channel("questions", "forum")
        post = forum.posts(stage.asha, "How?", "please tell")
        assert post.living()[0].id == post.id
        message = await stage.client.http.get_message(post.id, post.id)
        assert message["content"] == "please tell"

    async def test_active_and_archived_ones_are_listed(self, stage: Stage) -> None:
        open_one = stage.general.thread("open", stage.asha)
        stage.general.thread("done", stage.asha).archives()
        active = await stage.client.guilds[0].active_threads()
        assert [thread.id for thread in active] == [open_one.id]
        archived = [thread.name async for thread in general(stage).archived_threads()]
        assert archived == ["done"]

    async def test_take_a_right_of_their_own(self, stage: Stage) -> None:
        thread = stage.general.thread("apart", stage.asha)
        stage.general.forbids(stage.bot, "send_messages_in_threads")
        path = f"/channels/{thread.id}/messages"
        with refused(50013):
            await ask(stage, "POST", path, json={"content": "hi"})
        await general(stage).send("here it may")

    async def test_a_locked_one_takes_nothing(self, stage: Stage) -> None:
        thread = stage.general.thread("apart", stage.asha)
        thread.archives(locked=True)
        with refused(50083):
            path = f"/channels/{thread.id}/messages"
            await ask(stage, "POST", path, json={"content": "hi"})
        with pytest.raises(CannotHappen, match="manage_threads"):
            thread.says(stage.asha, "hello?")

    async def test_can_be_started_on_a_message(self, stage: Stage) -> None:
        stage.lobby.gives_right(stage.bot, "create_public_threads")
        message = await general(stage).send("topic")
        thread = await message.create_thread(name="about it", auto_archive_duration=60)
        assert thread.id == message.id
        with refused(160004):
            await message.create_thread(name="again", auto_archive_duration=60)


class TestTokens:
    async def test_one_that_is_unknown(self, stage: Stage) -> None:
        headers = {"Authorization": "Bot nonsense"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(f"{stage.server.root}/users/@me") as response,
        ):
            assert response.status == 401
        assert len(stage.server.journal.invalid()) == 1
