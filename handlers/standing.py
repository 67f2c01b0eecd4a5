"""What the bot may do in a place has changed, or the place itself has."""

from __future__ import annotations

import structlog

from bot.domain.audit import Detail, Fact
from bot.domain.communities import Community
from bot.domain.desk import (
    Answer,
    Choice,
    CommandName,
    Gap,
    Right,
    Sentence,
    Standing,
    Telling,
    sentence,
)
from bot.domain.errors import FlowUnavailable
from bot.domain.messages import Place
from bot.domain.ports import Clockwork
from bot.domain.repositories import Store
from handlers.window import Window

log = structlog.get_logger(__name__)


class StandingHandler:
    """Tells those who can mend it, and puts it on record."""

    def __init__(self, *, store: Store, window: Window, now: Clockwork) -> None:
        self._store = store
        self._window = window
        self._now = now

    async def stand(self, standing: Standing) -> list[Telling]:
        """Fits `ports.Desk`. Raises StorageUnavailable."""
        place = standing.place
        async with self._store.reading() as tx:
            moderating = await tx.communities.by_group(place.platform, place.group)
            reviewing = await tx.communities.by_review(place)
        community = moderating or reviewing
        if community is None:
            return [Telling(place, _greeting())] if standing.present and standing.joined else []
        await self._record(community, standing)
        if standing.present:
            await self._catch_up(community, place)
        if standing.joined and not standing.lacks:
            return []  # nobody has to do anything
        said = _said(standing, review=moderating is None)
        # The review channel hears of a group. Of the channel itself, only the one who did it can
        # be told: nobody else reads what the bot cannot post there.
        if moderating is None:
            return [Telling(standing.by, Answer(said))] if not standing.present else []
        return [Telling(channel, Answer(said)) for channel in community.review_channels] or [
            Telling(standing.by, Answer(said))
        ]

    async def miss(self, gap: Gap) -> list[Telling]:
        """Fits `ports.Desk`. Raises StorageUnavailable."""
        async with self._store.transaction() as tx:
            community = await tx.communities.by_group(gap.place.platform, gap.place.group)
            if community is None:
                return []
            span = {"since": f"{gap.since:%Y-%m-%d %H:%M}", "until": f"{gap.until:%Y-%m-%d %H:%M}"}
            details: dict[str, Detail] = {"place": str(gap.place), **span}
            fact = Fact("messages.missed", "system", details=details)
            await tx.audit.append(community.id, self._now(), fact)
        log.warning("messages missed", community=community.id, **details)
        said = Answer((sentence("standing.missed", group=community.name, **span),))
        return [Telling(channel, said) for channel in community.review_channels]

    async def move(self, old: Place, new: Place) -> None:
        """Fits `ports.Desk`. Raises StorageUnavailable."""
        async with self._store.transaction() as tx:
            community = await tx.communities.rebind(old, new)
            if community is None:
                return
            details = {"from": str(old), "to": str(new)}
            fact = Fact("community.moved", "system", details=details)
            await tx.audit.append(community.id, self._now(), fact)
        log.info("group moved", community=community.id, old=str(old), new=str(new))

    async def _catch_up(self, community: Community, place: Place) -> None:
        """Show what could not be shown while the bot was not there, or might not post."""
        try:
            await self._window.fill(community, mended=place)
        except FlowUnavailable as exc:
            log.warning("window not filled, a sweep will", error=str(exc))

    async def _record(self, community: Community, standing: Standing) -> None:
        lacks = ", ".join(sorted(standing.lacks))
        details: dict[str, Detail] = {
            "place": str(standing.place),
            "present": standing.present,
            "lacks": lacks,
        }
        fact = Fact("standing.changed", str(standing.by), details=details)
        async with self._store.transaction() as tx:
            await tx.audit.append(community.id, self._now(), fact)
        log.info("standing changed", community=community.id, **details)


def _greeting() -> Answer:
    begin = Choice(sentence("greeting.begin"), CommandName.START, "guard")
    return Answer((sentence("greeting.group"), sentence("greeting.which")), ((begin,),))


def _said(standing: Standing, *, review: bool) -> tuple[Sentence, ...]:
    group = standing.title or standing.place.group
    if not standing.present:
        return (sentence("standing.out_of_review" if review else "standing.out", group=group),)
    if not standing.lacks:
        return (sentence("standing.well", group=group),)
    lacking = [sentence(f"standing.lacks_{right}") for right in Right if right in standing.lacks]
    return (sentence("standing.lacking", group=group), *lacking)
