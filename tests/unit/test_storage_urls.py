"""Where the records are kept, as people name it."""

from __future__ import annotations

import pytest

from bot.domain.errors import CannotStart
from bot.storage.engines import database_url


@pytest.mark.parametrize(
    ("named", "is_url"),
    [
        ("/var/lib/aman", "sqlite:////var/lib/aman/aman.db"),
        ("sqlite:////var/lib/aman.db", "sqlite:////var/lib/aman.db"),
        ("sqlite+aiosqlite:///here.db", "sqlite:///here.db"),
        ("postgres://u:p%40@host/db", "postgresql://u:p%40@host/db"),
        ("postgresql+asyncpg://u@host/db", "postgresql://u@host/db"),
        ("postgresql://u@host/db?sslmode=require", "postgresql://u@host/db?sslmode=require"),
        ("postgresql://u@/db?host=/run/postgres", "postgresql://u@/db?host=%2Frun%2Fpostgres"),
    ],
)
def test_a_database_is_named_by_a_folder_or_a_url(named: str, is_url: str) -> None:
    assert database_url(named).render_as_string(hide_password=False) == is_url


@pytest.mark.parametrize(
    "named", ["mysql://h/db", "sqlite://", "sqlite:///:memory:", "postgres://h:port/db", "://"]
)
def test_a_url_that_cannot_be_is_refused_without_its_password(named: str) -> None:
    with pytest.raises(CannotStart, match="DATABASE_URL") as caught:
        database_url(named.replace("h", "user:secret@h"))
    assert "secret" not in str(caught.value)
