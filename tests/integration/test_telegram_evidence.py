"""Files of what is hidden on Telegram: copied to reviewers before their message is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from bot.adapters.telegram import restoring
from bot.domain.effects import EffectKind
from tests.fakes.telegram import Limits, Message, TelegramServer
from tests.fakes.telegram_bot import Scene, scene


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    """On a server where a file lasts only as long as a message bears it."""
    async with scene(tmp_path, TelegramServer(forgetful=True)) as made:
        yield made


def evidence(at_work: Scene) -> list[Message]:
    """The files that stand in the review channel, the oldest first."""
    return [message for message in at_work.review.living() if message.media]


async def test_a_picture_is_copied_covered_before_its_message_is_gone(at_work: Scene) -> None:
    at_work.asha.renames("@everyone")
    picture = at_work.lobby.sends(at_work.asha, "photo", caption="you idiot")
    await at_work.eventually(lambda: picture.is_deleted)
    [copy] = evidence(at_work)
    assert copy.body["has_media_spoiler"]
    assert "case 1" in copy.text
    assert "everyone" in copy.text
    assert copy.spans("mention") == []
    [sent] = at_work.server.journal.of("sendPhoto", chat=at_work.review.id)
    [deleted] = at_work.server.journal.of("deleteMessage", chat=at_work.lobby.id)
    assert sent.at < deleted.at
    assert sent.params["disable_notification"]

    card = await at_work.card_says("Hidden from the group")
    assert card.reply_to is copy
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    [back] = [m for m in at_work.lobby.living() if m.media]
    assert back.text.endswith("you idiot")
    assert not back.body.get("has_media_spoiler")
    assert evidence(at_work) == [copy]


async def test_an_album_is_copied_in_one_call_and_comes_back_whole(at_work: Scene) -> None:
    album = at_work.lobby.album(
        at_work.asha, ("live_photo", "you idiot"), ("photo", ""), ("video", "")
    )
    await at_work.eventually(lambda: all(each.is_deleted for each in album))
    copies = evidence(at_work)
    assert [each.media for each in copies] == ["live_photo", "photo", "video"]
    assert all(each.body["has_media_spoiler"] for each in copies)
    assert len(at_work.server.journal.of("sendMediaGroup", chat=at_work.review.id)) == 1
    assert (await at_work.card()).reply_to is copies[0]
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    back = [m for m in at_work.lobby.living() if m.media]
    assert [each.media for each in back] == ["live_photo", "photo", "video"]
    assert evidence(at_work) == copies


async def test_an_album_of_which_one_part_is_reported_is_one_case_and_goes_and_comes_back_whole(
    at_work: Scene,
) -> None:
    om = at_work.server.user("om")
    album = at_work.lobby.joins(om).album(
        at_work.asha, ("photo", "my new shop"), ("photo", ""), ("video", "")
    )
    at_work.lobby.says(om, "/report", reply_to=album[1])
    assert "my new shop" in (await at_work.card()).text
    at_work.lobby.says(at_work.owner, "/report", reply_to=album[2])
    await at_work.eventually(lambda: any("Thank you" in t for t in at_work.told(at_work.owner)))
    [case] = await at_work.cases()
    assert case.verdict.reason == "reported by 2 members"
    await at_work.press("Hide it")
    await at_work.eventually(lambda: all(each.is_deleted for each in album))
    await at_work.press("Undo")
    await at_work.card_says("Back in the group")
    back = [m for m in at_work.lobby.living() if m.media]
    assert [each.media for each in back] == ["photo", "photo", "video"]
    assert back[0].text.endswith("my new shop")


async def test_an_album_of_which_one_part_is_edited_goes_and_comes_back_whole(
    at_work: Scene,
) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "how silly"), ("photo", ""), ("photo", ""))
    await at_work.card_says("how silly")
    at_work.lobby.edits(album[1], "come and see")
    at_work.lobby.touches(album[0])
    await at_work.card_says("how silly\ncome and see")
    at_work.lobby.edits(album[2], "you idiot")
    await at_work.eventually(lambda: all(each.is_deleted for each in album))
    card = await at_work.card_says("Hidden from the group")
    assert card.spans("spoiler")[0] == "how silly\ncome and see\nyou idiot"
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    back = [m for m in at_work.lobby.living() if m.media]
    assert [each.media for each in back] == ["photo"] * 3
    assert back[0].text.endswith("how silly\ncome and see\nyou idiot")
    keys = [case.message_key for case in await at_work.cases()]
    assert [key.rpartition(":")[2] for key in keys] == ["2", "1", "0"]


async def test_an_album_that_is_edited_while_it_comes_is_judged_by_what_it_says_now(
    at_work: Scene,
) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "my new shop"), ("photo", ""))
    at_work.lobby.edits(album[1], "you idiot")
    await at_work.eventually(lambda: all(each.is_deleted for each in album))
    assert len(await at_work.cases()) == 1


PICTURED = {"thumbnail": {"file_id": "T", "file_unique_id": "T", "width": 90, "height": 60}}


@pytest.mark.parametrize(
    ("kind", "details", "copied"),
    [("voice", {}, True), ("document", {}, True), ("document", PICTURED, False)],
)
async def test_what_cannot_be_covered_is_copied_only_where_it_shows_nothing(
    at_work: Scene, kind: str, details: dict[str, object], copied: bool
) -> None:
    said = at_work.lobby.sends(at_work.asha, kind, caption="you idiot", details=details)
    await at_work.eventually(lambda: said.is_deleted)
    assert [each.media for each in evidence(at_work)] == ([kind] if copied else [])
    card = await at_work.card_says("Hidden from the group")
    assert (card.reply_to is not None) is copied
    assert ("Not shown here: document" in card.text) is not copied
    assert "could not be copied" not in card.text


async def test_what_the_card_shows_already_is_not_copied_again(at_work: Scene) -> None:
    om = at_work.server.user("om")
    picture = at_work.lobby.joins(om).sends(at_work.asha, "photo")
    at_work.lobby.says(om, "/report", reply_to=picture)
    await at_work.eventually(lambda: len(evidence(at_work)) == 1)
    await at_work.press("Hide it")
    await at_work.eventually(lambda: picture.is_deleted)
    await at_work.press("Undo")
    await at_work.eventually(lambda: any(m.media for m in at_work.lobby.living()))
    assert len(evidence(at_work)) == 1


async def test_a_hide_that_is_tried_again_copies_nothing_again(at_work: Scene) -> None:
    at_work.server.faults.refuse(502, "Bad Gateway", method="deleteMessage", times=2)
    picture = at_work.lobby.sends(at_work.asha, "photo", caption="you idiot")
    await at_work.eventually(lambda: picture.is_deleted)
    await at_work.card_says("Hidden from the group")
    assert len(evidence(at_work)) == 1


async def test_a_hide_that_is_refused_still_shows_its_files_once(at_work: Scene) -> None:
    at_work.lobby.takes_right(at_work.bot, "can_delete_messages")
    at_work.lobby.sends(at_work.asha, "photo", caption="you idiot")
    card = await at_work.card_says("Give the bot the right to delete")
    assert evidence(at_work) == [card.reply_to]


@pytest.mark.parametrize("lost", ["copy", "original"])
async def test_of_two_ids_the_one_that_telegram_knows_is_taken(at_work: Scene, lost: str) -> None:
    picture = at_work.lobby.sends(at_work.asha, "photo", caption="you idiot")
    await at_work.eventually(lambda: picture.is_deleted)
    await at_work.card_says("Hidden from the group")
    [copy] = evidence(at_work)
    gone = (copy if lost == "copy" else picture).file_id
    assert gone is not None
    at_work.server.world.files.forget(gone)
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    assert any(message.media for message in at_work.lobby.living())


def forget(at_work: Scene, *originals: Message) -> None:
    """Let neither the ids of these messages' files lead anywhere, nor those of their copies."""
    gone = {each.content_id for each in originals}
    same = [each for each in (*originals, *evidence(at_work)) if each.content_id in gone]
    for file_id in {each.file_id for each in same if each.file_id is not None}:
        at_work.server.world.files.forget(file_id)


async def brought_back(at_work: Scene) -> list[Message]:
    """What stands in the group once a message is brought back, as far as that can be."""
    before = at_work.lobby.living()
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    return [m for m in at_work.lobby.living() if m not in before]


PHOTOS = ("photo", "you idiot"), *[("photo", "")] * 5
LOST = [(0,), (3,), (1, 4), (0, 1, 2, 3, 4)]


@pytest.mark.parametrize("lost", LOST, ids=str)
async def test_an_album_comes_back_without_the_files_that_telegram_knows_no_more(
    at_work: Scene, lost: tuple[int, ...]
) -> None:
    album = at_work.lobby.album(at_work.asha, *PHOTOS)
    await at_work.card_says("Hidden from the group")
    forget(at_work, *(album[n] for n in lost))
    back = await brought_back(at_work)
    left = [each.content_id for n, each in enumerate(album) if n not in lost]
    assert [each.content_id for each in back] == left
    assert [each.text.endswith("you idiot") for each in back] == [n == 0 for n in range(len(back))]
    await at_work.card_says(f"no more, and that are lost: {len(lost)} of 6.")
    await at_work.press("Undo")
    await at_work.eventually(lambda: all(each.is_deleted for each in back))


async def test_of_files_that_are_all_lost_the_text_comes_back(at_work: Scene) -> None:
    album = at_work.lobby.album(at_work.asha, *PHOTOS)
    await at_work.card_says("Hidden from the group")
    forget(at_work, *album)
    [back] = await brought_back(at_work)
    assert back.media is None
    assert back.text.endswith("Reviewers brought it back:\nyou idiot")
    await at_work.card_says("no more, and that are lost: 6 of 6.")


async def test_a_file_without_a_text_that_is_lost_is_no_message_brought_back(
    at_work: Scene,
) -> None:
    om = at_work.server.user("om")
    picture = at_work.lobby.joins(om).sends(at_work.asha, "photo")
    at_work.lobby.says(om, "/report", reply_to=picture)
    await at_work.press("Hide it")
    await at_work.card_says("Hidden from the group")
    forget(at_work, picture)
    before = at_work.lobby.living()
    await at_work.press("Undo")
    await at_work.card_says("Could not be brought back. Files that Telegram knows no more")
    assert at_work.lobby.living() == before


async def test_an_album_that_loses_a_file_comes_back_once_though_telegram_is_busy_in_between(
    at_work: Scene,
) -> None:
    album = at_work.lobby.album(at_work.asha, *PHOTOS)
    await at_work.card_says("Hidden from the group")
    forget(at_work, album[4])
    at_work.server.faults.flood(2, method="sendPhoto", chat=at_work.lobby.id, times=2)
    back = await brought_back(at_work)
    assert [each.content_id for each in back] == [album[n].content_id for n in (0, 1, 2, 3, 5)]


async def test_an_album_that_loses_a_file_comes_back_once_though_that_takes_several_attempts(
    at_work: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "LONGEST_S", 0.0)
    album = at_work.lobby.album(at_work.asha, *PHOTOS[:4])
    await at_work.card_says("Hidden from the group")
    forget(at_work, album[1])
    back = await brought_back(at_work)
    assert [each.content_id for each in back] == [album[n].content_id for n in (0, 2, 3)]
    await at_work.card_says("no more, and that are lost: 1 of 4.")


async def test_looking_for_the_lost_files_of_an_album_keeps_within_the_limits(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path, TelegramServer(limits=Limits())) as at_work:
        album = at_work.lobby.album(at_work.asha, *PHOTOS[:4])
        await at_work.card_says("Hidden from the group")
        forget(at_work, album[1])
        back = await brought_back(at_work)
        assert [each.content_id for each in back] == [album[n].content_id for n in (0, 2, 3)]
        journal = at_work.server.journal
        assert [request for request in journal.requests if request.code == 429] == []
        assert journal.peak_messages_a_minute(at_work.lobby.id) <= 20


async def test_a_review_channel_that_refuses_holds_up_no_hide(tmp_path: Path) -> None:
    async with scene(tmp_path) as at_work:
        at_work.server.faults.storm(8.0, chat=at_work.review.id)
        picture = at_work.lobby.sends(at_work.asha, "photo", caption="you idiot")
        await at_work.eventually(lambda: picture.is_deleted)
        assert evidence(at_work) == []
        await at_work.card_says("could not be copied here first")
        await at_work.eventually(lambda: len(evidence(at_work)) == 1)
        assert evidence(at_work)[0].reply_to is at_work.cards()[0]


async def test_a_telegram_that_does_not_answer_holds_up_no_hide(tmp_path: Path) -> None:
    async with scene(tmp_path) as at_work:
        at_work.server.faults.slow(100.0, method="sendPhoto", times=1)
        picture = at_work.lobby.sends(at_work.asha, "photo", caption="you idiot")
        await at_work.eventually(lambda: picture.is_deleted)
        assert picture.deleted_at is not None
        assert picture.deleted_at - picture.posted_at < 10.0
        await at_work.card_says("so they stand here or not")
        at_work.server.faults.clear()


async def test_a_copy_whose_answer_was_lost_is_made_anew(at_work: Scene) -> None:
    at_work.server.faults.cut("after", method="sendPhoto", chat=at_work.review.id)
    picture = at_work.lobby.sends(at_work.asha, "photo", caption="you idiot")
    await at_work.eventually(lambda: picture.is_deleted)
    card = await at_work.card_says("Hidden from the group")
    assert card.reply_to is evidence(at_work)[-1]
    assert "stand here or not" not in card.text


async def test_a_raid_of_pictures_leaves_room_for_cards_and_waits_for_none(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path, TelegramServer(limits=Limits())) as at_work:
        at_work.server.journal.clear()
        with structlog.testing.capture_logs() as logged:
            pictures = [
                at_work.lobby.sends(at_work.asha, "photo", b"%d" % n, caption=f"idiot {n}")
                for n in range(30)
            ]
            await at_work.eventually(lambda: all(each.is_deleted for each in pictures))
        put_off = [each for each in logged if each["event"] == "effect postponed"]
        assert [each for each in put_off if each["effect"] is EffectKind.HIDE] == []
        assert evidence(at_work) != []
        await at_work.eventually(lambda: len(at_work.cards()) >= 3)
        journal = at_work.server.journal
        assert [request for request in journal.requests if request.code == 429] == []
        assert journal.peak_messages_a_minute(at_work.review.id) <= 20
