"""Who may change on Telegram what the bot does, as Telegram says at that moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import platform_problems
from bot.clock import utc_now
from bot.domain.messages import Place
from handlers.community import bind_community
from tests.fakes.telegram_bot import RIGHTS, Scene, scene, settings_for


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def until_mode(at_work: Scene, mode: str) -> None:
    """Wait until the community's policy has a mode."""

    async def has() -> bool:
        async with at_work.store.reading() as tx:
            [community] = await tx.communities.all()
            return (await tx.policies.current(community.id)).mode == mode

    await at_work.eventually(has)


@pytest.mark.parametrize("right", ["can_pin_messages", *RIGHTS])
async def test_an_admin_who_may_not_both_delete_and_ban_is_told_that_it_takes_both(
    at_work: Scene, right: str
) -> None:
    lobby, asha = at_work.lobby, at_work.asha
    lobby.promote(asha, right)
    for command in ("/settings mode observe", "/link"):
        lobby.says(asha, command)
        await at_work.eventually(
            lambda: any("may delete messages and ban users" in t for t in at_work.told(asha))
        )
        lobby.chat.ephemeral.clear()
    await until_mode(at_work, "act")
    lobby.promote(asha, *RIGHTS)
    lobby.says(asha, "/settings mode observe")
    await until_mode(at_work, "observe")


async def test_an_admin_of_whom_telegram_does_not_tell_is_told_to_try_again(
    at_work: Scene,
) -> None:
    lobby, owner = at_work.lobby, at_work.owner
    for command in ("/settings mode observe", "/stats", "/link"):
        at_work.server.faults.refuse(502, "Bad Gateway", method="getChatMember", chat=lobby.id)
        lobby.says(owner, command)
        await at_work.eventually(lambda: bool(at_work.told(owner)))
        [told] = at_work.told(owner)
        assert "could not find out" in told
        lobby.chat.ephemeral.clear()
    await until_mode(at_work, "act")


async def test_a_code_holds_though_telegram_does_not_tell_who_gives_it(at_work: Scene) -> None:
    at_work.owner.starts(at_work.bot)
    at_work.lobby.says(at_work.owner, "/link")
    await at_work.eventually(lambda: "Code for" in at_work.owner.inbox(at_work.bot)[-1].text)
    code = at_work.owner.inbox(at_work.bot)[-1].text.split(": ")[1].split("\n")[0]
    other = at_work.server.group("More reviewers", owner=at_work.owner).add(at_work.bot)
    at_work.server.faults.refuse(502, "Bad Gateway", method="getChatMember", chat=other.id)

    def told(words: str) -> bool:
        return any(words in text for text in other.texts(at_work.owner))

    other.says(at_work.owner, f"/link {code}")
    await at_work.eventually(lambda: told("could not find out"))
    other.says(at_work.owner, f"/link {code}")
    await at_work.eventually(lambda: told("act here now"))


async def test_a_reviewer_of_whom_telegram_does_not_tell_is_told_to_press_again(
    at_work: Scene,
) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.card()
    review = at_work.review
    at_work.server.faults.refuse(502, "Bad Gateway", method="getChatMember", chat=review.id)
    assert "could not find out" in await at_work.press("Restore")
    assert "Done" in await at_work.press("Restore")


async def test_in_the_review_channel_it_is_the_groups_admins_who_set_the_policy(
    at_work: Scene,
) -> None:
    at_work.review.promote(at_work.noor)
    at_work.review.says(at_work.noor, "/settings mode observe")
    await at_work.eventually(
        lambda: any("Only admins" in text for text in at_work.review.texts(at_work.noor))
    )
    await until_mode(at_work, "act")
    at_work.lobby.promote(at_work.asha, *RIGHTS)
    at_work.review.joins(at_work.asha).says(at_work.asha, "/settings mode observe")
    await until_mode(at_work, "observe")


@pytest.mark.parametrize("how", ["restricted", "none may write there"])
async def test_a_review_channel_where_the_bot_may_not_write_is_a_problem(
    at_work: Scene, tmp_path: Path, how: str
) -> None:
    settings = settings_for(at_work.server, at_work.bot.token, tmp_path)
    assert await platform_problems(settings, at_work.store) == []
    if how == "restricted":
        at_work.review.restricts(at_work.bot)
    else:
        at_work.review.chat.permissions.discard("can_send_messages")
    [problem] = await platform_problems(settings, at_work.store)
    assert "may not write in the review channel" in problem
    at_work.review.promote(at_work.bot)
    assert await platform_problems(settings, at_work.store) == []


async def test_in_a_channel_it_takes_the_right_to_post(at_work: Scene, tmp_path: Path) -> None:
    board = at_work.server.channel("Board", owner=at_work.owner)
    board.add(at_work.bot, rights=("can_edit_messages",))
    async with at_work.store.transaction() as tx:
        [community] = await tx.communities.all()
        place = Place("telegram", str(board.id))
        await bind_community(tx, community, "test", utc_now, reviews=[place])
    settings = settings_for(at_work.server, at_work.bot.token, tmp_path)
    [problem] = await platform_problems(settings, at_work.store)
    assert "may not write in the review channel" in problem
    board.promote(at_work.bot, "can_post_messages")
    assert await platform_problems(settings, at_work.store) == []
