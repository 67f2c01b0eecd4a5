"""One transaction's connection, as the aggregates use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable, Row, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.errors import database_errors

_AT_ONCE = 500


class Session:
    """Runs statements; whatever the database throws leaves here as an error of ours."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def run(
        self,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Run a statement, once with `values`, or once for each of a sequence of them.

        Values that are given here rather than within the statement spare SQLAlchemy building
        and comparing it anew, which for a wide row takes longer than the database does.
        """
        with database_errors():
            return await self._connection.execute(statement, values)

    async def stream(self, statement: Select[Any]) -> AsyncIterator[Row[Any]]:
        """The rows of a query, in constant memory however many they are."""
        with database_errors():
            wanted = statement.execution_options(yield_per=_AT_ONCE)
            async with self._connection.stream(wanted) as rows:
                async for row in rows:
                    yield row

    def insert(self, table: Table) -> postgresql.Insert:
        """An INSERT that knows ON CONFLICT, in the words of the database at hand."""
        if self._connection.dialect.name == "sqlite":
            # The two dialects offer the same methods without sharing a type.
            return sqlite.insert(table)  # type: ignore[return-value]
        return postgresql.insert(table)
