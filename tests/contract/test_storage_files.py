"""Files kept with their case, as long as what was said with them."""

from __future__ import annotations

import pytest

from bot.domain.errors import InvalidValue
from bot.domain.files import KeptFile
from bot.storage import SqlStore
from tests.factories import REVIEW
from tests.factories.records import a_community, a_recorded_case

CAT = KeptFile(0, "photo", "cat.jpg", b"\xff\xd8\x00 a cat" * 1000)
SONG = KeptFile(2, "audio", "sóng \U0001f3b5.mp3", b"\x00\x00")


@pytest.fixture(autouse=True)
async def case(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
        await a_recorded_case(tx)


async def kept(store: SqlStore) -> list[KeptFile]:
    async with store.reading() as tx:
        return await tx.files.of("case-1")


async def test_files_come_back_as_they_were_in_the_order_of_their_message(store: SqlStore) -> None:
    for file in (SONG, CAT):
        async with store.transaction() as tx:
            await tx.files.put("case-1", file)
    assert await kept(store) == [CAT, SONG]
    async with store.reading() as tx:
        assert await tx.files.numbers("case-1") == {0, 2}
        assert await tx.files.numbers("case-2") == frozenset()


async def test_a_file_that_is_kept_twice_is_kept_once(store: SqlStore) -> None:
    for content in (CAT.content, b"another"):
        async with store.transaction() as tx:
            await tx.files.put("case-1", KeptFile(0, "photo", "cat.jpg", content))
    assert await kept(store) == [CAT]


async def test_a_file_of_the_largest_size_is_kept(store: SqlStore) -> None:
    film = KeptFile(0, "video", "film.mp4", bytes(10 * 1024 * 1024))
    async with store.transaction() as tx:
        await tx.files.put("case-1", film)
    assert await kept(store) == [film]


async def test_files_are_erased_with_what_was_said(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.files.put("case-1", CAT)
    async with store.transaction() as tx:
        await tx.cases.erase_evidence("case-1")
    assert await kept(store) == []
    with pytest.raises(InvalidValue, match="contradicts"):
        async with store.transaction() as tx:
            await tx.files.put("case-1", CAT)


async def test_no_more_is_kept_than_there_is_room_for_and_what_is_erased_makes_room(
    store: SqlStore, database_url: str
) -> None:
    small = await SqlStore.open(database_url, most_kept=len(CAT.content) + len(SONG.content) - 1)
    try:
        async with small.transaction() as tx:
            assert await tx.files.put("case-1", CAT)
            assert not await tx.files.put("case-1", SONG)
            assert await tx.files.total() == len(CAT.content)
            assert await tx.files.room() == len(SONG.content) - 1
        assert await kept(small) == [CAT]
        async with small.transaction() as tx:
            await a_recorded_case(tx, 2)
            await tx.cases.erase_evidence("case-1")
        async with small.transaction() as tx:
            assert await tx.files.total() == 0
            assert await tx.files.put("case-2", SONG)
    finally:
        await small.close()


async def test_which_files_a_channel_shows_is_known_until_its_cards_are_forgotten(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        assert await tx.cards.shown("case-1", REVIEW) is None
        await tx.cards.set_card_ref("case-1", REVIEW, "c1")
        assert await tx.cards.shown("case-1", REVIEW) is None
        await tx.cards.set_card_ref("case-1", REVIEW, "c1", frozenset())
        assert await tx.cards.shown("case-1", REVIEW) == frozenset()
        await tx.cards.set_card_ref("case-1", REVIEW, "c1", frozenset({2, 0}))
        await tx.cards.set_card_ref("case-1", REVIEW, "c2")
        assert await tx.cards.shown("case-1", REVIEW) == {0, 2}
