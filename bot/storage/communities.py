"""Communities and what they are bound to, on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    select,
    true,
    tuple_,
    update,
)

from bot.domain.audit import GENESIS
from bot.domain.communities import Community
from bot.domain.effects import EffectKind, Result
from bot.domain.errors import InvalidValue, NotFound
from bot.domain.messages import Place
from bot.storage.moving import in_group, is_here, move
from bot.storage.session import Session
from bot.storage.tables import audit_heads, bindings, cards, cases, communities, intents

_GROUP = "group"
_REVIEW = "review"


class SqlCommunities:
    """Fits `repositories.Communities`. A place serves one community: what reviewers see of one must
    not reach another."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, community: Community) -> None:
        """Record a community, with the start of its audit log.

        Raises InvalidValue when its id, its name or one of its places is taken.
        """
        same = (communities.c.id == community.id) | (communities.c.name == community.name)
        if (await self._session.run(select(communities.c.id).where(same))).first():
            raise InvalidValue(f"community {community.name!r}: the name is taken, choose another")
        await self._session.run(
            insert(communities).values(
                id=community.id,
                name=community.name,
                created_at=community.created_at,
                cases_opened=0,
            )
        )
        await self._session.run(
            insert(audit_heads).values(community_id=community.id, sequence=0, hash=GENESIS)
        )
        for group in community.groups:
            await self._bind(community.id, _GROUP, group)
        for channel in community.review_channels:
            await self._bind(community.id, _REVIEW, channel)

    async def get(self, community_id: str) -> Community:
        """Raises NotFound."""
        found = await self._found(_BY_ID, {"community_id": community_id})
        if not found:
            raise NotFound(f"community {community_id}")
        return found[0]

    async def by_name(self, name: str) -> Community:
        """Raises NotFound."""
        found = await self._found(_wanted(communities.c.name == name))
        if not found:
            raise NotFound(f"community {name!r}")
        return found[0]

    async def by_group(self, platform: str, group: str) -> Community | None:
        """The community that moderates a group; None for a group nobody bound."""
        bound = select(bindings.c.community_id).where(_is_at(_GROUP, Place(platform, group)))
        found = await self._found(_wanted(communities.c.id == bound.scalar_subquery()))
        return found[0] if found else None

    async def moderating(self, groups: Collection[Place]) -> list[Community]:
        """The communities that moderate any of these groups, in one question."""
        places = sorted({(group.platform, group.group) for group in groups})
        return await self._found(_MODERATING, {"places": places})

    async def by_review(self, channel: Place) -> Community | None:
        """The community whose reviewers act in a channel; None for any other place."""
        bound = select(bindings.c.community_id).where(_is_at(_REVIEW, channel))
        found = await self._found(_wanted(communities.c.id == bound.scalar_subquery()))
        return found[0] if found else None

    async def rebind(self, old: Place, new: Place) -> Community | None:
        """Let a group or review channel, and every channel in it, go on under another id.

        The community concerned; None when nobody bound the old place. Raises InvalidValue when
        another community has the new one.
        """
        bound = await self._session.run(
            select(bindings.c.community_id).where(in_group(bindings, old))
        )
        community_id = bound.scalars().first()
        if community_id is None:
            return None
        for purpose in (_GROUP, _REVIEW):
            if await self._holder(purpose, new) == community_id:  # bound under both its names
                twice = and_(bindings.c.purpose == purpose, in_group(bindings, old))
                await self._session.run(delete(bindings).where(twice))
            elif await self._holder(purpose, new) is not None:
                raise InvalidValue(f"{new} is bound to another community already")
        await move(self._session, old, new)
        return await self.get(community_id)

    async def bind(
        self, community_id: str, *, group: Place | None = None, review: Place | None = None
    ) -> None:
        """Add a group, a review channel or both; binding the same again changes nothing.

        Raises NotFound for a community that is not on record; InvalidValue when another
        community has the place, or when a group is given with a channel.
        """
        await self.get(community_id)
        if group is not None:
            await self._bind(community_id, _GROUP, group)
        if review is not None:
            await self._bind(community_id, _REVIEW, review)

    async def unbind_group(self, community_id: str, group: Place) -> None:
        """Let a group go of which there is no case: whoever reviewed one may undo it for ever.

        Raises InvalidValue where there is one, or where it is no group of the community's.
        """
        bound = and_(bindings.c.community_id == community_id, _is_at(_GROUP, group))
        gone = await self._session.run(delete(bindings).where(bound))
        if gone.rowcount == 0:
            raise InvalidValue(f"{group} is not bound as a group of this community")
        decided = exists().where(cases.c.community_id == community_id, in_group(cases, group))
        if (await self._session.run(select(decided))).scalar_one():
            raise InvalidValue(
                f"{group} has cases here, whose reviewers could act in it for ever; put the bot "
                "out of it instead"
            )

    async def unbind(self, community_id: str, review: Place, now: datetime) -> None:
        """Let a review channel go: cards that stood in it are forgotten, and those on their way
        there are not posted.

        Raises InvalidValue where it is no review channel of the community's.
        """
        bound = and_(bindings.c.community_id == community_id, _is_at(_REVIEW, review))
        gone = await self._session.run(delete(bindings).where(bound))
        if gone.rowcount == 0:
            raise InvalidValue(f"{review} is not bound as a review channel of this community")
        await self._session.run(delete(cards).where(is_here(cards, review)))
        await self._session.run(
            update(intents)
            .where(
                is_here(intents, review),
                intents.c.kind == EffectKind.CARD.value,
                intents.c.closed_at.is_(None),
            )
            .values(closed_at=now, leased_until=None, result=Result.GONE.value)
        )

    async def all(self) -> list[Community]:
        """Every community, by name."""
        return await self._found(_wanted(true()))

    async def _bind(self, community_id: str, purpose: str, place: Place) -> None:
        if purpose == _GROUP and place.channel:
            raise InvalidValue(f"{place}: a group is bound whole, leave the channel out")
        holder = await self._holder(purpose, place)
        if holder == community_id:
            return
        if holder is not None:
            raise InvalidValue(f"{place} is bound to another community already")
        await self._session.run(
            insert(bindings).values(
                community_id=community_id,
                purpose=purpose,
                platform=place.platform,
                group_id=place.group,
                channel_id=place.channel,
            )
        )

    async def _holder(self, purpose: str, place: Place) -> str | None:
        taken = select(bindings.c.community_id).where(_is_at(purpose, place))
        return (await self._session.run(taken)).scalar_one_or_none()

    async def _found(
        self, wanted: Select[Any], values: Mapping[str, Any] | None = None
    ) -> list[Community]:
        rows = await self._session.run(wanted, values)
        return [_community(list(of_one)) for _, of_one in groupby(rows, lambda row: row.id)]


def _wanted(where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            communities.c.id,
            communities.c.name,
            communities.c.created_at,
            bindings.c.purpose,
            bindings.c.platform,
            bindings.c.group_id,
            bindings.c.channel_id,
        )
        .select_from(communities.outerjoin(bindings))
        .where(where)
        .order_by(communities.c.name, bindings.c.id)
    )


# Asked for each batch of messages and each deed: to build them anew takes longer than to run them.
_BY_ID = _wanted(communities.c.id == bindparam("community_id"))
_MODERATING = _wanted(
    communities.c.id.in_(
        select(bindings.c.community_id).where(
            bindings.c.purpose == _GROUP,
            tuple_(bindings.c.platform, bindings.c.group_id).in_(
                bindparam("places", expanding=True)
            ),
        )
    )
)


def _is_at(purpose: str, place: Place) -> ColumnElement[bool]:
    return and_(bindings.c.purpose == purpose, is_here(bindings, place))


def _community(rows: Sequence[Row[Any]]) -> Community:
    first = rows[0]
    return Community(
        first.id,
        first.name,
        first.created_at,
        groups=_places(rows, _GROUP),
        review_channels=_places(rows, _REVIEW),
    )


def _places(rows: Sequence[Row[Any]], purpose: str) -> tuple[Place, ...]:
    return tuple(
        Place(row.platform, row.group_id, row.channel_id) for row in rows if row.purpose == purpose
    )
