"""What Discord and the wire can do to the bot: each ends as the design says, in the open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from discord.utils import time_snowflake

from bot.adapters.discord import adapter, lanes, later, progress
from bot.adapters.discord.insisting import Job
from bot.app import Outside, running
from bot.domain.errors import CannotStart, FlowUnavailable, StorageUnavailable
from bot.domain.messages import Message, Place
from bot.domain.ports import Inbox
from bot.observability import logs
from bot.storage import SqlStore
from bot.streams.marks import RedisMarks
from config.policies import preset
from config.roles import Role
from tests.fakes.discord import DiscordServer, File, Limits, Person
from tests.fakes.discord_bot import RIGHTS, Scene, bind, peopled, scene, settings_for
from tests.fakes.discord_bot import at_work as working
from tests.fakes.redis_server import connected, redis_server
from tests.fakes.words_engine import open_words_scorer

DELETE = "/channels/{channel_id}/messages/{message_id}"
POST = "/channels/{channel_id}/messages"
BULK = "/channels/{channel_id}/messages/bulk-delete"
WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def started(server: DiscordServer, token: str, folder: Path) -> None:
    settings = settings_for(server, token, folder)
    async with running(settings, Role.ALL, lambda _: None, scorer=open_words_scorer):
        pass


async def test_a_token_that_is_nobodys_stops_the_start_with_what_to_mend(tmp_path: Path) -> None:
    async with DiscordServer() as server:
        with pytest.raises(CannotStart, match="Developer Portal"):
            await started(server, "MTA0.nobodys.token", tmp_path)


async def test_intents_that_are_off_stop_the_start_with_what_to_mend(tmp_path: Path) -> None:
    async with DiscordServer() as server:
        bot = server.bot("Aman", intents=("members",))
        with pytest.raises(CannotStart, match="Message Content Intent"):
            await started(server, bot.token, tmp_path)


async def test_a_token_that_is_revoked_is_told_for_as_long_as_it_takes(
    at_work: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "CONNECT_AGAIN_S", 0.1)
    at_work.bot.revokes_token()
    asked = at_work.server.journal
    await at_work.eventually(lambda: len(asked.of("GET", "/users/@me", ok=False)) > 1)
    status, why = await at_work.readyz()
    assert status == 503
    assert "Developer Portal" in why


async def test_intents_that_are_taken_are_told_to_reviewers_and_back_again_all_is_well(
    at_work: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "CONNECT_AGAIN_S", 0.1)
    at_work.bot.allows("members")
    at_work.server.gateway.close_sessions(at_work.bot.account, 4014)
    await at_work.eventually(
        lambda: any("any more what people write" in m.text for m in at_work.review.living())
    )
    missed = at_work.general.says(at_work.asha, "you idiot")
    at_work.bot.allows("members", "message_content")
    await at_work.eventually(lambda: missed.is_deleted)


async def test_intents_that_are_taken_while_the_database_is_away_are_told_once_it_is_back(
    at_work: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(store: SqlStore) -> None:
        raise StorageUnavailable("on purpose")

    monkeypatch.setattr(adapter, "CONNECT_AGAIN_S", 0.1)
    journal = at_work.server.journal
    with monkeypatch.context() as patch:
        patch.setattr(SqlStore, "reading", away)
        at_work.bot.allows("members")
        at_work.server.gateway.close_sessions(at_work.bot.account, 4014)
        await at_work.eventually(lambda: len(journal.of("GET", "/users/@me")) > 2)
    await at_work.eventually(
        lambda: any("any more what people write" in m.text for m in at_work.review.living())
    )


async def test_discord_out_of_reach_is_no_reason_not_to_start(tmp_path: Path) -> None:
    server = DiscordServer()
    server.faults.refuse(503, "Service Unavailable", route="/users/@me", times=2)
    async with scene(tmp_path, server) as at_work:
        insult = at_work.general.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: insult.is_deleted)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_cut_connection_hides_and_shows_once(at_work: Scene, when: str) -> None:
    at_work.server.faults.cut(when, method="DELETE", route=DELETE)  # type: ignore[arg-type]
    at_work.server.faults.cut(  # type: ignore[call-overload]
        when, method="POST", route=POST, channel=at_work.review.id
    )
    insult = at_work.general.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.card_says("group")
    assert len(await at_work.cases()) == 1
    assert len(at_work.cards()) == 1


async def test_a_card_whose_answer_was_lost_shows_what_was_done_since(at_work: Scene) -> None:
    at_work.server.faults.slow(0.3, method="DELETE", route=DELETE, times=1)
    at_work.server.faults.cut("after", method="POST", route=POST, channel=at_work.review.id)
    at_work.general.says(at_work.asha, "you idiot")
    await at_work.card_says("Hidden from the group")
    assert len(at_work.cards()) == 1


async def test_a_restore_whose_answer_was_lost_is_found_and_not_repeated(at_work: Scene) -> None:
    insult = at_work.general.says(at_work.asha, "you idiot", files=[File("cat.png")])
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.card_says("Author told")
    at_work.server.faults.cut("after", method="POST", route=WEBHOOK)
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    back = [m for m in at_work.general.living() if m.webhook is not None]
    assert len(back) == 1
    await at_work.press("Undo")
    await at_work.eventually(lambda: back[0].is_deleted)


async def test_an_insult_said_twice_comes_back_twice_though_one_restore_was_put_off(
    at_work: Scene,
) -> None:
    said = [at_work.general.says(at_work.asha, "you idiot") for _ in range(2)]
    await at_work.eventually(lambda: all(m.is_deleted for m in said))
    await at_work.eventually(lambda: len(at_work.cards()) == 2)
    first, second = at_work.cards()
    # Of two calls, as what the presser is told goes the same way.
    fault = at_work.server.faults.cut("before", method="POST", route=WEBHOOK, times=2)
    await at_work.noor.presses(first, "Restore", patience=15)
    await at_work.eventually(lambda: fault.met == 2)
    await at_work.press("Restore", card=second)
    await at_work.eventually(lambda: all("Back in the group" in c.shown for c in at_work.cards()))
    back = [m for m in at_work.general.living() if m.webhook is not None]
    assert len(back) == 2


async def test_one_channels_flood_holds_up_no_other(at_work: Scene) -> None:
    other = at_work.lobby.channel("other")
    at_work.server.faults.storm(6.0, method="DELETE", channel=at_work.general.id)
    stuck = at_work.general.says(at_work.asha, "you idiot")
    free = other.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: free.is_deleted)
    assert not stuck.is_deleted
    await at_work.eventually(lambda: stuck.is_deleted)
    assert at_work.server.journal.impatient() == []


async def test_many_that_wait_go_in_bulk_and_no_limit_is_overrun(tmp_path: Path) -> None:
    async with scene(tmp_path, DiscordServer(limits=Limits())) as at_work:
        server, channel = at_work.server, at_work.general
        server.faults.slow(1.5, method="DELETE", route=DELETE, times=1)
        said = [channel.says(at_work.asha, f"idiot {n}") for n in range(20)]
        await at_work.eventually(lambda: all(m.is_deleted for m in said))
        bulk = server.journal.of("POST", BULK, channel=channel.id, ok=True)
        assert len(bulk) > 0
        assert server.journal.too_many_requests() == []
        assert server.journal.impatient() == []


async def test_rights_that_are_missing_are_told_on_the_card(at_work: Scene) -> None:
    at_work.lobby.takes_right(at_work.bot, "ban_members", "manage_webhooks")
    insult = at_work.general.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.press("Restore")
    await at_work.card_says("Manage Webhooks")
    await at_work.press("Undo")
    await at_work.press("Ban")
    await at_work.press("Yes, ban")
    await at_work.card_says("Ban Members")


@pytest.mark.parametrize("resumable", [True, False])
async def test_what_was_posted_while_disconnected_is_judged_once(
    at_work: Scene, resumable: bool
) -> None:
    before = at_work.general.says(at_work.asha, "idiot one")
    await at_work.eventually(lambda: before.is_deleted)
    gateway = at_work.server.gateway
    gateway.shut(resumable=resumable)
    thread = at_work.general.thread("Plants", at_work.asha)
    missed = [
        at_work.general.says(at_work.asha, "idiot two"),
        thread.says(at_work.asha, "idiot three"),
        at_work.general.says(at_work.asha, "hello").edits("idiot four"),
    ]
    gateway.open()
    await at_work.eventually(lambda: all(m.is_deleted for m in missed))
    after = at_work.general.says(at_work.asha, "idiot five")
    await at_work.eventually(lambda: after.is_deleted)
    ids = [case.message_id for case in await at_work.have_cases(5)]
    assert sorted(ids) == sorted(str(m.id) for m in (before, *missed, after))


async def test_what_was_changed_or_put_away_while_the_bot_was_gone_is_judged_once(
    tmp_path: Path,
) -> None:
    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        await bind(made, preset("balanced"))
        forum = made.lobby.channel("ideas", "forum")
        secret = made.general.thread("Secret", made.asha, private=True)
        async with working(made):
            harmless = made.general.says(made.asha, "hello")
            known = made.general.says(made.asha, "hello idiot")
            await made.eventually(lambda: known.is_deleted)
        thread = made.general.thread("Plants", made.asha)
        post = forum.posts(made.asha, "an idea", "hello")
        said = [
            thread.says(made.asha, "idiot one"),
            post.says(made.asha, "idiot two"),
            secret.says(made.asha, "idiot three"),
            harmless.edits("you idiot"),
        ]
        for each in (thread, post, secret):
            each.archives()
        async with working(made):
            await made.eventually(lambda: all(m.is_deleted for m in said))
            assert len(await made.cases()) == 1 + len(said)


async def test_who_joined_while_the_bot_was_gone_has_their_names_read_once(
    tmp_path: Path,
) -> None:
    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        await bind(made, preset("balanced"))
        async with working(made):
            made.general.says(made.asha, "idiot one")
            await made.have_cases(1)
        rude = server.user("Total idiot")
        made.lobby.joins(rude)
        async with working(made):
            await made.eventually(
                lambda: (m := made.lobby.member(rude)) and m.nick == "Name hidden"
            )
        async with working(made):
            last = made.general.says(made.asha, "idiot two")
            await made.eventually(lambda: last.is_deleted)
        ids = [case.message_id for case in await made.cases()]
        assert ids.count(f"name.{rude.id}") == 1
        assert len(ids) == 3


@pytest.mark.parametrize("at_work_meanwhile", [True, False])
async def test_what_was_said_while_the_bot_was_put_out_is_not_its_to_judge(
    tmp_path: Path, at_work_meanwhile: bool
) -> None:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(DiscordServer())
        made = await stack.enter_async_context(peopled(server, tmp_path))
        await bind(made, preset("balanced"))
        async with AsyncExitStack() as bot:
            await bot.enter_async_context(working(made))
            harmless = made.general.says(made.asha, "hello")
            before = made.general.says(made.asha, "you idiot")
            await made.eventually(lambda: before.is_deleted)
            if not at_work_meanwhile:
                await bot.aclose()
            made.lobby.kicks(made.bot)
            thread = made.general.thread("Plants", made.asha)
            elsewhere = [
                made.general.says(made.asha, "idiot one"),
                thread.says(made.asha, "idiot two"),
                harmless.edits("idiot three"),
            ]
            newcomer = server.user("Total idiot")
            made.lobby.joins(newcomer)
            await asyncio.sleep(0.01)  # Discord's ids tell milliseconds apart
            made.lobby.add(made.bot, rights=RIGHTS)
            after = made.general.says(made.asha, "idiot four")
            in_thread = thread.says(made.asha, "idiot five")
            if not at_work_meanwhile:
                await bot.enter_async_context(working(made))
            await made.eventually(lambda: after.is_deleted and in_thread.is_deleted)
            last = made.general.says(made.asha, "idiot six")
            await made.eventually(lambda: last.is_deleted)
            assert not any(m.is_deleted for m in elsewhere)
            ids = [case.message_id for case in await made.cases()]
            assert sorted(ids) == sorted(str(m.id) for m in (before, after, in_thread, last))


async def test_a_hide_in_a_thread_that_is_archived_by_then_opens_it_first(
    at_work: Scene,
) -> None:
    thread = at_work.general.thread("Plants", at_work.asha)
    silly = thread.says(at_work.asha, "you silly")
    card = await at_work.card()
    thread.archives(locked=True)
    await at_work.press("Hide it", card=card)
    await at_work.eventually(lambda: silly.is_deleted)
    assert not thread.channel.archived


async def test_a_thread_that_the_bot_may_not_open_again_is_what_the_card_names(
    at_work: Scene,
) -> None:
    thread = at_work.general.thread("Plants", at_work.asha)
    thread.says(at_work.asha, "you silly")
    card = await at_work.card()
    thread.archives(locked=True)
    at_work.lobby.takes_right(at_work.bot, "manage_threads")
    await at_work.press("Hide it", card=card)
    told = await at_work.card_says("Manage Threads")
    assert "Manage Messages" not in told.shown


async def test_thousands_missed_while_the_bot_was_away_are_judged_each_once(
    tmp_path: Path,
) -> None:
    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        await bind(made, preset("balanced"))
        channels = [made.lobby.channel(f"room-{n}") for n in range(10)]
        async with working(made):
            first = channels[0].says(made.asha, "you idiot")
            await made.eventually(lambda: first.is_deleted)
        said = [channels[n % 10].says(made.asha, f"hello {n}") for n in range(4_990)]
        rude = [channels[n].says(made.asha, "you idiot") for n in range(10)]
        exempt = channels[0].says(made.owner, "you idiot")
        async with working(made):

            async def judged() -> float:
                return await metric(made, 'aman_messages_total{platform="discord",verdict="allow"}')

            async def all_judged() -> bool:
                return await judged() >= len(said)

            await made.eventually(lambda: all(m.is_deleted for m in rude), 90)
            await made.eventually(all_judged, 90)
            assert await judged() == len(said)
            assert len(await made.cases()) == 11
            assert not exempt.is_deleted
            assert server.journal.too_many_requests() == []


class Stopped:
    """An inbox that takes nothing while it is stopped."""

    def __init__(self, inner: Inbox) -> None:
        self._inner = inner
        self.stopped = True

    async def put(self, message: Message) -> None:
        if self.stopped:
            raise FlowUnavailable("on purpose")
        await self._inner.put(message)


async def test_more_than_can_wait_is_read_from_the_history_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "MOST_WAITING", 5)
    inboxes: list[Stopped] = []

    def tamper(outside: Outside) -> Outside:
        inboxes.append(Stopped(outside.inbox))
        return replace(outside, inbox=inboxes[0])

    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        await bind(made, preset("balanced"))
        async with working(made, tamper):
            said = [made.general.says(made.asha, f"idiot {n}") for n in range(12)]
            await made.uses(made.owner, "aman stats")  # told after all that was said
            inboxes[0].stopped = False
            await made.eventually(lambda: all(m.is_deleted for m in said))
            assert len(await made.cases()) == len(said)
            assert server.journal.of("GET", POST, channel=made.general.id)


@asynccontextmanager
async def overrun(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Scene, Stopped, list[int]]]:
    """A scene where five things may wait, what stops its inbox, and how many waited each time."""
    waited: list[int] = []
    inboxes: list[Stopped] = []
    add = lanes.Lanes.add

    def counted(self: lanes.Lanes, lane: int, job: Job) -> None:
        add(self, lane, job)
        waited.append(self._count)

    def tamper(outside: Outside) -> Outside:
        inboxes.append(Stopped(outside.inbox))
        inboxes[0].stopped = False
        return replace(outside, inbox=inboxes[0])

    monkeypatch.setattr(lanes, "MOST_WAITING", 5)
    monkeypatch.setattr(lanes.Lanes, "add", counted)
    async with DiscordServer() as server, peopled(server, folder) as made:
        await bind(made, preset("balanced"))
        async with working(made, tamper):
            yield made, inboxes[0], waited


async def test_edits_joins_names_and_titles_wait_no_more_than_messages_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with overrun(tmp_path, monkeypatch) as (made, inbox, waited):
        long_ago = made.general.says(made.asha, "hello")
        said = [made.general.says(made.asha, f"hello {n}") for n in range(110)]
        thread = made.general.thread("Plants", made.asha)

        async def all_judged() -> bool:
            return await metric(made, 'aman_messages_total{platform="discord"') >= 112

        await made.eventually(all_judged)
        inbox.stopped = True
        waited.clear()
        for message in said[-8:]:
            message.edits("hello again")
        edited = [each.edits("you idiot") for each in (long_ago, said[60], said[-1])]
        newcomers = [made.server.user(f"idiot {n}") for n in range(3)]
        made.lobby.joins(*newcomers)
        made.lobby.renames(made.asha, "Total idiot")
        made.noor.renames("Total idiot")
        thread.renames("You idiot")
        opened = made.general.thread("What an idiot", made.asha)
        await made.uses(made.owner, "aman stats")  # told after all of that
        assert max(waited) <= 5
        inbox.stopped = False

        def called(who: Person) -> str | None:
            member = made.lobby.member(who)
            return member.nick if member else None

        await made.eventually(lambda: all(m.is_deleted for m in edited))
        people = (made.asha, made.noor, *newcomers)
        await made.eventually(lambda: all(called(each) == "Name hidden" for each in people))
        await made.eventually(lambda: all(each.name == "Title hidden" for each in (thread, opened)))
        assert len(await made.cases()) == len(edited) + len(people) + 2


async def test_what_is_more_than_can_be_left_for_later_is_told_as_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later, "MOST_LEFT", 2)
    async with overrun(tmp_path, monkeypatch) as (made, inbox, _):
        said = [made.general.says(made.asha, f"hello {n}") for n in range(12)]

        async def all_judged() -> bool:
            return await metric(made, 'aman_messages_total{platform="discord"') >= len(said)

        await made.eventually(all_judged)
        inbox.stopped = True
        for message in said:
            message.edits("you idiot")
        await made.uses(made.owner, "aman stats")
        inbox.stopped = False
        await made.eventually(
            lambda: any("was not seen" in text for text in made.review.texts(made.noor))
        )
        await made.eventually(lambda: all(m.is_deleted for m in said))


class Tripping:
    """An inbox that trips over one text."""

    def __init__(self, inner: Inbox) -> None:
        self._inner = inner

    async def put(self, message: Message) -> None:
        if message.text == "trip over this":
            raise RuntimeError("on purpose")
        await self._inner.put(message)


async def test_one_missed_message_that_breaks_costs_no_other(tmp_path: Path) -> None:
    def tamper(outside: Outside) -> Outside:
        return replace(outside, inbox=Tripping(outside.inbox))

    async with (
        redis_server() as (url, _),
        connected(url) as redis,
        DiscordServer() as server,
        peopled(server, tmp_path, redis_url=url) as made,
    ):
        await bind(made, preset("balanced"))
        other = made.lobby.channel("other")
        async with working(made):
            first = made.general.says(made.asha, "you idiot")
            await made.eventually(lambda: first.is_deleted)
        made.general.says(made.asha, "trip over this")
        missed = [each.says(made.asha, "you idiot") for each in (other, made.general)]
        async with working(made, tamper):
            await made.eventually(lambda: all(m.is_deleted for m in missed))
            last = made.general.says(made.asha, "idiot again")
            await made.eventually(lambda: last.is_deleted)

            async def on_record() -> bool:
                marks = await RedisMarks(redis).of(Place("discord", str(made.lobby.id)))
                return marks.get(str(made.general.id)) == last.id

            await made.eventually(on_record)


async def metric(made: Scene, name: str) -> float:
    async with aiohttp.ClientSession() as http, http.get(f"{made.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


async def test_what_is_too_long_ago_is_told_as_a_gap(tmp_path: Path) -> None:
    long_ago = time_snowflake(datetime.now(UTC) - timedelta(days=3))
    async with (
        redis_server() as (url, _),
        connected(url) as redis,
        DiscordServer() as server,
        peopled(server, tmp_path, redis_url=url) as made,
    ):
        await bind(made, preset("balanced"))
        marks = {"": long_ago, str(made.general.id): long_ago}
        made.lobby.has_had(made.bot, timedelta(days=4))
        await RedisMarks(redis).note(Place("discord", str(made.lobby.id)), marks)
        old = made.general.says(made.asha, "you idiot", ago=timedelta(days=2))
        last = made.general.says(made.asha, "idiot")
        async with working(made):
            await made.eventually(lambda: last.is_deleted)
            await made.eventually(
                lambda: any("was not seen" in text for text in made.review.texts(made.noor))
            )
            assert not old.is_deleted


async def test_of_what_was_not_missed_or_is_not_the_bots_to_read_no_gap_is_told(
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC)
    days, hour = (time_snowflake(now - each) for each in (timedelta(days=3), timedelta(hours=1)))
    async with (
        redis_server() as (url, _),
        connected(url) as redis,
        DiscordServer() as server,
        peopled(server, tmp_path, redis_url=url) as made,
    ):
        await bind(made, preset("balanced"))
        made.lobby.has_had(made.bot, timedelta(days=4))
        quiet = {"": days, str(made.general.id): days, "whole": hour}
        await RedisMarks(redis).note(Place("discord", str(made.lobby.id)), quiet)
        private = made.lobby.channel("private", only=(made.owner,))
        private.says(made.owner, "hello")
        locked = made.lobby.channel("locked", "voice")
        locked.says(made.owner, "hello")
        locked.forbids(made.lobby.everyone, "connect")
        missed = made.general.says(made.asha, "idiot")
        async with working(made):
            await made.eventually(lambda: missed.is_deleted)
            await made.card_says("Author told")
            assert not any("was not seen" in text for text in made.review.texts(made.noor))
            for unseen in (private, locked):
                assert server.journal.of("GET", POST, channel=unseen.id) == []


async def test_a_history_that_the_bot_may_not_read_is_told_as_a_gap(tmp_path: Path) -> None:
    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        await bind(made, preset("balanced"))
        closed = made.lobby.channel("closed")
        closed.forbids(made.bot, "read_message_history")
        async with working(made):
            seen = closed.says(made.asha, "idiot one")
            await made.eventually(lambda: seen.is_deleted)
        closed.says(made.asha, "idiot two")
        async with working(made):
            await made.eventually(
                lambda: any("was not seen" in text for text in made.review.texts(made.noor))
            )
            assert len(await made.cases()) == 1


async def test_how_long_the_bot_was_there_is_on_record_though_nobody_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "THERE_EVERY_S", 0.1)
    days, hour = (
        time_snowflake(datetime.now(UTC) - each) for each in (timedelta(days=3), timedelta(hours=1))
    )
    async with (
        redis_server() as (url, _),
        connected(url) as redis,
        DiscordServer() as server,
        peopled(server, tmp_path, redis_url=url) as made,
    ):
        await bind(made, preset("balanced"))
        made.lobby.has_had(made.bot, timedelta(days=4))
        place, marks = Place("discord", str(made.lobby.id)), RedisMarks(redis)
        await marks.note(place, {"": days})

        async def on_record() -> bool:
            return (await marks.of(place)).get("whole", 0) > hour

        async with working(made):
            await made.eventually(on_record)


async def test_what_was_read_is_not_read_again_because_of_a_channel_that_was_not(
    tmp_path: Path,
) -> None:
    async with (
        redis_server() as (url, _),
        connected(url) as redis,
        DiscordServer() as server,
        peopled(server, tmp_path, redis_url=url) as made,
    ):
        await bind(made, preset("balanced"))
        made.lobby.has_had(made.bot, timedelta(days=4))
        place, marks = Place("discord", str(made.lobby.id)), RedisMarks(redis)
        await marks.note(place, {"": time_snowflake(datetime.now(UTC) - timedelta(minutes=1))})
        other = made.lobby.channel("other")
        stuck, read = made.general.says(made.asha, "hello"), other.says(made.asha, "hello")
        server.faults.slow(60.0, method="GET", route=POST, channel=made.general.id)

        async def moved_on() -> bool:
            return (await marks.of(place)).get(str(other.id)) == read.id

        async with working(made):
            await made.eventually(moved_on)
            assert (await marks.of(place)).get(str(made.general.id)) != stuck.id


async def test_a_server_that_only_resembles_discord_does_without(tmp_path: Path) -> None:
    server = DiscordServer(strict=False)
    server.api.without |= {
        "PUT /applications/{application_id}/commands",
        f"POST {BULK}",
        "GET /guilds/{guild_id}/auto-moderation/rules/{rule_id}",
    }
    async with scene(tmp_path, server) as at_work:
        server.faults.slow(0.5, method="DELETE", route=DELETE, times=1)
        said = [at_work.general.says(at_work.asha, f"idiot {n}") for n in range(4)]
        await at_work.eventually(lambda: all(m.is_deleted for m in said))
        rule = at_work.lobby.rule("Slurs", "slur")
        rule.blocks(at_work.general, at_work.asha, "you slur", keyword="slur")
        await at_work.eventually(
            lambda: any("AutoMod blocked this" in card.shown for card in at_work.cards())
        )


async def test_a_form_that_came_too_late_is_no_fault_of_the_bots(
    at_work: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    at_work.general.says(at_work.asha, "you idiot")
    card = await at_work.card_says("Author told")
    callback = "/interactions/{interaction_id}/{interaction_token}/callback"
    at_work.server.faults.refuse(404, "Unknown interaction", code=10062, route=callback)
    assert await at_work.noor.presses(card, "Warn", patience=1) is None
    assert await at_work.press("Warn")
    assert [each for each in caplog.records if each.exc_info] == []


async def test_an_event_that_cannot_be_read_stops_no_other(at_work: Scene) -> None:
    strange = {"id": "1", "channel_id": str(at_work.general.id), "guild_id": "no number"}
    for name in ("MESSAGE_CREATE", "MESSAGE_UPDATE", "GUILD_ROLE_UPDATE", "SOMETHING_NEW"):
        at_work.server.world.tell(name, strange, guild=at_work.lobby.guild)
    insult = at_work.general.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)


async def test_the_token_is_in_no_line_metric_or_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("DEBUG", "json")  # without being told the secret: nothing may rely on that
    async with scene(tmp_path) as at_work:
        faults = at_work.server.faults
        faults.refuse(503, "Service Unavailable", method="DELETE", route=DELETE)
        faults.cut("after", method="POST", route=POST, channel=at_work.review.id)
        insult = at_work.general.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: insult.is_deleted)
        card = await at_work.card()
        at_work.server.gateway.drop(resumable=False)
        await at_work.eventually(lambda: at_work.bot.is_ready)
        await at_work.press("Restore")
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{at_work.url}/metrics") as answer,
        ):
            told = await answer.text()
        at_work.bot.revokes_token()

        async def refused() -> bool:
            return (await at_work.readyz())[0] == 503

        await at_work.eventually(refused)
        told += (await at_work.readyz())[1]
        secret = at_work.bot.token
        out = capfd.readouterr()
        for text in (told, card.shown, out.out, out.err):
            assert secret not in text
            assert "canary-token" not in text
