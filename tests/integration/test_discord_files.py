"""Files on Discord die with their message: what is put aside before, and what cannot be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.case_files import MOST_BYTES
from bot.domain.messages import Place
from config.policies import preset
from tests.fakes.discord import DiscordServer, File
from tests.fakes.discord_bot import bind, bot_at_work, peopled, scene

SMALL, LARGE = File("cat.png", b"\x89PNG a cat"), File("film.mp4", b"-" * (MOST_BYTES + 1))


async def test_a_file_that_is_too_large_is_told_on_the_card_and_the_others_are_kept(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as made:
        insult = made.general.says(made.asha, "you idiot", files=[LARGE, SMALL])
        await made.eventually(lambda: insult.is_deleted)
        card = await made.card_says("Too large to be kept or gone already")
        assert "file 1 of 2" in card.shown
        assert "10.0 MB" in card.shown
        [kept] = [m for m in made.review.living() if m.attachments]
        assert [each.file.content for each in kept.attachments] == [SMALL.content]
        assert "file 1 of 2 (10.0 MB)" in kept.text
        await made.press("Restore")
        await made.card_says("Back in the group")
        [back] = [m for m in made.general.living() if m.webhook is not None]
        assert [each.file.content for each in back.attachments] == [SMALL.content]


async def test_of_many_files_each_small_enough_as_many_are_kept_as_there_is_room_for(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as made:
        nine = [File(f"{n}.bin", bytes([n]) * (9 * 1024 * 1024)) for n in range(3)]
        insult = made.general.says(made.asha, "you idiot", files=nine)
        await made.eventually(lambda: insult.is_deleted)
        card = await made.card_says("file 3 of 3")
        assert "file 2" not in card.shown
        [kept] = [m for m in made.review.living() if m.attachments]
        assert [each.file.content for each in kept.attachments] == [f.content for f in nine[:2]]


async def test_a_hide_that_is_refused_and_asked_for_again_copies_its_files_once(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as made:
        thread = made.general.thread("Plants", made.asha)
        silly = thread.says(made.asha, "you silly", files=[SMALL])
        await made.card()
        thread.archives(locked=True)
        made.lobby.takes_right(made.bot, "manage_threads")
        await made.press("Hide it")
        await made.card_says("Manage Threads")
        await made.press("Undo")
        thread.channel.archived = False
        await made.press("Hide it")
        await made.eventually(lambda: silly.is_deleted)
        assert len([m for m in made.review.living() if m.attachments]) == 1


@pytest.mark.parametrize("forwarded", [False, True])
async def test_files_of_a_message_that_is_hidden_days_later_are_kept(
    tmp_path: Path, *, forwarded: bool
) -> None:
    async with scene(tmp_path) as made:
        if forwarded:
            source = made.lobby.channel("source").says(made.owner, "you silly", files=[SMALL])
            silly = made.general.says(made.asha, forward_of=source)
        else:
            silly = made.general.says(made.asha, "you silly", files=[SMALL])
        await made.card()
        made.server.clock.advance(timedelta(days=2))
        await made.press("Hide it")
        await made.eventually(lambda: silly.is_deleted)
        await made.card_says("Hidden from the group")
        [kept] = [m for m in made.review.living() if m.attachments]
        assert [each.file.content for each in kept.attachments] == [SMALL.content]


async def test_what_its_author_covered_comes_back_covered(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        shown, covered = File("cat.png", b"\x89PNG a cat"), File("x.png", spoiler=True)
        made.general.says(made.asha, "you idiot", files=[shown, covered])
        await made.card_says("Hidden from the group")
        await made.press("Restore")
        await made.card_says("Back in the group")
        [back] = [m for m in made.general.living() if m.webhook is not None]
        names = [each.file.stored_name for each in back.attachments]
        assert names == ["cat.png", "SPOILER_x.png"]


async def test_a_file_keeps_no_insult_standing_while_the_review_channel_is_nowhere(
    tmp_path: Path,
) -> None:
    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        await bind(made, preset("balanced"), reviews=[Place("discord", "123456789012345678")])
        async with bot_at_work(made.settings):
            await made.bot.connects()
            insult = made.general.says(made.asha, "you idiot", files=[SMALL])
            await made.eventually(lambda: insult.is_deleted)
        [case] = await made.cases()
        async with made.store.reading() as tx:
            assert [each.content for each in await tx.files.of(case.id)] == [SMALL.content]
