"""What Discord refuses as a whole, and is therefore asked for otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.memory import Budget
from bot.streams.budgets import RedisBudgets
from config.policies import preset
from tests.fakes.discord import DiscordServer
from tests.fakes.discord_bot import at_work, bind, peopled, scene
from tests.fakes.redis_server import connected, redis_server

BULK = "/channels/{channel_id}/messages/bulk-delete"
MEMBER = "/guilds/{guild_id}/members/{user_id}"


async def test_what_is_older_than_two_weeks_goes_alone_and_spoils_no_bulk(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        old = [made.general.says(made.asha, f"hello {n}", ago=timedelta(days=15)) for n in range(3)]
        fresh = [made.general.says(made.asha, f"hi {n}") for n in range(5)]
        said = [*old, *fresh]
        for message in said:
            message.edits("you idiot")
        await made.eventually(lambda: all(message.is_deleted for message in said))
        journal = made.server.journal
        assert [each for each in journal.of(ok=False) if each.method == "DELETE"] == []
        assert journal.of("POST", BULK, ok=False) == []
        together = {int(id_) for each in journal.of("POST", BULK) for id_ in each.body["messages"]}
        assert together.isdisjoint(message.id for message in old)


async def test_a_mute_for_longer_than_discord_knows_lasts_as_long_as_it_can(
    tmp_path: Path,
) -> None:
    policy = replace(preset("balanced"), mute_for=timedelta(days=60))
    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        await bind(made, policy)
        async with at_work(made):
            made.general.says(made.asha, "you idiot")
            await made.press("Mute", reason="again and again")
            await made.eventually(lambda: made.lobby.is_timed_out(made.asha))
            [asked] = [
                each for each in server.journal.of("PATCH", ok=True) if "communication" in str(each)
            ]
            until = datetime.fromisoformat(asked.body["communication_disabled_until"])
            left = until - datetime.now(UTC)
            assert timedelta(days=27) < left <= timedelta(days=28)
            await made.eventually(
                lambda: any(f"{until:%Y-%m-%d}" in m.text for m in made.asha.inbox(made.bot))
            )


async def test_a_mute_does_not_cut_short_a_moderators_longer_one(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.general.says(made.asha, "you idiot")
        await made.card()
        made.lobby.times_out(made.asha, timedelta(days=20).total_seconds())
        await made.press("Mute", reason="again and again")
        await made.card_says("already")
        member = made.lobby.member(made.asha)
        assert member is not None
        assert (member.timeout_until or 0.0) > made.server.world.now() + 86_400 * 19
        assert not any("cannot post here" in m.text for m in made.asha.inbox(made.bot))


@pytest.mark.parametrize("moderators", [timedelta(days=20), timedelta(minutes=10)])
async def test_undo_leaves_the_timeout_that_a_moderator_set_after_the_mute(
    tmp_path: Path, moderators: timedelta
) -> None:
    async with scene(tmp_path) as made:
        made.general.says(made.asha, "you idiot")
        await made.press("Mute", reason="again and again")
        await made.card_says("Author muted")
        made.lobby.times_out(made.asha, moderators.total_seconds())
        await made.press("Undo")
        await made.card_says("not known to be the bot's own")
        assert made.lobby.is_timed_out(made.asha)


async def test_undo_leaves_the_longer_timeout_that_stood_before_the_mute(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.general.says(made.asha, "you idiot")
        await made.card()
        made.lobby.times_out(made.asha, timedelta(days=20).total_seconds())
        await made.press("Mute", reason="again and again")
        await made.card_says("already")
        await made.press("Undo")
        await made.card_says("not known to be the bot's own")
        assert made.lobby.is_timed_out(made.asha)


@pytest.mark.parametrize("answered", [True, False])
async def test_undo_lifts_the_mute_and_gives_back_the_shorter_timeout_that_it_replaced(
    tmp_path: Path, answered: bool
) -> None:
    async with scene(tmp_path) as made:
        made.general.says(made.asha, "you idiot")
        await made.card()
        member = made.lobby.member(made.asha)
        assert member is not None
        if answered:
            made.lobby.times_out(made.asha, timedelta(minutes=10).total_seconds())
        else:
            made.server.faults.cut("after", method="PATCH", route=MEMBER)
        before = member.timeout_until
        await made.press("Mute", reason="again and again")
        await made.card_says("Author muted")
        await made.press("Undo")
        await made.card_says("Mute lifted" + (". The shorter timeout" if answered else ""))
        assert abs((member.timeout_until or 0.0) - (before or 0.0)) < 0.001


async def test_undo_of_a_mute_that_a_moderator_ended_finds_none(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.general.says(made.asha, "you idiot")
        await made.press("Mute", reason="again and again")
        await made.card_says("Author muted")
        made.lobby.times_out(made.asha, None)
        await made.press("Undo")
        await made.card_says("No mute left to lift")


@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_webhook_that_was_moved_brings_nothing_back_elsewhere(
    tmp_path: Path, in_thread: bool
) -> None:
    async with scene(tmp_path) as made:
        elsewhere = made.lobby.channel("elsewhere")
        place = made.general.thread("Plants", made.asha) if in_thread else made.general
        for number in (1, 2):
            place.says(made.asha, f"you idiot {number}")
            await made.eventually(lambda n=number: len(made.cards()) == n)
            await made.press("Restore")
            await made.card_says("Back in the group")
            made.general.moves_webhooks(elsewhere)
        back = [m.text.splitlines()[0] for m in place.living() if m.webhook is not None]
        assert back == ["you idiot 1", "you idiot 2"]
        assert elsewhere.living() == []


async def test_a_notice_waits_for_a_busy_channel_and_is_given_up_only_with_its_share(
    tmp_path: Path,
) -> None:
    async with redis_server() as (url, _), scene(tmp_path, redis_url=url) as made:
        made.asha.closes_dms()

        def told() -> list[str]:
            return [m.text for m in made.general.living() if "was hidden" in m.text]

        async with connected(url) as redis:
            budgets, channel = RedisBudgets(redis), f"discord {made.general.id}"
            await budgets.close(f"{channel} messages", 4.0)
            made.general.says(made.asha, "you idiot")
            await made.card_says("Author told")
            assert len(told()) == 1
            share = Budget(f"{channel} notices", 5, 61.0, cost=4)
            assert await budgets.take([share]) == 0.0
            made.general.says(made.asha, "you idiot again")
            await made.eventually(lambda: len(made.cards()) == 2)
            await made.card_says("could not be told")
            assert len(told()) == 1
