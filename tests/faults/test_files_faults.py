"""kill -9 while files of a message are kept with its case, on their way to reviewers, or back.

A real bot in a process of its own, on loopback servers of both platforms, reviewed on the one where
the message is not: whatever is cut off, the files are seen and come back.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.discord import File
from tests.fakes.loopback.bot_under_load import environment
from tests.fakes.two_platforms import Both, two_platforms

pytestmark = pytest.mark.timeout(240)

STAGES = (
    "before the act",
    "after the act, before its record",
    "outcome recorded, not committed",
    "card posted, not recorded",
)
CAT = File("cat.png", b"\x89PNG a cat")


@asynccontextmanager
async def bot_at_work(
    both: Both, folder: Path, doom: str = "never"
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A bot in a process of its own. doom: the stage at which it kills itself."""
    settings = {
        "TELEGRAM_BOT_TOKEN": both.bot.token,
        "TELEGRAM_API_BASE_URL": both.telegram.root,
        "DISCORD_BOT_TOKEN": both.discord.bot.token,
        "DISCORD_API_BASE_URL": both.discord.server.root,
    }
    with (folder / "stderr.log").open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.fakes.doomed_bot",
            doom,
            env=environment(folder, **settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline(), "the bot did not start: see stderr.log"
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@pytest.mark.parametrize("doom", STAGES)
async def test_a_photo_on_telegram_is_seen_on_discord_and_comes_back_whatever_was_cut_off(
    tmp_path: Path, doom: str
) -> None:
    async with two_platforms(tmp_path, "discord") as both:
        scene = both.discord
        async with bot_at_work(both, tmp_path, doom) as process:
            photo = both.lobby.sends(both.asha, "photo", b"a cat", caption="you idiot")
            await process.wait()
        async with bot_at_work(both, tmp_path):
            await scene.eventually(lambda: photo.is_deleted)
            await both.shown()
            card = await scene.card_says("from the group")
            await scene.eventually(lambda: "Not shown here" not in card.shown)
            assert "not to be had" not in card.shown
            await scene.press("Restore")
            await scene.card_says("Back in the group")
        [shown] = both.files_on_discord()
        assert shown.attachments[0].file.content == b"a cat"
        [back] = [m for m in both.lobby.living() if m.media]
        assert both.telegram.world.files.by_id(back.file_id or "").content == b"a cat"


@pytest.mark.parametrize("doom", STAGES)
async def test_a_picture_on_discord_is_seen_on_telegram_and_comes_back_whatever_was_cut_off(
    tmp_path: Path, doom: str
) -> None:
    async with two_platforms(tmp_path, "telegram") as both:
        scene = both.discord
        async with bot_at_work(both, tmp_path, doom) as process:
            await scene.eventually(lambda: scene.bot.is_ready)
            insult = scene.general.says(scene.asha, "you idiot", files=[CAT])
            await process.wait()
        async with bot_at_work(both, tmp_path):
            await scene.eventually(lambda: insult.is_deleted)
            await both.shown()
            card = await both.card_says("from the group")
            await scene.eventually(lambda: "Not shown here" not in card.text)
            assert "lost with the message" not in card.text
            await both.press("Restore")
            await both.card_says("Back in the group")
        assert len(both.files_on_telegram()) == 1
        [back] = [m for m in scene.general.living() if m.webhook is not None]
        assert [each.file.content for each in back.attachments] == [CAT.content]


async def test_files_whose_showing_is_cut_off_are_shown_after_the_kill(tmp_path: Path) -> None:
    async with two_platforms(tmp_path, "telegram") as both:
        scene, faults = both.discord, both.telegram.faults
        async with bot_at_work(both, tmp_path) as process:
            await scene.eventually(lambda: scene.bot.is_ready)
            silence = faults.slow(100.0, method="sendPhoto", chat=both.reviewers.id)
            scene.general.says(scene.asha, "you idiot", files=[CAT])
            await scene.eventually(lambda: silence.met > 0)
            process.kill()
            await process.wait()
        faults.clear()
        async with bot_at_work(both, tmp_path):
            await scene.eventually(lambda: "Not shown here" not in both.cards()[-1].text)
        # The first may stand, and Telegram lets no bot look: better twice than not at all.
        assert len(both.files_on_telegram()) == 2


@pytest.mark.parametrize("doom", ["before the act", "after the act, before its record"])
async def test_a_picture_on_discord_is_copied_there_once_whenever_its_hide_was_cut_off(
    tmp_path: Path, doom: str
) -> None:
    async with two_platforms(tmp_path, "discord") as both:
        scene = both.discord
        async with bot_at_work(both, tmp_path, doom) as process:
            await scene.eventually(lambda: scene.bot.is_ready)
            insult = scene.general.says(scene.asha, "you idiot", files=[CAT])
            await process.wait()
        async with bot_at_work(both, tmp_path):
            card = await scene.card_says("from the group")
            assert insult.is_deleted
            assert "lost with the message" not in card.shown
            await scene.press("Restore")
            await scene.card_says("Back in the group")
        assert len(both.files_on_discord()) == 1
        [back] = [m for m in scene.general.living() if m.webhook is not None]
        assert [each.file.content for each in back.attachments] == [CAT.content]
