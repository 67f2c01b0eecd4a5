"""A community is made, or bound to a group or a review channel."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import structlog

from bot.domain.audit import Fact
from bot.domain.communities import Community
from bot.domain.errors import InvalidValue
from bot.domain.messages import Place
from bot.domain.policy import Policy
from bot.domain.ports import Clockwork
from bot.domain.repositories import Transaction
from handlers.rules import change_policy

log = structlog.get_logger(__name__)


async def create_community(
    tx: Transaction, name: str, policy: Policy, by: str, now: Clockwork
) -> Community:
    """Make a community with its first policy. Raises InvalidValue when the name is taken."""
    at = now()
    community = Community(uuid.uuid4().hex, name, at)
    await tx.communities.add(community)
    await tx.audit.append(community.id, at, Fact("community.created", by, details={"name": name}))
    await change_policy(tx, community, policy, by, now)
    log.info("community created", community=community.id)
    return community


async def bind_community(
    tx: Transaction,
    community: Community,
    by: str,
    now: Clockwork,
    *,
    groups: Sequence[Place] = (),
    reviews: Sequence[Place] = (),
) -> Community:
    """Bind groups and review channels; what is bound already stays as it is.

    Raises InvalidValue when another community has one of the places, or when a place would be
    moderated and reviewed in at once.
    """
    for group in groups:
        await tx.communities.bind(community.id, group=group)
    for review in reviews:
        await tx.communities.bind(community.id, review=review)
    for place in (*groups, *reviews):
        # A channel of a moderated group may be where its reviewers act; the group itself may not.
        moderated = not place.channel and await tx.communities.by_group(place.platform, place.group)
        if moderated and await tx.communities.by_review(place):
            raise InvalidValue(
                f"{place} cannot be a group and a review channel, whose cards its members would "
                "read; choose another place for one of them"
            )
    for role, places in (("group", groups), ("review", reviews)):
        for place in places:
            fact = Fact("community.bound", by, details={"role": role, "place": str(place)})
            await tx.audit.append(community.id, now(), fact)
    return await tx.communities.get(community.id)


async def unbind_group(
    tx: Transaction, community: Community, group: Place, by: str, now: Clockwork
) -> None:
    """Let a group go that was bound by mistake: nothing that is said there is judged any more.

    Raises InvalidValue where it is not bound, or has cases.
    """
    await tx.communities.unbind_group(community.id, group)
    fact = Fact("community.unbound", by, details={"role": "group", "place": str(group)})
    await tx.audit.append(community.id, now(), fact)
    log.info("group unbound", community=community.id, place=str(group), by=by)


async def unbind_review(
    tx: Transaction, community: Community, review: Place, by: str, now: Clockwork
) -> Community:
    """Let a review channel go: from here on nothing is shown there, and nobody decides there.

    Raises InvalidValue where it is not bound.
    """
    at = now()
    await tx.communities.unbind(community.id, review, at)
    fact = Fact("community.unbound", by, details={"role": "review", "place": str(review)})
    await tx.audit.append(community.id, at, fact)
    log.info("review channel unbound", community=community.id, place=str(review), by=by)
    return await tx.communities.get(community.id)
