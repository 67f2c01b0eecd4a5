"""What commands that look into the database share. Its library takes a while to import."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from bot.commands.console import settings_and_logs
from bot.domain.communities import Community
from bot.domain.errors import NotFound
from bot.domain.ports import Transaction
from bot.storage import SqlStore, upgrade


@asynccontextmanager
async def storage() -> AsyncIterator[SqlStore]:
    """The database of the settings, brought to this release's form."""
    settings = settings_and_logs("WARNING")
    settings.make_data_dir()
    await upgrade(settings.database)
    store = await SqlStore.open(settings.database)
    try:
        yield store
    finally:
        await store.close()


@contextmanager
def called(name: str) -> Iterator[None]:
    """Has what is not there called as it was asked for, not by an id of ours."""
    try:
        yield
    except NotFound as exc:
        raise NotFound(name) from exc


async def chosen(tx: Transaction, name: str | None) -> list[Community]:
    """The community of this name, or all of them. Raises NotFound."""
    return [await tx.communities.by_name(name)] if name else await tx.communities.all()
