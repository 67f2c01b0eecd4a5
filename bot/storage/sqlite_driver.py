"""aiosqlite with one trip to its thread for a statement, where it makes three or four.

Each trip wakes a thread and then waits for the interpreter: with both cores busy scoring, trips
were nearly all of a transaction's time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite

_AT_ONCE = 500


class _RolledBack(sqlite3.Connection):
    def close(self) -> None:
        """Close, and with it end a transaction that a cancelled task left open.

        SQLite keeps a closed connection, with its transaction and its lock on the database, for
        as long as anything still refers to one of its statements.
        """
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


class Connection(aiosqlite.Connection):
    """A connection whose transactions begin and end only where the caller says so.

    wait_s: for how long to wait while another process holds the database.
    """

    def __init__(self, path: Path, wait_s: float) -> None:
        connect = partial(
            sqlite3.connect,
            path,
            timeout=wait_s,
            isolation_level=None,
            # Cursors are made by the event loop and used by the connection's thread alone.
            check_same_thread=False,
            factory=_RolledBack,
        )
        super().__init__(connect, iter_chunk_size=_AT_ONCE)
        self._thread.daemon = True  # a loop that dies without closing must not keep the process

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, without a trip."""
        return Cursor(self, self._conn.cursor())


class Cursor(aiosqlite.Cursor):
    """Fetches the first rows in the trip that runs the statement, the others when asked for."""

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._rows: list[Any] = []
        self._more = False

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Cursor:
        """Run a statement."""
        self._more = True  # unless the trip comes back and says otherwise
        self._rows = await self._execute(  # type: ignore[no-untyped-call]
            self._run, sql, parameters or ()
        )
        self._more = len(self._rows) == _AT_ONCE
        return self

    def _run(self, sql: str, parameters: Iterable[Any]) -> list[Any]:
        return self._cursor.execute(sql, parameters).fetchmany(_AT_ONCE)  # type: ignore[arg-type]

    async def fetchone(self) -> Any:
        """The next row; None after the last."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        size = size or self.arraysize
        if self._more and len(self._rows) < size:
            wanted = size - len(self._rows)
            fetched = list(await super().fetchmany(wanted))
            self._more = len(fetched) == wanted
            self._rows += fetched
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchall(self) -> list[Any]:
        """The rest of the rows."""
        rows, self._rows = self._rows, []
        if self._more:
            rows += await super().fetchall()
            self._more = False
        return rows

    async def close(self) -> None:
        """Let go of the statement; one that gave its last row has let go already."""
        if self._more:
            await super().close()
