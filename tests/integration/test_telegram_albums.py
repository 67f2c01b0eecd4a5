"""Albums of which parts come late, on a loopback Telegram server: one message all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.telegram import keeping
from bot.adapters.telegram.albums import Albums
from bot.domain.errors import FlowUnavailable
from bot.domain.messages import Attachment
from bot.domain.messages import Message as Said
from bot.streams.albums import RedisAlbums
from bot.streams.revisions import RedisRevisions
from tests.factories import a_message
from tests.fakes.redis_server import fresh_redis
from tests.fakes.telegram import Message
from tests.fakes.telegram_bot import Scene, scene


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


def late(at_work: Scene, album: list[Message], caption: str = "") -> Message:
    """One more part of an album."""
    header = {"media_group_id": album[0].header["media_group_id"]}
    return at_work.lobby.sends(at_work.asha, "photo", b"late", caption=caption, header=header)


async def handed_in(at_work: Scene) -> None:
    """Wait until the albums before this are handed in, by one that comes after them."""
    before = len(at_work.cards())
    at_work.lobby.album(at_work.asha, ("photo", "how silly"), ("photo", ""))
    await at_work.eventually(lambda: len(at_work.cards()) > before)


async def test_a_late_part_of_a_hidden_album_goes_too_and_comes_back_with_it(
    at_work: Scene,
) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "you idiot"), ("video", ""))
    await at_work.card_says("Hidden from the group")
    part = late(at_work, album)
    await at_work.eventually(lambda: part.is_deleted)
    assert len(await at_work.cases()) == 1
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    back = [m for m in at_work.lobby.living() if m.media]
    assert [m.media for m in back] == ["photo", "video", "photo"]
    assert len({m.header["media_group_id"] for m in back}) == 1
    assert sum("was hidden" in text for text in at_work.told(at_work.asha)) == 1


async def test_a_late_part_that_stands_before_all_others_is_one_matter_with_them(
    at_work: Scene,
) -> None:
    chat = at_work.lobby.chat
    before_all = chat.next_id()
    album = at_work.lobby.album(at_work.asha, ("photo", "you idiot"), ("video", ""))
    await at_work.card_says("Hidden from the group")
    newest, chat.last_id = chat.last_id, before_all - 1
    part = late(at_work, album)
    chat.last_id = newest
    assert part.id < album[0].id
    await at_work.eventually(lambda: part.is_deleted)
    assert len(await at_work.cases()) == 1
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    back = [m for m in at_work.lobby.living() if m.media]
    assert [m.media for m in back] == ["photo", "video", "photo"]
    assert len(at_work.cards()) == 1


async def test_a_part_that_comes_once_its_album_is_back_goes_with_it_when_that_is_undone(
    at_work: Scene,
) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "you idiot"), ("video", ""))
    await at_work.card_says("Hidden from the group")
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    part = late(at_work, album)
    await handed_in(at_work)
    assert not part.is_deleted
    await at_work.press("Undo", card=await at_work.card(0))
    await at_work.eventually(lambda: part.is_deleted)
    assert all("how silly" in m.text or not m.text for m in at_work.lobby.living() if m.media)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hide's copies wait for the turn that the card's drawings leave them."""
    monkeypatch.setattr(keeping, "PATIENCE_S", 20.0)
    monkeypatch.setattr(keeping, "WITHIN_S", 30.0)


@pytest.mark.usefixtures("patient")
async def test_a_late_part_of_a_hidden_album_is_copied_like_those_before_it(
    at_work: Scene,
) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "you idiot"), ("video", ""))
    await at_work.card_says("Hidden from the group")
    part = late(at_work, album)
    await at_work.eventually(lambda: part.is_deleted)
    copies = [m for m in at_work.review.living() if m.media]
    assert [m.media for m in copies] == ["photo", "video", "photo"]
    assert copies[-1].body["has_media_spoiler"]


@pytest.mark.usefixtures("patient")
async def test_a_late_part_that_cannot_be_copied_is_named(at_work: Scene) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "you idiot"), ("video", ""))
    await at_work.card_says("Hidden from the group")
    at_work.server.faults.refuse(400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN", method="sendPhoto")
    part = late(at_work, album)
    await at_work.eventually(lambda: part.is_deleted)
    await at_work.card_says("Not shown here: photo\n")
    assert [m.media for m in at_work.review.living() if m.media] == ["photo", "video"]


async def test_an_album_goes_whole_for_what_a_late_part_says(at_work: Scene) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "come and see"), ("photo", ""))
    await handed_in(at_work)
    album.append(late(at_work, album, "you idiot"))
    await at_work.eventually(lambda: all(part.is_deleted for part in album))
    card = await at_work.card_says("Hidden from the group")
    assert card.spans("spoiler")[0] == "come and see\nyou idiot"
    assert len(await at_work.cases()) == 2, "with the one that came after it"


async def test_an_album_in_doubt_is_hidden_in_its_own_case_for_what_a_late_part_says(
    at_work: Scene,
) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "how silly"), ("photo", ""))
    await at_work.card_says("how silly")
    album.append(late(at_work, album, "you idiot"))
    await at_work.eventually(lambda: all(part.is_deleted for part in album))
    card = await at_work.card_says("Hidden from the group")
    assert card.spans("spoiler")[0] == "how silly\nyou idiot"
    [case] = await at_work.cases()
    assert case.hidden
    await at_work.eventually(
        lambda: sum("was hidden" in text for text in at_work.told(at_work.asha)) == 1
    )


async def test_a_late_part_goes_with_an_album_that_reviewers_hid_on_a_report(
    at_work: Scene,
) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "my new shop"), ("photo", ""))
    await handed_in(at_work)
    at_work.lobby.says(at_work.owner, "/report", reply_to=album[1])
    await at_work.card_says("my new shop")
    await at_work.press("Hide it")
    await at_work.eventually(lambda: all(part.is_deleted for part in album))
    part = late(at_work, album, "with flowers")
    await at_work.eventually(lambda: part.is_deleted)
    await at_work.card_says("my new shop\nwith flowers")


async def test_a_late_part_of_an_album_that_reviewers_left_up_stays_with_it(
    at_work: Scene,
) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "how silly"), ("photo", ""))
    await at_work.card_says("how silly")
    await at_work.press("Leave it up")
    part = late(at_work, album)
    await handed_in(at_work)
    assert not any(each.is_deleted for each in (*album, part))
    assert len(await at_work.cases()) == 2, "with the one that came after it"


class Taken:
    """What is handed in, by the keys that intake tells repetitions by; `cut_off` before its
    answer."""

    def __init__(self) -> None:
        self.messages: dict[str, Said] = {}
        self.cut_off = False

    async def put(self, message: Said) -> None:
        self.messages.setdefault(message.key, message)
        if self.cut_off:
            raise FlowUnavailable("cut off")


def a_part(number: int) -> Said:
    file = Attachment("photo", f"{number}:file")
    return a_message("" if number > 1 else "come", id=str(number), album="a", attachments=(file,))


async def test_a_part_that_comes_after_a_hand_in_was_cut_off_is_handed_in_with_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.adapters.telegram.albums.QUIET_S", 0.0)
    async with fresh_redis() as redis:
        taken = Taken()
        albums = Albums(RedisAlbums(redis), RedisRevisions(redis), taken)
        await albums.add(a_part(1))
        await albums.add(a_part(2))
        taken.cut_off = True
        with pytest.raises(FlowUnavailable):
            await albums.hand_in()
        taken.cut_off = False
        again = Albums(RedisAlbums(redis), RedisRevisions(redis), taken)
        await again.add(a_part(3))
        await again.hand_in()
        files = {m.revision: [each.ref for each in m.attachments] for m in taken.messages.values()}
        assert files == {0: ["1:file", "2:file"], 1: ["1:file", "2:file", "3:file"]}
        await again.hand_in()
        assert len(taken.messages) == 2


async def test_what_two_processes_hand_in_of_one_album_at_once_bears_two_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.adapters.telegram.albums.QUIET_S", 0.0)
    async with fresh_redis() as redis:
        taken = Taken()
        other = Albums(RedisAlbums(redis), RedisRevisions(redis), taken)

        class Overtaken(RedisRevisions):
            """The other process takes a part in and hands it in before this one has a number."""

            async def number(self, message: Said) -> int:
                await other.add(a_part(3))
                await other.hand_in()
                return await super().number(message)

        albums = Albums(RedisAlbums(redis), Overtaken(redis), taken)
        await albums.add(a_part(1))
        await albums.add(a_part(2))
        await albums.hand_in()
        assert sorted(len(m.attachments) for m in taken.messages.values()) == [2, 3]


async def test_an_album_is_reported_as_updates_told_of_it_and_not_as_an_answer_shows_it() -> None:
    async with fresh_redis() as redis:
        taken = Taken()
        albums = Albums(RedisAlbums(redis), RedisRevisions(redis), taken)
        first, second = a_part(1), a_part(2)
        for part in (first, second):
            await albums.add(part)
        whole = await albums.whole(replace(first, parts=()))
        assert (whole.text, whole.revision, len(whole.attachments)) == ("come", 0, 2)
        unknown = await albums.whole(replace(first, album="b"))
        assert (unknown.text, unknown.revision, len(unknown.attachments)) == ("come", 0, 1)


async def test_an_album_keeps_its_number_however_early_its_late_parts_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.adapters.telegram.albums.QUIET_S", 0.0)
    async with fresh_redis() as redis:
        taken = Taken()
        albums = Albums(RedisAlbums(redis), RedisRevisions(redis), taken)
        for number in (3, 1):
            await albums.add(a_part(number))
            await albums.hand_in()
        assert [(m.id, len(m.attachments)) for m in taken.messages.values()] == [("3", 1), ("3", 2)]
        reported = await albums.whole(a_part(1))
        assert (reported.id, reported.revision) == ("3", 1)


async def test_of_an_album_that_is_not_known_each_reported_part_is_a_matter_of_its_own() -> None:
    async with fresh_redis() as redis:
        albums = Albums(RedisAlbums(redis), RedisRevisions(redis), Taken())
        for number in (2, 3):
            said = await albums.whole(a_part(number))
            assert (said.id, len(said.attachments)) == (str(number), 1)
