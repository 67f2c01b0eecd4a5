"""Every version of every community's policy, on record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, ScalarSelect, bindparam, func, insert, select

from bot.codec import read_policy, write_policy
from bot.domain.errors import NotFound, UnreadablePayload
from bot.domain.policy import Policy
from bot.domain.unread import unread
from bot.storage.session import Session
from bot.storage.tables import communities, policies
from bot.storage.unreadable import tell


class SqlPolicies:
    """Fits `repositories.Policies`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def current(self, community_id: str) -> Policy:
        """The newest version. Raises NotFound, UnreadablePayload."""
        return _read(await self._newest(community_id))

    async def in_force(self, community_id: str) -> Policy:
        """The newest version, or what stands in for it where it cannot be read. Raises NotFound."""
        return _read_or_stand_in(await self._newest(community_id))

    async def in_force_of(self, community_ids: Collection[str]) -> dict[str, Policy]:
        """What is in force in each community that has a policy, in one question."""
        rows = await self._session.run(_CURRENT, {"community_ids": sorted(community_ids)})
        return {row.community_id: _read_or_stand_in(row) for row in rows}

    async def add(self, community_id: str, policy: Policy, by: str, at: datetime) -> Policy:
        """Record a new version; two made at once get two numbers. Raises NotFound for a
        community that is not on record."""
        held = (
            select(communities.c.id)
            .where(communities.c.id == community_id)
            .with_for_update(key_share=True)
        )
        if (await self._session.run(held)).one_or_none() is None:
            raise NotFound(f"community {community_id}")
        newest = (await self._session.run(select(_newest(community_id)))).scalar_one()
        versioned = replace(policy, version=(newest or 0) + 1)
        await self._session.run(
            insert(policies).values(
                community_id=community_id,
                version=versioned.version,
                made_by=by,
                made_at=at,
                policy=write_policy(versioned),
            )
        )
        return versioned

    async def version(self, community_id: str, version: int) -> Policy:
        """Raises NotFound, UnreadablePayload."""
        row = await self._row(community_id, version)
        if row is None:
            raise NotFound(f"community {community_id} has no policy version {version}")
        return _read(row)

    async def history(self, community_id: str) -> list[tuple[Policy, str, datetime]]:
        """Every version, or what stands in for it, with who made it and when, the newest first."""
        wanted = (
            select(policies)
            .where(policies.c.community_id == community_id)
            .order_by(policies.c.version.desc())
        )
        rows = await self._session.run(wanted)
        return [(_read_or_stand_in(row), row.made_by, row.made_at) for row in rows]

    async def _newest(self, community_id: str) -> Row[Any]:
        row = await self._row(community_id, _newest(community_id))
        if row is None:
            raise NotFound(f"community {community_id} has no policy yet")
        return row

    async def _row(self, community_id: str, version: int | ScalarSelect[int]) -> Row[Any] | None:
        wanted = select(policies).where(
            policies.c.community_id == community_id, policies.c.version == version
        )
        return (await self._session.run(wanted)).one_or_none()


_VERSIONS = (
    select(policies.c.community_id, func.max(policies.c.version).label("version"))
    .where(policies.c.community_id.in_(bindparam("community_ids", expanding=True)))
    .group_by(policies.c.community_id)
    .subquery()
)
# Asked for each batch of messages: to build it anew takes longer than to run it.
_CURRENT = select(policies.c.community_id, policies.c.version, policies.c.policy).join(
    _VERSIONS,
    (_VERSIONS.c.community_id == policies.c.community_id)
    & (_VERSIONS.c.version == policies.c.version),
)


def _read(row: Row[Any]) -> Policy:
    try:
        return read_policy(row.policy)
    except UnreadablePayload as exc:
        raise UnreadablePayload(f"policy version {row.version} cannot be read: {exc}") from exc


def _read_or_stand_in(row: Row[Any]) -> Policy:
    try:
        return _read(row)
    except UnreadablePayload as exc:
        named = f"{row.community_id} {row.version}"
        tell("a policy cannot be read: what its community says goes to reviewers", named, exc)
        return unread(row.version)


def _newest(community_id: str) -> ScalarSelect[int]:
    return (
        select(func.max(policies.c.version))
        .where(policies.c.community_id == community_id)
        .scalar_subquery()
    )
