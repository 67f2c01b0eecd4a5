"""Who may change on Telegram what the bot does, as Telegram says at that moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.telegram_bot import RIGHTS, Scene, scene


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
