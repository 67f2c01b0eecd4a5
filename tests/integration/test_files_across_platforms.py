"""Files of a message on one platform, where all reviewers are on another: kept with the case,
shown with its card, and there for the message's return."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.adapters.case_files import MOST_BYTES
from bot.app import running
from config.roles import Role
from tests.fakes.discord import File
from tests.fakes.discord_bot import at_work, no_pauses
from tests.fakes.redis_server import redis_server
from tests.fakes.telegram import Limits, TelegramServer
from tests.fakes.two_platforms import Both, two_platforms
from tests.fakes.words_engine import open_words_scorer

CAT = File("cat.png", b"\x89PNG a cat")
POST = "/channels/{channel_id}/messages"


@asynccontextmanager
async def both(
    folder: Path, reviewed_on: str, telegram: TelegramServer | None = None
) -> AsyncIterator[Both]:
    """The bot at work on both platforms."""
    async with two_platforms(folder, reviewed_on, telegram) as made, at_work(made.discord):
        yield made


@pytest.fixture
async def on_discord(tmp_path: Path) -> AsyncIterator[Both]:
    """Reviewed on Discord alone; Telegram knows a file as long as a message bears it."""
    async with both(tmp_path, "discord") as made:
        yield made


@pytest.fixture
async def on_telegram(tmp_path: Path) -> AsyncIterator[Both]:
    """Reviewed on Telegram alone."""
    async with both(tmp_path, "telegram") as made:
        yield made


# ---------------------------------------------------------------- posted on Telegram


async def test_a_photo_on_telegram_is_seen_on_discord_and_comes_back(on_discord: Both) -> None:
    scene = on_discord.discord
    photo = on_discord.lobby.sends(on_discord.asha, "photo", b"a cat", caption="you idiot")
    await scene.eventually(lambda: photo.is_deleted)
    await on_discord.shown()
    [shown] = on_discord.files_on_discord()
    card = await scene.card_says("Hidden from the group")
    assert shown.reply_to is card
    assert "case 1" in shown.text
    [attachment] = shown.attachments
    assert attachment.file.content == b"a cat"
    assert attachment.file.name.startswith("SPOILER_")
    assert attachment.file.name.endswith(".jpg")
    await scene.eventually(lambda: "Not shown here" not in card.shown)

    await scene.press("Restore")
    await scene.card_says("Back in the group")
    [back] = [m for m in on_discord.lobby.living() if m.media]
    assert back.text.endswith("you idiot")
    content = on_discord.telegram.world.files.by_id(back.file_id or "").content
    assert content == b"a cat", "by its content, since its id leads nowhere any more"
    assert on_discord.files_on_discord() == [shown], "not again with each drawing of the card"


async def test_an_album_on_telegram_is_shown_in_one_message_and_comes_back_whole(
    on_discord: Both,
) -> None:
    scene = on_discord.discord
    album = on_discord.lobby.album(
        on_discord.asha, ("live_photo", "you idiot"), ("photo", ""), ("video", "")
    )
    await scene.eventually(lambda: all(each.is_deleted for each in album))
    await on_discord.shown(3)
    [shown] = on_discord.files_on_discord()
    assert [each.file.name[-4:] for each in shown.attachments] == [".mp4", ".jpg", ".mp4"]
    await scene.press("Restore")
    await scene.card_says("Back in the group")
    back = [m for m in on_discord.lobby.living() if m.media]
    assert [each.media for each in back] == ["video", "photo", "video"]


async def test_a_late_part_of_an_album_is_kept_named_and_comes_back_with_it(
    on_discord: Both,
) -> None:
    scene, lobby = on_discord.discord, on_discord.lobby
    album = lobby.album(on_discord.asha, ("photo", "you idiot"), ("video", ""))
    await on_discord.shown(2)
    header = {"media_group_id": album[0].header["media_group_id"]}
    late = lobby.sends(on_discord.asha, "photo", b"late", header=header)
    await scene.eventually(lambda: late.is_deleted)
    await scene.card_says("Not shown here: ||photo||")
    await scene.press("Restore")
    await scene.card_says("Back in the group")
    back = [m for m in lobby.living() if m.media]
    assert [each.media for each in back] == ["photo", "video", "photo"]
    assert on_discord.telegram.world.files.by_id(back[-1].file_id or "").content == b"late"


@pytest.mark.parametrize("kind", ["sticker", "video_note", "voice", "audio", "document"])
async def test_files_of_every_kind_are_shown_covered_and_come_back(
    on_discord: Both, kind: str
) -> None:
    scene = on_discord.discord
    sent = on_discord.lobby.sends(on_discord.asha, kind)
    on_discord.lobby.says(on_discord.owner, "/report", reply_to=sent)
    await scene.press("Hide it")
    await scene.eventually(lambda: sent.is_deleted)
    await on_discord.shown()
    [attachment] = on_discord.files_on_discord()[0].attachments
    assert attachment.file.name.startswith("SPOILER_")
    await scene.press("Undo")
    await scene.card_says("Back in the group")
    assert [m.media for m in on_discord.lobby.living() if m.media] == [kind]


NAMES = [
    'a "cat".png',
    "\u0437\u043b\u043e\u0439 \u043a\u043e\u0442.png",
    "a\r\nX-Header: b.png",
    "../../etc/a.png",
]


@pytest.mark.parametrize("name", NAMES)
async def test_whatever_a_file_on_telegram_is_called_it_is_seen_and_comes_back(
    on_discord: Both, name: str
) -> None:
    scene = on_discord.discord
    sent = on_discord.lobby.sends(
        on_discord.asha, "document", b"a cat", caption="you idiot", name=name
    )
    await scene.eventually(lambda: sent.is_deleted)
    await on_discord.shown()
    assert on_discord.files_on_discord()[0].attachments[0].file.content == b"a cat"
    await scene.press("Restore")
    await scene.card_says("Back in the group")
    assert [m.media for m in on_discord.lobby.living() if m.media] == ["document"]


@pytest.mark.parametrize("name", NAMES[:3])  # Discord takes paths out of names by itself
async def test_whatever_a_file_on_discord_is_called_it_is_seen(
    on_telegram: Both, name: str
) -> None:
    scene = on_telegram.discord
    insult = scene.general.says(scene.asha, "you idiot", files=[File(name)])
    await scene.eventually(lambda: insult.is_deleted)
    await on_telegram.shown()
    assert [each.media for each in on_telegram.files_on_telegram()] == ["photo"]


async def test_what_is_too_large_on_telegram_is_named_and_comes_back_by_its_id(
    tmp_path: Path,
) -> None:
    async with both(tmp_path, "discord", TelegramServer()) as made:
        scene = made.discord
        film = made.lobby.sends(
            made.asha, "video", caption="you idiot", pretended_size=MOST_BYTES + 1
        )
        await scene.eventually(lambda: film.is_deleted)
        card = await scene.card_says("Too large to be kept or not to be had")
        assert "file 1 of 1" in card.shown
        assert "10.0 MB" in card.shown
        assert "Not shown here: ||video" in card.shown
        await scene.press("Restore")
        await scene.card_says("Back in the group")
        assert [m.media for m in made.lobby.living() if m.media] == ["video"]
        assert made.files_on_discord() == []


async def test_where_there_is_no_room_for_files_reviewers_are_told_and_the_hide_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMAN_KEPT_FILES_MB", "0")
    async with both(tmp_path, "discord") as made:
        photo = made.lobby.sends(made.asha, "photo", b"a cat", caption="you idiot")
        await made.discord.eventually(lambda: photo.is_deleted)
        card = await made.discord.card_says("There is no room left for files")
        assert "file 1 of 1" in card.shown
        assert made.files_on_discord() == []


async def test_where_there_is_no_room_for_a_file_of_discord_reviewers_on_telegram_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMAN_KEPT_FILES_MB", "0")
    async with both(tmp_path, "telegram") as made:
        insult = made.discord.general.says(made.discord.asha, "you idiot", files=[CAT])
        await made.discord.eventually(lambda: insult.is_deleted)
        await made.card_says("There is no room left for files")
        assert made.files_on_telegram() == []


@pytest.mark.parametrize("method", ["getFile", "download"])
@pytest.mark.parametrize("fault", ["refused", "cut off"])
async def test_a_file_that_telegram_does_not_give_is_named_and_its_hide_goes_on(
    on_discord: Both, method: str, fault: str
) -> None:
    faults = on_discord.telegram.faults
    if fault == "refused":
        faults.refuse(400, "Bad Request: file is temporarily unavailable", method=method)
    else:
        faults.cut("after", method=method)
    photo = on_discord.lobby.sends(on_discord.asha, "photo", caption="you idiot")
    await on_discord.discord.eventually(lambda: photo.is_deleted)
    card = await on_discord.discord.card_says("not to be had")
    assert "file 1 of 1" in card.shown


async def test_a_file_that_comes_too_slowly_holds_up_no_hide(on_discord: Both) -> None:
    on_discord.telegram.faults.slow(100.0, method="download", times=1)
    photo = on_discord.lobby.sends(on_discord.asha, "photo", caption="you idiot")
    await on_discord.discord.eventually(lambda: photo.is_deleted)
    assert photo.deleted_at is not None
    assert photo.deleted_at - photo.posted_at < 10.0
    await on_discord.discord.card_says("not to be had")
    on_discord.telegram.faults.clear()


async def test_a_hide_that_telegram_refuses_still_shows_its_files(on_discord: Both) -> None:
    on_discord.lobby.takes_right(on_discord.bot, "can_delete_messages")
    photo = on_discord.lobby.sends(on_discord.asha, "photo", b"a cat", caption="you idiot")
    await on_discord.discord.card_says("Give the bot the right to delete")
    await on_discord.shown()
    assert not photo.is_deleted
    [shown] = on_discord.files_on_discord()
    assert shown.attachments[0].file.content == b"a cat"


async def test_a_message_without_files_asks_for_none(on_discord: Both) -> None:
    insult = on_discord.lobby.says(on_discord.asha, "you idiot")
    await on_discord.discord.eventually(lambda: insult.is_deleted)
    card = await on_discord.discord.card_says("Hidden from the group")
    assert "Not shown here" not in card.shown
    assert on_discord.telegram.journal.of("getFile") == []


# ---------------------------------------------------------------- posted on Discord


async def test_a_picture_on_discord_is_seen_on_telegram_and_comes_back(on_telegram: Both) -> None:
    scene = on_telegram.discord
    insult = scene.general.says(scene.asha, "you idiot", files=[CAT])
    await scene.eventually(lambda: insult.is_deleted)
    await on_telegram.shown()
    [shown] = on_telegram.files_on_telegram()
    card = await on_telegram.card_says("Hidden from the group")
    assert shown.reply_to is card
    assert shown.media == "photo"
    assert shown.body["has_media_spoiler"]
    assert "case 1" in shown.text
    assert on_telegram.telegram.world.files.by_id(shown.file_id or "").content == CAT.content
    await scene.eventually(lambda: "Not shown here" not in card.text)

    await on_telegram.press("Restore")
    await on_telegram.card_says("Back in the group")
    [back] = [m for m in scene.general.living() if m.webhook is not None]
    assert [each.file.content for each in back.attachments] == [CAT.content]
    assert back.attachments[0].file.name == "cat.png"
    assert on_telegram.files_on_telegram() == [shown]


async def test_files_on_discord_are_shown_on_telegram_as_what_it_can_cover(
    on_telegram: Both,
) -> None:
    scene = on_telegram.discord
    names = ["a.png", "b.mp4", "c.gif", "d.txt", "e.zip", "f.svg"]
    files = [File(name, name.encode()) for name in names]
    insult = scene.general.says(scene.asha, "you idiot", files=files)
    await scene.eventually(lambda: insult.is_deleted)
    await on_telegram.shown(5)
    card = await on_telegram.card_says("Not shown here: upload f.svg\n")
    shown = on_telegram.files_on_telegram()
    assert [each.media for each in shown] == ["photo", "video", "document", "document", "animation"]
    covered = [each for each in shown if each.media in ("photo", "video", "animation")]
    assert all(each.body["has_media_spoiler"] for each in covered)
    assert all(each.reply_to is card for each in shown)
    await on_telegram.press("Restore")
    await on_telegram.card_says("Back in the group")
    [back] = [m for m in scene.general.living() if m.webhook is not None]
    assert [each.file.name for each in back.attachments] == names


async def test_a_picture_that_telegram_refuses_is_named_and_the_others_are_shown(
    on_telegram: Both,
) -> None:
    scene = on_telegram.discord
    refusal = "Bad Request: PHOTO_INVALID_DIMENSIONS"
    on_telegram.telegram.faults.refuse(400, refusal, method="sendMediaGroup")
    on_telegram.telegram.faults.refuse(400, refusal, method="sendPhoto")
    files = [CAT, File("dog.png", b"\x89PNG a dog")]
    insult = scene.general.says(scene.asha, "you idiot", files=files)
    await scene.eventually(lambda: insult.is_deleted)
    await on_telegram.card_says("Not shown here: upload cat.png\n")
    [shown] = on_telegram.files_on_telegram()
    assert on_telegram.telegram.world.files.by_id(shown.file_id or "").content == b"\x89PNG a dog"


async def test_a_file_on_discord_that_is_too_large_is_told_and_the_others_are_kept(
    on_telegram: Both,
) -> None:
    scene = on_telegram.discord
    film = File("film.mp4", bytes(MOST_BYTES + 1))
    insult = scene.general.says(scene.asha, "you idiot", files=[film, CAT])
    await scene.eventually(lambda: insult.is_deleted)
    await on_telegram.card_says("lost with the message: file 1 of 2 (10.0 MB)")
    await on_telegram.shown()
    await on_telegram.card_says("Not shown here: upload film.mp4\n")
    await on_telegram.press("Restore")
    await on_telegram.card_says("Back in the group")
    [back] = [m for m in scene.general.living() if m.webhook is not None]
    assert [each.file.content for each in back.attachments] == [CAT.content]


async def test_files_wait_for_a_busy_review_channel_and_are_shown_once(on_telegram: Both) -> None:
    scene = on_telegram.discord
    on_telegram.telegram.faults.storm(4.0, method="sendPhoto", chat=on_telegram.reviewers.id)
    insult = scene.general.says(scene.asha, "you idiot", files=[CAT])
    await scene.eventually(lambda: insult.is_deleted)
    await on_telegram.card_says("Hidden from the group")
    await on_telegram.shown()
    await scene.eventually(lambda: "Not shown here" not in on_telegram.cards()[-1].text)
    assert len(on_telegram.files_on_telegram()) == len(on_telegram.cards()) == 1


async def test_what_is_shown_is_not_shown_again_while_the_rest_of_it_waits(
    on_telegram: Both,
) -> None:
    scene, channel = on_telegram.discord, on_telegram.reviewers.id
    on_telegram.telegram.faults.storm(6.0, method="sendDocument", chat=channel)
    insult = scene.general.says(scene.asha, "you idiot", files=[CAT, File("a.txt", b"a")])
    await scene.eventually(lambda: insult.is_deleted)
    await on_telegram.shown(2)
    assert [each.media for each in on_telegram.files_on_telegram()] == ["photo", "document"]


@pytest.mark.parametrize("reviewed_on", ["telegram", "discord"])
async def test_files_that_the_bot_may_not_show_are_shown_once_it_may(
    tmp_path: Path, reviewed_on: str
) -> None:
    async with both(tmp_path, reviewed_on) as made:
        scene = made.discord
        if reviewed_on == "telegram":
            refusal = "Bad Request: not enough rights to send photos to the chat"
            made.telegram.faults.refuse(400, refusal, method="sendPhoto", times=1)
            scene.general.says(scene.asha, "you idiot", files=[CAT])
            asked = made.telegram.journal
            await scene.eventually(lambda: asked.of("sendPhoto", chat=made.reviewers.id))
            await made.card_says("Not shown here: upload cat.png")
            await made.press("Keep hidden")
        else:
            photo = made.lobby.sends(made.asha, "photo", caption="you idiot")
            await scene.card()
            fails = {"method": "POST", "route": POST, "channel": scene.review.id, "times": 1}
            scene.server.faults.refuse(403, "Missing Permissions", code=50013, **fails)
            await scene.eventually(lambda: photo.is_deleted)
            await scene.eventually(lambda: scene.server.journal.of("POST", POST, ok=False))
            await scene.card_says("Not shown here: ||photo||")
            await scene.press("Keep hidden")
        await made.shown()


async def test_files_that_are_shown_keep_to_the_limits_of_the_review_channel(
    tmp_path: Path,
) -> None:
    async with both(tmp_path, "telegram", TelegramServer(limits=Limits())) as made:
        names = ["a.png", "b.mp4", "c.gif", "d.gif", "e.zip", "f.txt", "g.png", "h.png"]
        files = [File(name, name.encode()) for name in names]
        for text in ("you idiot", "you fool, you idiot"):
            made.discord.general.says(made.discord.asha, text, files=files)
        await made.shown(2 * len(names))
        journal = made.telegram.journal
        assert [request for request in journal.requests if request.code == 429] == []
        assert journal.peak_messages_a_minute(made.reviewers.id) <= 20
        assert len(made.files_on_telegram()) == 2 * len(names)


@pytest.mark.parametrize("reviewed_on", ["telegram", "discord"])
async def test_a_card_tells_how_its_case_stands_though_its_files_cannot_be_shown_yet(
    tmp_path: Path, reviewed_on: str
) -> None:
    async with both(tmp_path, reviewed_on) as made:
        scene = made.discord
        if reviewed_on == "telegram":
            made.telegram.faults.refuse(502, "Bad Gateway", method="sendPhoto", times=None)
            scene.general.says(scene.asha, "you idiot", files=[CAT])
            await made.card_says("Hidden from the group")
            made.telegram.faults.clear()
        else:
            made.lobby.sends(made.asha, "photo", caption="you idiot")
            await scene.card()
            fails = {"method": "POST", "route": POST, "channel": scene.review.id, "times": None}
            scene.server.faults.refuse(503, "Service Unavailable", **fails)
            await scene.card_says("Hidden from the group")
            scene.server.faults.clear()
        await made.shown()


async def test_a_picture_is_shown_once_the_connection_holds(on_telegram: Both) -> None:
    scene = on_telegram.discord
    on_telegram.telegram.faults.cut("before", method="sendPhoto", times=2)
    insult = scene.general.says(scene.asha, "you idiot", files=[CAT])
    await scene.eventually(lambda: insult.is_deleted)
    await on_telegram.shown()


async def test_files_that_a_channel_on_discord_refuses_are_kept_with_the_case(
    tmp_path: Path,
) -> None:
    async with both(tmp_path, "discord") as made:
        scene = made.discord
        refusal = {"method": "POST", "route": POST, "channel": scene.review.id, "times": 1}
        scene.server.faults.refuse(403, "Missing Permissions", code=50013, **refusal)
        insult = scene.general.says(scene.asha, "you idiot", files=[CAT])
        await scene.eventually(lambda: insult.is_deleted)
        await scene.card_says("Hidden from the group")
        await scene.press("Restore")
        await scene.card_says("Back in the group")
        [back] = [m for m in scene.general.living() if m.webhook is not None]
        assert [each.file.content for each in back.attachments] == [CAT.content]


# ---------------------------------------------------------------- several processes


async def test_the_platforms_processes_hand_files_on_by_the_database(tmp_path: Path) -> None:
    async with redis_server() as (url, _), two_platforms(tmp_path, "discord") as made:
        settings = made.discord.settings.model_copy(update={"redis_url": url})
        with no_pauses():
            async with (
                running(settings, Role.WORKER, lambda _: None, scorer=open_words_scorer),
                running(settings, Role.TELEGRAM, lambda _: None),
                running(settings, Role.DISCORD, lambda _: None),
            ):
                photo = made.lobby.sends(made.asha, "photo", b"a cat", caption="you idiot")
                await made.discord.eventually(lambda: photo.is_deleted)
                await made.shown()
                [shown] = made.files_on_discord()
                assert shown.attachments[0].file.content == b"a cat"
