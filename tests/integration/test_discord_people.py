"""What people ask of the bot on Discord, and what they are offered while they write it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.clock import utc_now
from bot.domain.messages import Place
from handlers.community import bind_community
from tests.fakes.discord import Person
from tests.fakes.discord_bot import Scene, scene
from tests.fakes.redis_server import connected, redis_server


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def offered(at_work: Scene, who: Person, command: str, option: str, written: str) -> str:
    """What is offered for an option that is being written, a line each."""
    found = await who.autocompletes(command, at_work.general, option, written, patience=15)
    assert found is not None, "nothing was answered"
    return "\n".join(found)


async def test_whoever_writes_a_setting_is_offered_presets_labels_and_thresholds(
    at_work: Scene,
) -> None:
    async def settings(written: str, by: Person = at_work.owner) -> str:
        return await offered(at_work, by, "aman settings", "change", written)

    assert "(preset strict)" in await settings("")
    assert await settings("mode") == "Only watch (mode observe)\nAct (mode act)"
    assert "(label toxicity)" in await settings("toxi")
    for written in ("hide toxicity", "label toxicity", "toxicity"):
        [lower, higher] = [
            line for line in (await settings(written)).splitlines() if "(hide toxicity" in line
        ]
        assert lower < higher
    assert await settings("", by=at_work.asha) == ""
    change = higher.rpartition("(")[2].rstrip(")")
    assert change.split()[-1] in await at_work.uses(at_work.owner, "aman settings", change=change)


async def test_a_reviewer_is_offered_the_open_cases_and_reads_of_one(at_work: Scene) -> None:
    said = at_work.general.says(at_work.asha, "how silly")
    at_work.general.says(at_work.asha, "you idiot")
    await at_work.have_cases(2)

    async def cases(written: str, by: Person = at_work.noor) -> str:
        return await offered(at_work, by, "aman cases", "number", written)

    assert len((await cases("")).splitlines()) == 2
    assert await cases("", by=at_work.asha) == ""
    [silly] = [c for c in await at_work.cases() if c.message_id == str(said.id)]
    assert await cases(f"#{silly.number}") == f"#{silly.number} · Asha ({silly.number})"
    told = await at_work.uses(at_work.noor, "aman cases", number=str(silly.number))
    assert "Still visible" in told
    assert said.link in told
    assert "no case 99" in await at_work.uses(at_work.noor, "aman cases", number="99")
    assert "no case x" in await at_work.uses(at_work.noor, "aman cases", number="x")
    assert "Only reviewers" in await at_work.uses(at_work.asha, "aman cases", number="1")


async def test_who_is_offered_nothing_costs_discord_nothing(at_work: Scene) -> None:
    at_work.general.says(at_work.asha, "how silly")
    await at_work.card()
    asked = len(at_work.server.journal.of("GET"))
    for letters in ("p", "pr", "pre"):
        assert await offered(at_work, at_work.asha, "aman settings", "change", letters) == ""
        assert await offered(at_work, at_work.asha, "aman cases", "number", letters) == ""
    assert len(at_work.server.journal.of("GET")) == asked


async def test_commands_are_for_servers_that_the_bot_is_in(at_work: Scene) -> None:
    [commands] = at_work.bot.account.commands.values()
    assert {each["name"] for each in commands} >= {"aman", "Report to moderators"}
    assert all(each["integration_types"] == [0] for each in commands)


async def test_commands_and_options_are_described_in_hindi_too(at_work: Scene) -> None:
    registered = at_work.bot.account.commands[None]
    described = [each for each in everything(registered) if each.get("description")]
    assert len(described) > 10
    for each in described:
        translated = (each.get("description_localizations") or {}).get("hi")
        assert translated, each["name"]
        assert translated != each["description"]
    menus = [each for each in registered if each["type"] == 3]
    assert {each["name_localizations"]["hi"] for each in menus} == {
        "समीक्षकों को रिपोर्ट करें",
        "इस संदेश को जाँचें",
    }


def everything(commands: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The commands, what stands below them, and their options."""
    for each in commands:
        yield each
        yield from everything(each.get("options") or [])


async def test_all_that_is_read_as_one_sentence_is_hidden_and_comes_back(at_work: Scene) -> None:
    parts = [at_work.general.says(at_work.asha, text) for text in ("i", "d", "i", "o", "t")]
    await at_work.eventually(lambda: all(part.is_deleted for part in parts))
    card = await at_work.card_says("read as one from 5 messages")
    assert len(await at_work.cases()) == 1
    await at_work.press("Restore", card=card)
    await at_work.card_says("Back in the group")
    [back] = [m for m in at_work.general.living() if m.webhook is not None]
    assert "i d i o t" in " ".join(back.text.split())


async def test_reviewers_are_told_when_everybodys_role_opens_their_channel(
    at_work: Scene,
) -> None:
    at_work.lobby.keeps_everybody_from("view_channel")
    reviewers = at_work.lobby.role("Reviewers", "view_channel", "send_messages")
    for who in (at_work.owner, at_work.noor):
        at_work.lobby.gives_role(who, reviewers)
    plain = at_work.lobby.channel("plain")
    told = await at_work.uses(at_work.owner, "aman setup", review=plain, channel=plain)
    assert "act there now" in told
    at_work.lobby.lets_everybody("view_channel")
    await at_work.eventually(
        lambda: any("Everybody in the server" in text for text in plain.texts(at_work.noor))
    )
    assert not any("Everybody in" in text for text in at_work.review.texts(at_work.noor))


async def test_a_thread_is_no_place_to_review_in_whoever_may_read_it(at_work: Scene) -> None:
    thread = at_work.review.thread("Aside", at_work.noor)
    told = await at_work.uses(at_work.owner, "aman setup", channel=thread, code="any")
    assert "text channel" in told
    place = Place("discord", str(at_work.lobby.id), str(thread.channel.id))
    async with at_work.store.transaction() as tx:
        [community] = await tx.communities.all()
        await bind_community(tx, community, "test", utc_now, reviews=[place])
    at_work.general.says(at_work.asha, "you idiot")
    await at_work.have_cases(1)
    assert "Only reviewers" in await at_work.uses(at_work.asha, "aman cases")


async def test_reviewers_are_told_when_the_role_by_which_the_bot_works_is_deleted(
    at_work: Scene,
) -> None:
    role = at_work.lobby.role("Helpers", "manage_messages")
    at_work.lobby.gives_role(at_work.bot, role)
    at_work.lobby.takes_right(at_work.bot, "manage_messages")
    at_work.lobby.deletes_role(role)
    await at_work.eventually(
        lambda: any("may not delete" in text for text in at_work.review.texts(at_work.noor))
    )


async def test_who_is_timed_out_sets_nothing_in_a_menu_opened_before(at_work: Scene) -> None:
    manager = at_work.server.user("manager")
    at_work.lobby.joins(manager, roles=[at_work.lobby.role("Managers", "manage_guild")])
    menu = await manager.uses("aman settings", at_work.general, patience=15)
    assert "balanced, version 1" in await at_work.told(menu)
    assert menu is not None
    at_work.lobby.times_out(manager, 3_600)
    refused = await manager.presses(menu.message, "Only watch", patience=15)
    assert "may manage" in await at_work.told(refused)


@pytest.mark.parametrize("nick", ["Sunny", None])
async def test_a_name_that_is_restored_leaves_the_nickname_that_stood_before_it(
    at_work: Scene, nick: str | None
) -> None:
    def called() -> str | None:
        member = at_work.lobby.member(at_work.asha)
        return member.nick if member else None

    at_work.lobby.renames(at_work.asha, nick)
    at_work.asha.renames("Total idiot")
    await at_work.eventually(lambda: called() == "Name hidden")
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    assert called() == nick
    await at_work.press("Undo")
    await at_work.eventually(lambda: called() == "Name hidden")
    await at_work.press("Restore")
    await at_work.eventually(lambda: called() == nick)
    assert len(await at_work.cases()) == 1


async def test_a_name_hidden_by_a_try_whose_answer_was_lost_leaves_the_nickname(
    at_work: Scene,
) -> None:
    at_work.lobby.renames(at_work.asha, "Sunny")
    at_work.server.faults.cut("after", method="PATCH", route="/guilds/{guild_id}/members/{user_id}")
    at_work.asha.renames("Total idiot")
    await at_work.card_says("Hidden from the group")
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    member = at_work.lobby.member(at_work.asha)
    assert member is not None
    assert member.nick == "Sunny"


async def test_a_nickname_that_a_human_gave_since_is_not_undone_with_the_hide(
    at_work: Scene,
) -> None:
    at_work.asha.renames("Total idiot")
    await at_work.card_says("Hidden from the group")
    at_work.lobby.renames(at_work.asha, "Asha from Pune")
    await at_work.press("Restore")
    await at_work.card_says("Nothing to bring back")
    member = at_work.lobby.member(at_work.asha)
    assert member is not None
    assert member.nick == "Asha from Pune"


async def comes_out(at_work: Scene) -> None:
    """Asha takes off the nickname that covers her name."""
    at_work.lobby.renames(at_work.asha, None)


async def comes_again(at_work: Scene) -> None:
    """Asha leaves and joins again, which loses her nickname."""
    at_work.lobby.leaves(at_work.asha)
    at_work.lobby.joins(at_work.asha)


@pytest.mark.parametrize("uncover", [comes_out, comes_again])
async def test_a_hidden_name_that_its_owner_uncovers_is_hidden_again(
    at_work: Scene, uncover: Callable[[Scene], Awaitable[None]]
) -> None:
    def called() -> str | None:
        member = at_work.lobby.member(at_work.asha)
        return member.nick if member else None

    at_work.asha.renames("Total idiot")
    await at_work.eventually(lambda: called() == "Name hidden")
    await at_work.card_says("Hidden from the group")
    await uncover(at_work)
    await at_work.eventually(lambda: called() == "Name hidden")
    assert len(await at_work.have_cases(2)) == 2
    await at_work.eventually(lambda: len(at_work.cards()) == 2)
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    await uncover(at_work)
    at_work.general.says(at_work.asha, "you idiot")
    assert len(await at_work.have_cases(3)) == 3
    assert called() is None


async def test_what_is_called_as_it_was_hidden_days_ago_is_hidden_again(tmp_path: Path) -> None:
    async with (
        redis_server() as (url, _),
        connected(url) as redis,
        scene(tmp_path, redis_url=url) as made,
    ):

        def called(who: Person) -> str | None:
            member = made.lobby.member(who)
            return member.nick if member else None

        thread = made.general.thread("Plants", made.asha)

        def all_hidden() -> bool:
            names = (called(made.asha), called(made.noor), thread.name)
            return names == ("Name hidden", "Name hidden", "Title hidden")

        made.asha.renames("Total idiot")
        for _ in range(3):
            made.lobby.renames(made.noor, "You idiot")
            thread.renames("You idiot")
            await made.eventually(all_hidden)
            async for key in redis.scan_iter("{aman}:said:*"):
                await redis.delete(key)  # as it is forgotten after two days
            made.lobby.renames(made.asha, None)
        assert len(await made.have_cases(10)) == 10


async def test_whoever_is_not_in_a_private_thread_learns_nothing_of_it_by_reporting(
    at_work: Scene,
) -> None:
    secret = at_work.general.thread("Secret", at_work.noor, private=True)
    said = secret.says(at_work.noor, "hello")

    async def reports(who: Person, link: str) -> str:
        return await at_work.uses(who, "aman report", message=link)

    no_message = f"{said.link[:-1]}{(said.id + 1) % 10}"
    assert await reports(at_work.asha, said.link) == await reports(at_work.asha, no_message)
    assert await at_work.cases() == []
    assert "your own message" in await reports(at_work.noor, said.link)
    assert "Thank you" in await reports(at_work.owner, said.link)
    await at_work.have_cases(1)


async def test_a_message_in_an_archived_thread_is_reported_by_its_link(at_work: Scene) -> None:
    thread = at_work.general.thread("Plants", at_work.asha)
    said = thread.says(at_work.asha, "hello")
    closed = at_work.lobby.channel("closed", only=(at_work.asha, at_work.bot))
    secret = closed.thread("Secret", at_work.asha)
    hidden = secret.says(at_work.asha, "hello")
    for each in (thread, secret):
        each.archives()
    assert "Thank you" in await at_work.uses(at_work.noor, "aman report", message=said.link)
    await at_work.have_cases(1)
    refused = await at_work.uses(at_work.noor, "aman report", message=hidden.link)
    assert "you cannot read it" in refused


async def test_who_reports_where_the_bot_cannot_see_is_told_so(at_work: Scene) -> None:
    private = at_work.lobby.channel("private", only=(at_work.asha, at_work.noor))
    said = private.says(at_work.asha, "hello")
    form = await at_work.noor.context_menu("Report to moderators", said, patience=15)
    assert form is not None
    answer = await at_work.noor.submits(form, why="", patience=15)
    assert "I cannot see that channel" in await at_work.told(answer)
    said.deletes()
    gone = at_work.general.says(at_work.asha, "hello")
    gone.deletes()
    told = await at_work.uses(at_work.noor, "aman report", message=gone.link)
    assert "is gone" in told
