"""Bringing a database up to the tables of this release, at start."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import structlog
import tenacity
from sqlalchemy import URL, Connection, inspect, text

from bot.domain.errors import CannotStart, StorageUnavailable
from bot.storage.engines import WAIT_S, database_url, writing_engine
from bot.storage.errors import database_errors

_log = structlog.get_logger(__name__)
_ONE_AT_A_TIME = 0x616D616E
"""PostgreSQL's advisory lock under which processes that start together migrate in turn."""


async def upgrade(where: str) -> None:
    """Bring the database that `where` names (a URL or a folder) up to this release, whole or
    not at all. An existing SQLite database is first copied to `<file>.before-<revision>`.

    Raises CannotStart for a database that a newer release has changed, or that cannot be
    opened; the text says what to mend.
    """
    url = database_url(where)
    try:
        if url.drivername == "sqlite":
            await asyncio.to_thread(_prepare_file, Path(str(url.database)))
        engine = writing_engine(url)
        try:
            with database_errors():
                async with engine.begin() as connection:
                    await connection.run_sync(_upgrade, url)
        finally:
            await engine.dispose()
    except (StorageUnavailable, OSError) as exc:
        raise CannotStart(f"cannot prepare the database: {exc}") from exc


def _upgrade(connection: Connection, url: URL) -> None:
    if url.drivername == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    known, found = revisions(), _found(connection)
    newest = known[-1]
    if found == newest:
        return
    if found is not None:
        if found not in known:
            raise CannotStart(
                f"the database is at revision {found}, which this release does not know: start "
                f"the newer release that wrote it, or restore a backup from before (this one "
                f"reads up to {newest})"
            )
        if url.drivername == "sqlite":
            _back_up(Path(str(url.database)), found)
    # Alembic takes a quarter of a second to import, and hardly any start needs it.
    from bot.storage.migrations import migrate

    migrate(connection)
    _log.info("storage upgraded", found=found, revision=newest)


def revisions() -> list[str]:
    """The revisions that this release knows, the oldest first, by the files of their steps."""
    steps = Path(__file__).parent / "migrations" / "versions"
    return sorted(step.name[1:].partition("_")[0] for step in steps.glob("v*.py"))


def _found(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version"))
    return found.scalar_one_or_none()


def _prepare_file(path: Path) -> None:
    # Evidence is nobody else's to read; SQLite gives its side files the same rights.
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with database_errors():
        _write_ahead(path)


# SQLite does not wait for a lock while it switches, whatever timeout it is given.
@tenacity.retry(
    retry=tenacity.retry_if_exception_message(match="database is locked"),
    wait=tenacity.wait_random(0.01, 0.1),
    stop=tenacity.stop_after_delay(WAIT_S),
    reraise=True,
)
def _write_ahead(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _back_up(path: Path, revision: str) -> None:
    backup = path.with_name(f"{path.name}.before-{revision}")
    unfinished = backup.with_name(f"{backup.name}.unfinished")
    unfinished.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy)
    unfinished.replace(backup)
    _log.info("storage backed up", file=backup.name)
