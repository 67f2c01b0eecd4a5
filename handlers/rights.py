"""Who may do what now: asked of the platform every time, since it may have changed just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.communities import Community
from bot.domain.errors import PlatformError
from bot.domain.messages import Person, Place
from bot.domain.ports import Adapter


class Rights:
    """All methods raise PlatformError: it cannot be checked now, and counts as not allowed."""

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        self._adapters = adapters

    async def administers(self, person: Person, group: Place) -> bool:
        """Whether a person is an admin of a group or chat."""
        adapter = self._adapters.get(group.platform)
        if adapter is None or person.platform != group.platform:
            return False
        return await adapter.may_administer(person, group)

    async def administers_any(self, person: Person, groups: Sequence[Place]) -> bool:
        """Whether a person is an admin of one of these groups."""
        unchecked: PlatformError | None = None
        for group in groups:
            try:
                if await self.administers(person, group):
                    return True
            except PlatformError as exc:
                unchecked = exc
        if unchecked is not None:
            raise unchecked
        return False

    async def reviews(self, person: Person, place: Place, community: Community) -> bool:
        """Whether a person may review a community's cases in a place."""
        adapter = self._adapters.get(place.platform)
        if adapter is None or person.platform != place.platform:
            return False
        return place in community.review_channels and await adapter.may_review(person, place)
