"""What commands that look into the database share. Its library takes a while to import."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from bot.commands.console import settings_and_logs
from bot.domain.communities import Community
from bot.domain.errors import NotFound, UnreadablePayload
from bot.domain.policy import Policy
from bot.domain.repositories import Transaction
from bot.domain.unread import MEND
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


@contextmanager
def legible(name: str) -> Iterator[None]:
    """Has what cannot be read called as it was asked for."""
    try:
        yield
    except UnreadablePayload as exc:
        mend = "finish the upgrade, or restore a backup"
        raise UnreadablePayload(f"{name} cannot be read ({exc}); {mend}") from exc


async def policy_of(tx: Transaction, community: Community) -> Policy:
    """The community's newest policy. Raises UnreadablePayload, which says what to mend."""
    try:
        return await tx.policies.current(community.id)
    except UnreadablePayload as exc:
        raise UnreadablePayload(f"{community.name}: {exc}; {MEND}") from exc


async def chosen(tx: Transaction, name: str | None) -> list[Community]:
    """The community of this name, or all of them. Raises NotFound."""
    return [await tx.communities.by_name(name)] if name else await tx.communities.all()
