"""The connection to SQLite: what is short is done at once, what is long holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.sqlite_driver import Connection

LONG = """
SELECT count(*) FROM (
  WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000000)
  SELECT n FROM numbers
)
"""


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    async with Connection(tmp_path / "some.db", 1.0, reads_only=False) as connection:
        await connection.execute("CREATE TABLE kept (n INTEGER)")
        yield connection


async def test_a_short_statement_makes_no_trip_to_the_thread(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connection.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(connection, "_execute", None)
    cursor = await connection.cursor().execute("INSERT INTO kept VALUES (?)", (7,))
    await cursor.execute("SELECT n FROM kept")
    assert await cursor.fetchall() == [(7,)]


async def test_a_long_query_holds_up_nothing_else(connection: Connection) -> None:
    cursor, ticks = connection.cursor(), 0
    asking = asyncio.create_task(cursor.execute(LONG))
    while not asking.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert await (await asking).fetchone() == (2_000_000,)
    assert ticks > 20


async def test_a_long_query_within_a_transaction_takes_nothing_of_it_back(
    connection: Connection,
) -> None:
    cursor = connection.cursor()
    await cursor.execute("BEGIN IMMEDIATE")
    await cursor.execute("INSERT INTO kept VALUES (7)")
    await cursor.execute(LONG)
    await connection.commit()
    await cursor.execute("SELECT n FROM kept")
    assert await cursor.fetchall() == [(7,)]
