"""What the bot does on Telegram, and what Telegram does not let it do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from bot.domain.effects import EffectKind
from bot.domain.memory import Budget
from bot.streams.budgets import RedisBudgets
from tests.fakes.telegram import Limits, TelegramServer
from tests.fakes.telegram.journal import WAITING
from tests.fakes.telegram_bot import Scene, scene


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def test_a_picture_comes_back_to_its_topic_as_the_reply_it_was(tmp_path: Path) -> None:
    async with scene(tmp_path, forum=True) as at_work:
        lobby, asha = at_work.lobby, at_work.asha
        topic = lobby.opens_topic("Plants").id
        first = lobby.says(asha, "hello", topic=topic)
        picture = lobby.sends(asha, "photo", caption="you idiot", topic=topic, reply_to=first)
        await at_work.eventually(lambda: picture.is_deleted)
        await at_work.eventually(lambda: any(m.media for m in at_work.review.living()))
        [evidence] = [m for m in at_work.review.living() if m.media]
        assert evidence.body["has_media_spoiler"]
        await at_work.press("Restore")
        await at_work.card_says("Back in the group")
        [back] = [m for m in lobby.living() if m.media]
        assert (back.file_id, back.thread, back.reply_to) == (picture.file_id, topic, first)
        assert back.text.endswith("you idiot")
        assert "asha wrote this" in back.text.lower()


async def test_a_text_comes_back_as_it_was_written(at_work: Scene) -> None:
    text = "you idiot ; ask @ravi or see 👑 https://example.org/@ravi"
    crown = text.index("👑")
    insult = at_work.lobby.says(
        at_work.asha,
        text,
        entities=[
            {"type": "bold", "offset": 4, "length": 5},
            {"type": "text_link", "offset": 12, "length": 9, "url": "https://example.org/rules"},
            {"type": "text_mention", "offset": 0, "length": 3, "user": at_work.noor.account.json()},
            {"type": "custom_emoji", "offset": crown, "length": 2, "custom_emoji_id": "5"},
            {"type": "spoiler", "offset": crown + 3, "length": 25},
        ],
    )
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    [back] = [m for m in at_work.lobby.living() if "Reviewers brought it back" in m.text]
    assert back.spans("bold") == ["idiot"]
    assert back.spans("spoiler") == ["https://example.org/@ravi"]
    assert [span.replace("\u2060", "") for span in back.spans("text_link")] == ["ask @ravi"]
    assert [e["url"] for e in back.body["entities"] if "url" in e] == ["https://example.org/rules"]
    assert "👑" in back.text
    pinging = {"mention", "text_mention", "custom_emoji"}
    assert {each["type"] for each in back.body["entities"]}.isdisjoint(pinging)


async def test_a_caption_comes_back_as_it_was_written(at_work: Scene) -> None:
    link = {"type": "text_link", "offset": 4, "length": 5, "url": "https://example.org/rules"}
    covered = {"has_media_spoiler": True}
    picture = at_work.lobby.sends(
        at_work.asha, "photo", caption="you idiot", entities=[link], header=covered
    )
    await at_work.eventually(lambda: picture.is_deleted)
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    [back] = [m for m in at_work.lobby.living() if m.media]
    assert back.spans("text_link") == ["idiot"]
    assert back.body["has_media_spoiler"]


async def test_pictures_that_move_are_shown_covered_too(at_work: Scene) -> None:
    for kind in ("live_photo", "animation"):
        at_work.lobby.sends(at_work.asha, kind, caption=f"you idiot look at my {kind}")

    def shown() -> dict[str | None, bool]:
        media = [message for message in at_work.review.living() if message.media]
        return {each.media: each.body["has_media_spoiler"] for each in media}

    await at_work.eventually(lambda: shown() == {"live_photo": True, "animation": True})


async def test_an_album_of_live_photos_comes_back_whole(at_work: Scene) -> None:
    album = at_work.lobby.album(at_work.asha, ("live_photo", "you idiot"), ("photo", ""))
    await at_work.eventually(lambda: all(each.is_deleted for each in album))
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    back = [m for m in at_work.lobby.living() if m.media]
    assert [each.media for each in back] == ["live_photo", "photo"]
    assert not any(each.body.get("has_media_spoiler") for each in back)
    assert len({each.header["media_group_id"] for each in back}) == 1


async def test_a_message_that_was_left_up_is_reported_again_once_it_is_edited(
    at_work: Scene,
) -> None:
    said = at_work.lobby.says(at_work.asha, "how silly")
    await at_work.press("Leave it up")
    at_work.lobby.edits(said, "buy my course for 99 rupees")
    at_work.lobby.says(at_work.owner, "/report", reply_to=said)
    await at_work.eventually(lambda: len(at_work.cards()) == 2)
    assert at_work.cards()[-1].spans("spoiler") == ["buy my course for 99 rupees"]


FILES = ["sticker", "voice", "video_note", "document", "animation", "audio", "video", "live_photo"]


@pytest.mark.parametrize("kind", FILES)
async def test_files_of_every_kind_come_back(at_work: Scene, kind: str) -> None:
    om = at_work.server.user("om")
    said = at_work.lobby.joins(om).sends(at_work.asha, kind)
    at_work.lobby.says(om, "/report", reply_to=said)
    await at_work.press("Hide it")
    await at_work.eventually(lambda: said.is_deleted)
    await at_work.press("Undo")
    await at_work.eventually(lambda: any(m.media == kind for m in at_work.lobby.living()))


async def test_what_is_too_old_is_said_and_helped_with(at_work: Scene) -> None:
    said = at_work.lobby.says(at_work.asha, "hello")
    await at_work.drained()
    at_work.server.clock.advance(timedelta(hours=49))
    at_work.lobby.edits(said, "you idiot")
    card = await at_work.card_says("48 hours only")
    assert not said.is_deleted
    links = [each["url"] for each in card.body["entities"] if each["type"] == "text_link"]
    assert links == [f"https://t.me/c/{str(at_work.lobby.id).removeprefix('-100')}/{said.id}"]


async def test_several_that_wait_are_deleted_in_one_call(at_work: Scene) -> None:
    at_work.server.faults.slow(1.0, method="deleteMessage")
    insults = [at_work.lobby.says(at_work.asha, f"idiot number {n}") for n in range(12)]
    await at_work.eventually(lambda: all(each.is_deleted for each in insults))
    calls = at_work.server.journal.of("deleteMessage", "deleteMessages", chat=at_work.lobby.id)
    assert len(calls) < len(insults)
    batch = max((each.params.get("message_ids", []) for each in calls), key=len)
    assert len(batch) > 1


async def test_one_that_must_stay_keeps_no_other_from_going(at_work: Scene) -> None:
    old = at_work.lobby.says(at_work.asha, "hello")
    await at_work.drained()
    at_work.server.clock.advance(timedelta(hours=49))
    at_work.server.faults.slow(2.0, method="deleteMessage", times=1)
    insults = [at_work.lobby.says(at_work.asha, f"idiot number {n}") for n in range(4)]
    at_work.lobby.edits(old, "you idiot")
    insults += [at_work.lobby.says(at_work.asha, f"idiot again {n}") for n in range(4)]
    await at_work.eventually(lambda: all(each.is_deleted for each in insults))
    assert not old.is_deleted


async def test_hides_wait_for_no_card(at_work: Scene) -> None:
    at_work.server.faults.storm(4.0, chat=at_work.review.id)
    insults = [at_work.lobby.says(at_work.asha, f"idiot number {n}") for n in range(3)]
    await at_work.eventually(lambda: all(each.is_deleted for each in insults))
    assert at_work.cards() == []
    await at_work.eventually(lambda: len(at_work.cards()) == 3)
    assert at_work.server.journal.impatient() == []


async def test_a_raid_keeps_within_the_limits_that_telegram_recommends(tmp_path: Path) -> None:
    async with scene(tmp_path, TelegramServer(limits=Limits())) as at_work:
        journal = at_work.server.journal
        journal.clear()
        insults = [at_work.lobby.says(at_work.asha, f"idiot number {n}") for n in range(40)]
        with structlog.testing.capture_logs() as logged:
            await at_work.eventually(lambda: all(each.is_deleted for each in insults))
        put_off = [each for each in logged if each["event"] == "effect postponed"]
        assert [each for each in put_off if each["effect"] is EffectKind.HIDE] == []
        await at_work.eventually(lambda: len(at_work.cards()) >= 5)
        assert [request for request in journal.requests if request.code == 429] == []
        assert journal.peak_messages_a_minute(at_work.review.id) <= 20
        assert journal.peak_messages_a_minute(at_work.lobby.id) <= 20
        assert journal.peak_acts_a_second() <= 30


async def test_whatever_the_bot_changes_is_paid_for_the_menus_at_its_start_included(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, paid = RedisBudgets.take, 0

    async def counted(own: RedisBudgets, budgets: Sequence[Budget]) -> float:
        nonlocal paid
        wait = await take(own, budgets)
        paid += wait == 0 and "telegram" in {each.name for each in budgets}
        return wait

    monkeypatch.setattr(RedisBudgets, "take", counted)
    async with scene(tmp_path) as at_work:
        picture = at_work.lobby.sends(at_work.asha, "photo", caption="you idiot")
        await at_work.eventually(lambda: picture.is_deleted)
        await at_work.press("Restore")
        await at_work.card_says("Back in the group")
        await at_work.eventually(
            lambda: at_work.server.journal.of("setMyDefaultAdministratorRights")
        )
    free = {*WAITING, "answerCallbackQuery"}
    changing = [
        asked.method
        for asked in at_work.server.journal.requests
        if not asked.method.startswith("get") and asked.method not in free
    ]
    assert changing.count("setMyCommands") == 6
    assert len(changing) <= paid


async def test_reviewers_whose_group_becomes_a_supergroup_go_on_there(tmp_path: Path) -> None:
    async with scene(tmp_path, review_kind="group") as at_work:
        at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.card_says("Hidden from the group")
        at_work.review = at_work.review.upgrade()
        await at_work.press("Restore")
        await at_work.card_says("Back in the group")


async def test_a_group_that_telegram_tells_nothing_of_is_moderated_all_the_same(
    at_work: Scene,
) -> None:
    at_work.server.faults.refuse(500, "Internal Server Error", method="getChat", times=1)
    garden = at_work.server.group("Garden", owner=at_work.owner).joins(at_work.asha)
    garden.add(at_work.bot, rights=("can_delete_messages", "can_restrict_members"))
    garden.says(at_work.owner, "/start guard")
    await at_work.eventually(lambda: any("look after" in t for t in garden.texts(at_work.owner)))
    garden.says(at_work.owner, "/settings preset balanced")
    await at_work.eventually(lambda: any(": balanced," in t for t in garden.texts(at_work.owner)))
    insult = garden.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)


async def test_a_server_without_a_method_is_said_once(tmp_path: Path) -> None:
    server = TelegramServer(strict=False)
    server.api.without |= {"deleteMessages"}
    async with scene(tmp_path, server) as at_work:
        with structlog.testing.capture_logs() as logged:
            for _ in range(2):
                album = at_work.lobby.album(
                    at_work.asha, ("photo", "you idiot"), ("photo", ""), ("photo", "")
                )
                await at_work.eventually(lambda album=album: all(m.is_deleted for m in album))
        said = [each for each in logged if each.get("method") == "deleteMessages"]
        assert len(said) == 1
        assert len(server.journal.of("deleteMessages")) == 1


async def test_a_closed_topic_is_named_as_the_reason(tmp_path: Path) -> None:
    async with scene(tmp_path, forum=True) as at_work:
        topic = at_work.lobby.opens_topic("Plants")
        insult = at_work.lobby.says(at_work.asha, "you idiot", topic=topic.id)
        await at_work.eventually(lambda: insult.is_deleted)
        at_work.lobby.closes_topic(topic)
        await at_work.press("Restore")
        await at_work.card_says("topic is closed")
