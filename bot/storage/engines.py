"""Connections to the two databases, set so that a commit is on disk when it returns."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.domain.errors import CannotStart, StorageUnavailable
from bot.storage import sqlite_driver

FILE_NAME = "aman.db"
WAIT_S = 5
"""For how long a process waits while another holds the database."""

_READERS = 4
_CONNECTIONS = 10


def database_url(where: str) -> URL:
    """The database that `where` names: a URL (sqlite, postgres or postgresql), or a folder, in
    which SQLite keeps `aman.db`.

    Raises CannotStart.
    """
    if "://" not in where:
        return URL.create("sqlite", database=str(Path(where) / FILE_NAME))
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as exc:
        raise CannotStart(
            "DATABASE_URL cannot be read: write scheme://user:password@host/name"
        ) from exc
    scheme = url.drivername.partition("+")[0]
    if scheme in ("postgres", "postgresql"):
        return url.set(drivername="postgresql")
    if scheme != "sqlite":
        raise CannotStart(f"DATABASE_URL: {scheme} is not supported, use postgresql or sqlite")
    if not url.database or url.database == ":memory:":
        raise CannotStart("DATABASE_URL: SQLite needs a file, as in sqlite:////var/lib/aman.db")
    return URL.create("sqlite", database=url.database)


def writing_engine(url: URL) -> AsyncEngine:
    """Connections that write.

    SQLite has one writer at a time, so there is one connection, and who waits for it is served
    in turn; it takes the write lock when a transaction begins, since a lock asked for later can
    only fail. Other processes are waited for up to 5 s.
    """
    if url.drivername == "sqlite":
        return _sqlite(url, "BEGIN IMMEDIATE", connections=1, reads_only=False)
    return _postgresql(url)


def reading_engine(url: URL, writing: AsyncEngine) -> AsyncEngine:
    """Connections that only read, each transaction from one unchanging view of the records."""
    if url.drivername == "sqlite":
        return _sqlite(url, "BEGIN", connections=_READERS, reads_only=True)
    return writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sqlite(url: URL, begin: str, *, connections: int, reads_only: bool) -> AsyncEngine:
    path = Path(str(url.database))
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        async_creator=partial(sqlite_driver.Connection, path, WAIT_S, reads_only=reads_only),
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=2 * WAIT_S,
        # Sessions end their transactions themselves; to make sure once more is one more trip.
        pool_reset_on_return=None,
    )

    def prepare(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(path)
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA query_only = {'ON' if reads_only else 'OFF'}")
        cursor.close()

    def begun(connection: Connection) -> None:
        if not reads_only and connection.info["file"] != _identity(path):
            raise StorageUnavailable(
                f"database: {path} was moved, deleted or replaced while the bot has it open, and "
                "what it wrote now would be lost; put it back, or stop the bot, put a backup there "
                "and start it"
            )
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begun)
    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file bears this name now; None for none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _postgresql(url: URL) -> AsyncEngine:
    connect = partial(
        asyncpg.connect,
        # asyncpg reads the URL itself, with all that libpq knows (sslmode, several hosts).
        url.render_as_string(hide_password=False),
        timeout=2 * WAIT_S,
        server_settings={
            "application_name": "aman",
            "lock_timeout": f"{WAIT_S}s",
            # A frozen process must not hold a community's records for ever.
            "idle_in_transaction_session_timeout": "60s",
        },
    )
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=2 * WAIT_S,
        pool_pre_ping=True,
    )
