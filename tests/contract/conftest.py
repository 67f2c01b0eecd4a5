"""One suite, every database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.storage import SqlStore
from tests.fakes.databases import Databases, PostgresDatabases, SqliteFiles, postgres_server


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    with postgres_server() as url:
        yield PostgresDatabases(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    named = {"sqlite": "sqlite_files", "postgresql": "postgres_databases"}
    found: Databases = request.getfixturevalue(named[request.param])
    return found


@pytest.fixture
def database_url(databases: Databases) -> str:
    """A database of this test's own, up to date and empty of rows."""
    return databases.fresh()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(database_url)
    yield opened
    await opened.close()
