"""Which files are kept with their case, and as what Telegram sends them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.case_files import MOST_BYTES, MOST_FILES, MOST_TOGETHER, named, within_limits
from bot.adapters.telegram.files import arguments
from bot.adapters.telegram.uploads import Upload, from_elsewhere, instead, together
from bot.domain.files import KeptFile
from bot.domain.messages import Attachment
from config.phrases import LocalePhrases

MB = 1024 * 1024


def files(*sizes: int | None) -> list[Attachment]:
    return [Attachment("upload", "https://cdn.example/x", f"{n}", s) for n, s in enumerate(sizes)]


def kept(*names: str) -> list[KeptFile]:
    return [KeptFile(n, "upload", name, b"x") for n, name in enumerate(names)]


@given(st.lists(st.none() | st.integers(0, 2 * MOST_BYTES), max_size=20))
def test_no_more_is_kept_of_a_message_than_its_bounds_allow(sizes: list[int | None]) -> None:
    wanted = within_limits(files(*sizes))
    taken = [sizes[n] or 0 for n in wanted]
    assert len(taken) <= MOST_FILES
    assert sum(taken) <= MOST_TOGETHER
    assert all(size <= MOST_BYTES for size in taken)


def test_a_file_that_is_too_large_leaves_room_for_those_behind_it() -> None:
    assert within_limits(files(11 * MB, 9 * MB, 9 * MB, 9 * MB, 7 * MB, None)) == [1, 2, 4, 5]


def test_what_is_not_kept_is_told_by_number_and_size_and_never_by_name() -> None:
    told = named(files(3 * MB, None), {2}, LocalePhrases().say)
    assert told == "file 1 of 2 (3.0 MB), file 2 of 2 (?)"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cat.JPG", "photo"),
        ("cat.webp", "photo"),
        ("cat.gif", "animation"),
        ("cat.mp4", "video"),
        ("cat.mov", "video"),
        ("song.mp3", "document"),
        ("a.txt", "document"),
        ("no ending", "document"),
        ("", "document"),
    ],
)
def test_a_file_from_elsewhere_is_sent_so_that_nobody_sees_it_unasked(name: str, kind: str) -> None:
    assert [each.kind for each in from_elsewhere(kept(name)).values()] == [kind]


@pytest.mark.parametrize("name", ["cat.svg", "cat.bmp", "cat.heic"])
def test_a_picture_that_telegram_cannot_cover_is_not_sent(name: str) -> None:
    assert from_elsewhere(kept(name)) == {}


def test_albums_hold_what_telegram_lets_stand_together() -> None:
    uploads = from_elsewhere(kept("a.png", "b.txt", "c.gif", "d.mp4", "e.zip", "f.gif", "g.svg"))
    assert together(uploads) == [[0, 3], [1, 4], [2], [5]]


def test_a_message_comes_back_by_contents_where_there_are_such_as_covered_as_it_was() -> None:
    own = [Attachment("photo", "5:p:spoiler"), Attachment("live_photo", "6:v:p")]
    photo, live = instead(own, [KeptFile(0, "photo", "file_1.jpg", b"x")])
    assert isinstance(photo, Upload)
    given_ = arguments(photo)
    assert given_["has_spoiler"]
    assert given_["photo"].input_file_content == b"x"
    assert live is own[1]
