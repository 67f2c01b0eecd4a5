"""Every database comes to exactly this release's tables, or is left as it was."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.codec import write_evidence
from bot.domain.errors import CannotStart
from bot.storage import SqlStore, migrations, upgrade
from bot.storage.case_rows import written
from bot.storage.engines import database_url as parsed
from bot.storage.engines import writing_engine
from bot.storage.migrations import migrate
from bot.storage.tables import cases, evidence, metadata
from bot.storage.upgrading import revisions
from tests.factories import a_message, an_opened_case
from tests.factories.records import a_community, an_evidence
from tests.fakes.databases import Databases, SqliteFiles


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = writing_engine(parsed(url))
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


async def at_revision(url: str, revision: str) -> None:
    """Bring a database to the form that an earlier release left it in."""

    async with connected(url) as connection:
        await connection.run_sync(migrate, revision)


async def test_migrations_give_exactly_the_tables_that_the_code_expects(
    databases: Databases,
) -> None:
    url = databases.empty()
    await upgrade(url)

    def difference(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with connected(url) as connection:
        assert await connection.run_sync(difference) == []


def test_a_step_stands_in_a_file_of_its_revisions_name() -> None:
    steps = ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
    assert [step.revision for step in steps][::-1] == revisions()


async def test_an_upgrade_keeps_what_is_on_record(databases: Databases) -> None:
    url = databases.empty()
    await at_revision(url, "0001")
    store = await SqlStore.open(url)
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
    await store.close()
    case = replace(an_opened_case(message=a_message(reach=1200)).case, number=1)
    async with connected(url) as connection:
        await connection.execute(insert(cases), _without(written(case), "reach"))
        said = {"case_id": case.id, "evidence": write_evidence(an_evidence())}
        await connection.execute(insert(evidence), said)
    await upgrade(url)
    store = await SqlStore.open(url)
    async with store.reading() as tx:
        assert await tx.communities.all() == [a_community()]
        assert await tx.cases.get(case.id) == replace(case, reach=1)
        assert await tx.cases.evidence(case.id) == an_evidence()
    await store.close()


def _without(row: dict[str, Any], later: str) -> dict[str, Any]:
    """A row as a release wrote it that did not know a column yet."""
    return {name: value for name, value in row.items() if name != later}


async def test_upgrading_again_changes_nothing(databases: Databases) -> None:
    url = databases.fresh()
    await upgrade(url)
    await asyncio.gather(upgrade(url), upgrade(url))


async def test_processes_that_start_together_migrate_in_turn(databases: Databases) -> None:
    url = databases.empty()
    await asyncio.gather(*(upgrade(url) for _ in range(8)))
    store = await SqlStore.open(url)
    async with store.reading() as tx:
        assert await tx.communities.all() == []
    await store.close()


async def test_a_database_of_a_newer_release_is_refused_and_left_alone(
    databases: Databases,
) -> None:
    url = databases.fresh()
    async with connected(url) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CannotStart, match=r"9999.*newer release"):
        await upgrade(url)
    async with connected(url) as connection:
        found = await connection.execute(text("SELECT version_num FROM alembic_version"))
        assert found.scalar_one() == "9999"


async def test_a_database_that_was_never_prepared_is_not_opened(databases: Databases) -> None:
    with pytest.raises(CannotStart, match="audit_heads"):
        await SqlStore.open(databases.empty())


async def test_sqlite_is_copied_before_it_is_changed(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    path = tmp_path / "aman.db"
    await at_revision(f"sqlite:///{path}", "0001")
    store = await SqlStore.open(str(tmp_path))
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
    await store.close()
    await upgrade(str(tmp_path))
    backup = tmp_path / "aman.db.before-0001"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert copy.execute("SELECT name FROM communities").fetchall() == [("gardeners",)]


async def test_a_new_sqlite_database_is_nobody_elses_to_read_and_needs_no_copy(
    tmp_path: Path,
) -> None:
    await upgrade(str(tmp_path / "data"))
    files = sorted((tmp_path / "data").iterdir())
    assert [file.name for file in files] == ["aman.db"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


async def test_a_failed_upgrade_leaves_the_database_as_it_was(databases: Databases) -> None:
    url = databases.empty()
    await at_revision(url, "0001")
    async with connected(url) as connection:
        await connection.execute(text("ALTER TABLE audit_entries RENAME TO elsewhere"))
    with pytest.raises(CannotStart, match="audit_entries"):
        await upgrade(url)
    async with connected(url) as connection:
        found = await connection.execute(text("SELECT version_num FROM alembic_version"))
        assert found.scalar_one() == "0001"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://host/aman", "mysql is not supported"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("postgresql://user@host:port/aman", "cannot be read"),
        ("postgresql://nobody@127.0.0.1:1/aman", "cannot prepare the database"),
        ("sqlite:////proc/nowhere/aman.db", "cannot prepare the database"),
    ],
)
async def test_a_database_that_cannot_be_is_refused_with_what_to_mend(url: str, says: str) -> None:
    with pytest.raises(CannotStart, match=says):
        await upgrade(url)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "aman.db").write_bytes(b"a shopping list, and long enough to be read\n" * 100)
    with pytest.raises(CannotStart, match="no SQLite database"):
        await upgrade(str(tmp_path))
