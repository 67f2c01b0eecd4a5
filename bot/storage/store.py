"""The store: transactions over all that must last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy import false, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.errors import CannotStart, StorageUnavailable
from bot.domain.repositories import (
    Audit,
    Cards,
    Cases,
    Communities,
    Files,
    Outbox,
    Policies,
    Transaction,
)
from bot.storage.audit import SqlAudit
from bot.storage.cards import SqlCards
from bot.storage.cases import SqlCases
from bot.storage.communities import SqlCommunities
from bot.storage.engines import database_url, reading_engine, writing_engine
from bot.storage.errors import database_errors
from bot.storage.files import MOST_TOGETHER, SqlFiles
from bot.storage.outbox import SqlOutbox
from bot.storage.policies import SqlPolicies
from bot.storage.session import Session
from bot.storage.tables import audit_heads


class SqlTransaction:
    """Fits `repositories.Transaction`."""

    def __init__(self, session: Session, most_kept: int) -> None:
        self.communities: Communities = SqlCommunities(session)
        self.policies: Policies = SqlPolicies(session)
        self.cases: Cases = SqlCases(session)
        self.files: Files = SqlFiles(session, most_kept)
        self.cards: Cards = SqlCards(session)
        self.audit: Audit = SqlAudit(session)
        self.outbox: Outbox = SqlOutbox(session)


class SqlStore:
    """Fits `repositories.Store`. Its database must have been brought up to date by
    `migrations.upgrade`.

    most_kept: bytes of all files that are kept with cases.
    """

    def __init__(
        self, writing: AsyncEngine, reading: AsyncEngine, most_kept: int = MOST_TOGETHER
    ) -> None:
        self._writing = writing
        self._reading = reading
        self._most_kept = most_kept

    @classmethod
    async def open(cls, where: str, most_kept: int = MOST_TOGETHER) -> SqlStore:
        """The store at a URL (sqlite, postgres or postgresql) or in a folder, where SQLite keeps
        it.

        Raises CannotStart for a URL that cannot be, or a database that takes no records.
        """
        url = database_url(where)
        writing = writing_engine(url)
        store = cls(writing, reading_engine(url, writing), most_kept)
        if problems := await store.problems():
            await store.close()
            raise CannotStart(problems[0])
        return store

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Begin; commits when left normally, takes everything back when left by an exception.

        On SQLite never begin one inside another: the inner would wait for the outer.
        Raises StorageUnavailable.
        """
        async with _session(self._writing) as session:
            yield SqlTransaction(session, self._most_kept)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Begin for reading only, from one unchanging view; a write fails with
        StorageUnavailable."""
        async with _session(self._reading) as session:
            yield SqlTransaction(session, self._most_kept)

    async def problems(self) -> list[str]:
        """What keeps the database from taking records, a sentence each; none when all is well."""
        try:
            async with _session(self._writing) as session:
                await session.run(update(audit_heads).where(false()).values(sequence=0))
        except StorageUnavailable as exc:
            return [str(exc)]
        return []

    async def close(self) -> None:
        """Let go of every connection."""
        await self._reading.dispose()
        await self._writing.dispose()


@asynccontextmanager
async def _session(engine: AsyncEngine) -> AsyncIterator[Session]:
    async with AsyncExitStack() as stack:
        with database_errors():
            connection = await stack.enter_async_context(engine.connect())
            await connection.begin()
        yield Session(connection)
        # Left by an exception this is not reached: closing the connection takes all back.
        with database_errors():
            await connection.commit()
