"""From the databases' errors to ours; the one place where they are told apart."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError, StatementError

from bot.domain.errors import AmanError, InvalidValue, StorageUnavailable

# By SQLite's name of the error or PostgreSQL's SQLSTATE.
_WHAT_TO_MEND = {
    "SQLITE_FULL": "free space on the disk that holds the data folder",
    "SQLITE_READONLY": "make the data folder writable for the bot",
    "SQLITE_CANTOPEN": "check that the data folder exists and the bot may read and write it",
    "SQLITE_BUSY": "another process holds the database; stop it or wait",
    "SQLITE_CORRUPT": "the file is damaged: restore it from a backup",
    "SQLITE_NOTADB": "the file is no SQLite database: check DATABASE_URL and the data folder",
    "53100": "free space on the database server's disk",
    "53300": "the server has no connection left: raise its max_connections",
    "25006": "the server takes no writes: point DATABASE_URL at the primary",
    "55P03": "another transaction holds the record; it will be tried again",
    "28P01": "check the password in DATABASE_URL",
    "3D000": "create the database that DATABASE_URL names",
}
_ASYNCPG: tuple[type[Exception], ...] = (asyncpg.PostgresError, asyncpg.InterfaceError)
_DATABASES: tuple[type[Exception], ...] = (SQLAlchemyError, sqlite3.Error, OSError, *_ASYNCPG)
_NO_ANSWER: tuple[type[Exception], ...] = (ConnectionError, TimeoutError, socket.gaierror)
_UNSTORABLE = "22"
"""SQLSTATE class of values that a column cannot hold; its errors quote them."""
_NOT_STORABLE = "the database cannot hold this value: broken Unicode or NUL in an id or a name"


@contextmanager
def database_errors() -> Iterator[None]:
    """Translate what a database throws.

    InvalidValue: what was given contradicts the records or cannot be stored.
    StorageUnavailable: everything else; the text says what to mend where that is known.
    Neither text holds a statement or a value.
    """
    try:
        yield
    except (UnicodeEncodeError, DataError) as exc:
        raise InvalidValue(_NOT_STORABLE) from exc
    except IntegrityError as exc:
        raise InvalidValue(f"contradicts what is on record: {_said(exc)}") from exc
    except StatementError as exc:
        if isinstance(exc.orig, AmanError):  # raised by a column's own check
            raise exc.orig from exc
        if _code(exc).startswith(_UNSTORABLE):
            raise InvalidValue(_NOT_STORABLE) from exc
        raise StorageUnavailable(_sentence(exc)) from exc
    except _DATABASES as exc:
        raise StorageUnavailable(_sentence(exc)) from exc


def _sentence(error: Exception) -> str:
    code = _code(error)
    hint = _WHAT_TO_MEND.get(code) or _WHAT_TO_MEND.get("_".join(code.split("_")[:2]), "")
    if isinstance(_origin(error), _NO_ANSWER):
        hint = "check that the server runs and that DATABASE_URL is right"
    return f"database: {_said(error)}" + (f"; {hint}" if hint else "")


def _code(error: Exception) -> str:
    origin = _origin(error)
    name = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None)
    return str(name or "")


def _origin(error: BaseException) -> BaseException:
    if isinstance(error, StatementError) and error.orig is not None:
        return _origin(error.orig)
    # The asyncpg dialect wraps the driver's error once more.
    cause = error.__cause__
    return cause if isinstance(cause, _ASYNCPG) else error


def _said(error: Exception) -> str:
    # One line: what follows the first in PostgreSQL's errors may quote a row.
    origin = _origin(error)
    lines = str(origin).splitlines() or [type(origin).__name__]
    return lines[0]
