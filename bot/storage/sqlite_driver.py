"""aiosqlite without a trip to its thread for each statement.

A trip wakes a thread and then waits for the interpreter: with both cores busy scoring, trips were
nearly all of a transaction's time, and while one transaction holds the database all others wait.
What takes microseconds is done where it is asked for. To the thread goes what waits for the disk
or for another process, a commit and the beginning of a transaction that writes, and what turns out
to take long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite

_AT_ONCE = 500

_LONGEST = 100_000
"""Steps of SQLite's machine that a query may take on the event loop: a millisecond or two."""

_AT_HAND = ("SELECT", "INSERT", "UPDATE", "DELETE") if sqlite3.threadsafety == 3 else ()
"""Statements that are begun on the event loop: where SQLite itself lets threads take turns."""


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
    reads_only: its transactions wait for nobody, neither at their beginning nor at their end.
    """

    def __init__(self, path: Path, wait_s: float, *, reads_only: bool) -> None:
        connect = partial(
            sqlite3.connect,
            path,
            timeout=wait_s,
            isolation_level=None,
            # Used by the event loop and by the connection's own thread, by one at a time.
            check_same_thread=False,
            factory=_RolledBack,
        )
        super().__init__(connect, iter_chunk_size=_AT_ONCE)
        self._thread.daemon = True  # a loop that dies without closing must not keep the process
        self.at_hand = (*_AT_HAND, "BEGIN") if reads_only and _AT_HAND else _AT_HAND
        self._commits_at_hand = "BEGIN" in self.at_hand

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, without a trip."""
        return Cursor(self, self._conn.cursor())

    async def commit(self) -> None:
        """End the transaction; of one that wrote, all is on disk then."""
        if self._commits_at_hand:
            self._conn.commit()
        else:
            await super().commit()

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Interrupt a query that takes long: sqlite3 raises OperationalError."""
        self._conn.set_progress_handler(lambda: 1, _LONGEST)
        try:
            yield
        finally:
            self._conn.set_progress_handler(None, 0)


class Cursor(aiosqlite.Cursor):
    """Fetches the first rows in the trip that runs the statement, the others when asked for."""

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._of = connection
        self._rows: list[Any] = []
        self._more = False

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Cursor:
        """Run a statement."""
        given = parameters or ()
        self._more = True  # unless the statement ends and says otherwise
        rows = self._run_at_hand(sql, given) if sql.startswith(self._of.at_hand) else None
        if rows is None:
            rows = await self._execute(self._run, sql, given)  # type: ignore[no-untyped-call]
        self._rows = rows
        self._more = len(rows) == _AT_ONCE
        return self

    def _run_at_hand(self, sql: str, parameters: Iterable[Any]) -> list[Any] | None:
        """The first rows; None for a query that takes long."""
        if not sql.startswith("SELECT"):
            return self._run(sql, parameters)  # interrupted, it would end its transaction
        try:
            with self._of.bounded():
                return self._run(sql, parameters)
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return None
            raise

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
