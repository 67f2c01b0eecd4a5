"""Files on their way into the database: fetched once, within bounds, lost to no fault of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.adapters.case_files import AT_ONCE, MOST_BYTES, CaseFiles, Stored
from bot.domain.effects import Effect, EffectKind, Intent
from bot.domain.errors import InvalidValue, StorageUnavailable
from bot.domain.files import KeptFile
from bot.domain.messages import Attachment
from bot.domain.ports import Order
from bot.storage import SqlStore, upgrade
from tests.factories import LOBBY, NOW
from tests.factories.records import a_community, a_recorded_case

FILES = [Attachment("upload", f"https://cdn.example/{n}", f"{n}.png") for n in range(10)]


class Source:
    """Gives contents, and notes what was asked of it. held: how many were out at once, at most."""

    def __init__(self, content: bytes = b"x") -> None:
        self._content = content
        self.asked: list[int] = []
        self.patience = asyncio.Event()
        self.patience.set()
        self.held = self._out = 0

    async def fetch(self, number: int, file: Attachment) -> KeptFile | None:
        self.asked.append(number)
        self._out += 1
        self.held = max(self.held, self._out)
        try:
            await self.patience.wait()
            await asyncio.sleep(0)
        finally:
            self._out -= 1
        return KeptFile(number, file.kind, file.name, self._content)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    await upgrade(str(tmp_path))
    opened = await SqlStore.open(str(tmp_path))
    async with opened.transaction() as tx:
        await tx.communities.add(a_community())
        await a_recorded_case(tx)
    yield opened
    await opened.close()


def an_order(attempt: int = 1) -> Order:
    return Order(Intent("i", "k", Effect(EffectKind.HIDE, "case-1", LOBBY, "m1"), NOW), attempt)


async def test_a_hide_that_is_taken_up_again_fetches_only_what_is_not_kept(store: SqlStore) -> None:
    files, source = CaseFiles(store), Source()
    first = await files.keep(an_order(), FILES, [0, 2], source.fetch, 3.0)
    assert first == Stored(frozenset({0, 2}))
    again = await files.keep(an_order(attempt=2), FILES, [0, 1, 2], source.fetch, 3.0)
    assert again == Stored(frozenset({0, 1, 2}))
    assert source.asked == [0, 2, 1]
    assert [each.number for each in await files.of(an_order())] == [0, 1, 2]


async def test_beyond_the_room_there_is_for_all_cases_no_file_is_kept(tmp_path: Path) -> None:
    await upgrade(str(tmp_path))
    store = await SqlStore.open(str(tmp_path), most_kept=10)
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
        await a_recorded_case(tx)
    files, source = CaseFiles(store), Source(b"four")
    sized = [replace(FILES[0], size=11), *FILES[1:]]
    with capture_logs() as logged:
        first = await files.keep(an_order(), sized, [0, 1, 2, 3], source.fetch, 3.0)
        assert (len(first.numbers), first.full) == (2, True)
        again = await files.keep(an_order(attempt=2), sized, [0, 1, 2, 3], source.fetch, 3.0)
        assert (again.numbers, again.full) == (first.numbers, True)
    assert 0 not in source.asked, "what is too large for the room is not fetched"
    assert sum("AMAN_KEPT_FILES_MB" in each["event"] for each in logged) == 1
    await store.close()


async def test_a_file_that_is_larger_than_it_said_is_not_kept(store: SqlStore) -> None:
    source = Source(bytes(MOST_BYTES + 1))
    kept = await CaseFiles(store).keep(an_order(), FILES, [0], source.fetch, 3.0)
    assert kept == Stored(frozenset())


async def test_few_contents_are_in_memory_at_once_and_who_has_no_turn_is_not_waited_for(
    store: SqlStore,
) -> None:
    files, source = CaseFiles(store), Source()
    source.patience.clear()
    kept = await files.keep(an_order(), FILES, range(10), source.fetch, 0.2)
    assert kept == Stored(frozenset())
    assert len(source.asked) < len(FILES)
    source.patience.set()
    kept = await files.keep(an_order(), FILES, range(10), source.fetch, 30.0)
    assert kept == Stored(frozenset(range(10)))
    assert source.held == AT_ONCE


async def test_what_the_database_does_not_take_is_to_be_tried_again(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.cases.erase_evidence("case-1")
    with pytest.raises(InvalidValue):
        await CaseFiles(store).keep(an_order(), FILES, [0, 1], Source().fetch, 3.0)


async def test_a_database_that_is_gone_is_no_file_that_is_gone(
    store: SqlStore, tmp_path: Path
) -> None:
    for each in tmp_path.iterdir():
        each.unlink()
    with pytest.raises(StorageUnavailable):
        await CaseFiles(store).keep(an_order(), FILES, [0], Source().fetch, 3.0)
