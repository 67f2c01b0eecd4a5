"""The file in which the playground's world lives on, whatever becomes of the bot."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.adapters.playground.bell import Bell
from bot.adapters.playground.errors import sqlite_errors
from bot.domain.errors import CannotStart

FILE_NAME = "playground.db"

# Ids are never used twice (AUTOINCREMENT), not even after a reset: to the bot, a message with
# a known id is one that it has judged already.
SCHEMA = """
CREATE TABLE IF NOT EXISTS members (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, joined_at TEXT NOT NULL,
    muted_until TEXT, banned INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, member TEXT NOT NULL, text TEXT NOT NULL,
    posted_at TEXT NOT NULL, edited_at TEXT, revision INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'visible', hidden_at TEXT, restored_at TEXT,
    changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT, member TEXT NOT NULL, text TEXT NOT NULL,
    at TEXT NOT NULL, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cards (
    id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, view TEXT NOT NULL,
    posted_at TEXT NOT NULL, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS updates (
    id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS applied (
    intent TEXT PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, done INTEGER NOT NULL,
    ref TEXT, at TEXT NOT NULL, asked INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT OR IGNORE INTO numbers VALUES ('change', 0), ('epoch', 0), ('may_delete', 1);
CREATE INDEX IF NOT EXISTS messages_changed ON messages (changed);
CREATE INDEX IF NOT EXISTS notices_changed ON notices (changed);
CREATE INDEX IF NOT EXISTS cards_changed ON cards (changed);
"""


class Database:
    """One SQLite file, usable from any thread and by several processes at once.

    folder: made when missing.
    bell: rung after each change that is on disk.
    Raises CannotStart for a folder or file that cannot be used.
    """

    def __init__(self, folder: Path, bell: Bell) -> None:
        path = folder / FILE_NAME
        self._bell = bell
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = _opened(path)
        except (OSError, sqlite3.Error) as exc:
            raise CannotStart(
                f"the playground's file {path} cannot be used ({exc}); "
                "mend its folder's rights, or move the file away to start with a new one"
            ) from exc

    def close(self) -> None:
        """Let go of the file, once the thread that is using it has finished."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Several reads of one moment. Raises PlatformError."""
        with self._lock, sqlite_errors():
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; on disk once left. Raises PlatformError."""
        with self._lock, sqlite_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise
        self._bell.ring()


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def number(connection: sqlite3.Connection, name: str) -> int:
    """One of the world's numbers as it stands."""
    row = connection.execute("SELECT value FROM numbers WHERE name = ?", (name,)).fetchone()
    return int(row["value"])


def raised(connection: sqlite3.Connection, name: str) -> int:
    """One of the world's numbers, one higher than before."""
    connection.execute("UPDATE numbers SET value = value + 1 WHERE name = ?", (name,))
    return number(connection, name)
