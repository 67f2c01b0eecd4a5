"""What a database that is full, held, gone or killed leaves behind: all of a transaction or
nothing, and an error in our words."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import sys
import traceback
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event

from bot.domain.audit import first_break
from bot.domain.errors import InvalidValue, StorageUnavailable
from bot.storage import SqlStore
from bot.storage import engines as engines_
from bot.storage.engines import database_url as parsed
from bot.storage.engines import reading_engine, writing_engine
from tests.factories import NOW, a_message, a_person, a_policy, an_opened_case
from tests.factories.records import COMMUNITY, a_community, a_recorded_case, an_evidence
from tests.fakes.databases import PostgresDatabases, SqliteFiles

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def store(store: SqlStore) -> SqlStore:
    """With a community. Not for every test here: some know one database only."""
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
    return store


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines_, "WAIT_S", 0.2)


async def whole_cases(store: SqlStore) -> int:
    """How many cases are on record; fails when anything of one is missing or left over."""
    async with store.reading() as tx:
        cases = await tx.cases.listed()
        for case in cases:
            assert await tx.cases.evidence(case.id) is not None
            assert len(await tx.outbox.done(case.id)) == 2
        entries = [entry async for entry in tx.audit.entries(COMMUNITY)]
        assert first_break(entries, await tx.audit.head(COMMUNITY)) is None
        assert {entry.fact.case_id for entry in entries} == {case.id for case in cases}
        assert await tx.outbox.depth() == ({"playground": 2 * len(cases)} if cases else {})
        assert sorted(case.number for case in cases) == list(range(1, len(cases) + 1))
    return len(cases)


async def killed(url: str, mode: str, after: int) -> list[int]:
    """Kill a writing process once it has reported `after` cases; returns all it reported."""
    command = (sys.executable, "-m", "tests.fakes.case_writer", url, mode)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        reported = [int(await process.stdout.readline()) for _ in range(after)]
    finally:
        process.kill()
    rest = await process.stdout.read()
    await process.wait()
    return reported + [int(line) for line in rest.splitlines()]


async def test_a_process_killed_inside_a_transaction_leaves_nothing(
    store: SqlStore, database_url: str
) -> None:
    assert await killed(database_url, "hold", after=1) == [1]
    assert await whole_cases(store) == 0
    async with store.transaction() as tx:
        assert (await a_recorded_case(tx)).number == 1


async def test_a_process_killed_at_any_moment_leaves_whole_cases_and_all_it_reported(
    store: SqlStore, database_url: str
) -> None:
    reported = await killed(database_url, "commit", after=7)
    on_record = await whole_cases(store)
    # The last commit may be on disk without its report having been printed.
    assert on_record - len(reported) in (0, 1)


async def test_work_cancelled_at_any_moment_is_whole_or_nothing_and_blocks_nobody(
    store: SqlStore,
) -> None:
    moments = random.Random(20260301)

    async def open_case(number: int) -> None:
        opened = an_opened_case(case_id=f"case-{number}", message=a_message(id=str(number)))
        async with store.transaction() as tx:
            await tx.cases.add(opened.case, an_evidence())
            await tx.audit.append(COMMUNITY, NOW, opened.facts[0])
            await tx.outbox.add(COMMUNITY, opened.effects, NOW)

    cancelled = []  # kept: whatever still refers to its statements must not keep a lock
    for number in range(60):
        task = asyncio.create_task(open_case(number))
        await asyncio.sleep(moments.uniform(0, 0.02))
        task.cancel()
        await asyncio.wait([task])
        cancelled.append(task)
    assert any(task.cancelled() for task in cancelled)
    before = await whole_cases(store)
    await open_case(100)
    assert await whole_cases(store) == before + 1


async def test_a_full_disk_is_said_and_nothing_is_half_written(
    sqlite_files: SqliteFiles,
) -> None:
    url = parsed(sqlite_files.fresh())
    writing = writing_engine(url)

    def little_room(connection: Any, _record: object) -> None:
        connection.cursor().execute("PRAGMA max_page_count = 100")

    event.listen(writing.sync_engine, "connect", little_room)
    store = SqlStore(writing, reading_engine(url, writing))
    async with store.transaction() as tx:
        await tx.communities.add(a_community())

    async def open_case(number: int, text: str) -> None:
        opened = an_opened_case(case_id=f"case-{number}", message=a_message(id=str(number)))
        async with store.transaction() as tx:
            await tx.cases.add(opened.case, an_evidence(text))
            await tx.audit.append(COMMUNITY, NOW, opened.facts[0])
            await tx.outbox.add(COMMUNITY, opened.effects, NOW)

    await open_case(1, "fits")
    with pytest.raises(StorageUnavailable, match="full; free space on the disk"):
        await open_case(2, "x" * 1_000_000)
    assert await whole_cases(store) == 1
    await open_case(3, "fits again")
    assert await whole_cases(store) == 2
    await store.close()


@pytest.mark.parametrize("replaced", [False, True], ids=["moved away", "replaced"])
async def test_a_file_that_is_not_in_its_place_any_more_takes_no_records_until_it_is(
    sqlite_files: SqliteFiles, replaced: bool
) -> None:
    url = sqlite_files.fresh()
    file = Path(str(parsed(url).database))
    store = await SqlStore.open(url)
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
    aside = file.rename(file.with_name("aside"))
    if replaced:
        shutil.copy(aside, file)
    with pytest.raises(StorageUnavailable, match="would be lost"):
        async with store.transaction() as tx:
            await a_recorded_case(tx)
    [problem] = await store.problems()
    assert str(file) in problem
    assert "put it back" in problem
    aside.replace(file)
    assert await store.problems() == []
    async with store.transaction() as tx:
        assert (await a_recorded_case(tx)).number == 1
    await store.close()


async def test_a_database_that_another_process_holds_is_said_and_taken_up_after(
    sqlite_files: SqliteFiles, impatient: None
) -> None:
    url = sqlite_files.fresh()
    store = await SqlStore.open(url)
    with closing(sqlite3.connect(str(parsed(url).database))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="locked; another process holds"):
            async with store.transaction():
                pass
        assert "another process holds" in (await store.problems())[0]
        async with store.reading() as tx:
            assert await tx.communities.all() == []
        other.rollback()
    assert await store.problems() == []
    await store.close()


async def test_who_waits_for_a_record_too_long_is_told(
    postgres_databases: PostgresDatabases, impatient: None
) -> None:
    url = postgres_databases.fresh()
    one, two = await SqlStore.open(url), await SqlStore.open(url)
    async with one.transaction() as tx:
        await tx.communities.add(a_community())
        await a_recorded_case(tx)
    async with one.transaction() as first:
        await first.cases.lock("case-1")
        with pytest.raises(StorageUnavailable, match="another transaction holds the record"):
            async with two.transaction() as second:
                await second.cases.lock("case-1")
    await one.close()
    await two.close()


async def test_a_server_that_goes_away_takes_its_transaction_back_and_is_found_again(
    postgres_databases: PostgresDatabases,
) -> None:
    url = postgres_databases.fresh()
    name = parsed(url).database
    store = await SqlStore.open(url)
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
    admin = await asyncpg.connect(postgres_databases.server_url)
    hang_up = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    with pytest.raises(StorageUnavailable):
        async with store.transaction() as tx:
            await a_recorded_case(tx)
            await admin.execute(hang_up)
            await tx.cases.get("case-1")
    assert await whole_cases(store) == 0
    await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await admin.execute(hang_up)
    assert "not currently accepting connections" in (await store.problems())[0]
    await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await admin.close()
    assert await store.problems() == []
    await store.close()


async def test_who_only_reads_cannot_write(store: SqlStore) -> None:
    with pytest.raises(StorageUnavailable, match=r"read-?only"):
        async with store.reading() as tx:
            await tx.policies.add(COMMUNITY, a_policy(), "x", NOW)
    async with store.transaction() as tx:
        assert await tx.policies.history(COMMUNITY) == []


async def test_an_error_never_quotes_what_people_wrote(store: SqlStore) -> None:
    secret = "-".join(["what", "somebody", "wrote"])  # so that no line of this file holds it
    case = an_opened_case().case
    with pytest.raises(InvalidValue) as caught:
        async with store.transaction() as tx:
            await tx.cases.add(replace(case, author=a_person(name=secret)), an_evidence(secret))
            again = an_opened_case(message=a_message(secret, id="m2")).case
            again = replace(again, author=a_person(name=secret))
            await tx.cases.add(again, an_evidence(secret))
    assert secret not in "".join(traceback.format_exception(caught.value))


async def test_many_readers_and_writers_at_once_all_get_their_turn(store: SqlStore) -> None:
    async def write(number: int) -> None:
        async with store.transaction() as tx:
            await a_recorded_case(tx, number)

    async def read() -> None:
        async with store.reading() as tx:
            await tx.cases.listed()

    await asyncio.gather(*(write(n) for n in range(40)), *(read() for _ in range(40)))
    async with store.reading() as tx:
        assert len(await tx.cases.listed()) == 40
