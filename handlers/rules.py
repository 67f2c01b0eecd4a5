"""A community's policy is read or changed."""

from __future__ import annotations

import structlog

from bot.domain.audit import Fact
from bot.domain.communities import Community
from bot.domain.errors import NotFound
from bot.domain.messages import Person, Place
from bot.domain.policy import Policy
from bot.domain.ports import Clockwork
from bot.domain.repositories import Store, Transaction

log = structlog.get_logger(__name__)


class RulesHandler:
    """Fits `ports.Rules`: every change is a new version, on record with who made it."""

    def __init__(self, *, store: Store, now: Clockwork) -> None:
        self._store = store
        self._now = now

    async def current(self, group: Place) -> Policy:
        """The policy that judges a group's messages now. Raises NotFound."""
        async with self._store.reading() as tx:
            community = await _community(tx, group)
            return await tx.policies.current(community.id)

    async def change(self, group: Place, policy: Policy, by: Person) -> Policy:
        """Make a policy the group's newest version. Raises NotFound, StorageUnavailable."""
        async with self._store.transaction() as tx:
            community = await _community(tx, group)
            return await change_policy(tx, community, policy, str(by), self._now)


async def change_policy(
    tx: Transaction, community: Community, policy: Policy, by: str, now: Clockwork
) -> Policy:
    """Record a new version and the fact of it; returns it with its version number."""
    at = now()
    saved = await tx.policies.add(community.id, policy, by, at)
    fact = Fact("policy.changed", by, policy_version=saved.version, details={"policy": saved.name})
    await tx.audit.append(community.id, at, fact)
    log.info("policy changed", community=community.id, version=saved.version, by=by)
    return saved


async def _community(tx: Transaction, group: Place) -> Community:
    community = await tx.communities.by_group(group.platform, group.group)
    if community is None:
        raise NotFound(f"community that has bound {group}")
    return community
