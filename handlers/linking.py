"""A review channel is linked to a group, by a one-time code."""

from __future__ import annotations

import structlog

from bot.domain.desk import Answer, Choice, Command, CommandName, refusal, sentence
from bot.domain.errors import InvalidValue
from bot.domain.memory import LinkCode, LinkCodes
from bot.domain.messages import Place
from bot.domain.ports import Clockwork
from bot.domain.repositories import Store
from handlers.community import bind_community
from handlers.rights import Rights

log = structlog.get_logger(__name__)

HOLDS_FOR_S = 900.0


class LinkingHandler:
    """Makes codes in groups, and takes them in the chats where reviewers are to act.

    Whoever uses a code must be an admin of both places at that moment, and the review channel
    must not be public: what was hidden from a group would be shown to everybody. Nobody is known
    on two platforms: a code from another one stands for the admin who had it made.

    A channel with readers of its own within a group needs no code to be that group's.
    """

    def __init__(self, *, store: Store, codes: LinkCodes, rights: Rights, now: Clockwork) -> None:
        self._store = store
        self._codes = codes
        self._rights = rights
        self._now = now

    async def link(self, command: Command) -> Answer:
        """Make a code, or take the one that the command bears. Raises PlatformError where the
        platform does not say what the person may do."""
        if command.argument:
            return await self._take(command)
        if command.private:
            return refusal("link.in_a_group")
        if not await self._rights.administers(command.person, command.place):
            return refusal("command.admins_only")
        group = Place(command.place.platform, command.place.group)
        if command.apart:
            link = LinkCode(group, command.person)
            return refusal("link.public") if command.public else await self._bind(link, command)
        async with self._store.reading() as tx:
            if await tx.communities.by_group(group.platform, group.group) is None:
                return refusal("command.not_moderated")
        code = await self._codes.make(LinkCode(group, command.person), HOLDS_FOR_S)
        return Answer(
            (sentence("link.code", code=code, group=command.title, minutes="15"),),
            ((Choice(sentence("link.choose"), CommandName.START, code, elsewhere=True),),),
            secret=True,
        )

    async def _take(self, command: Command) -> Answer:
        if command.private:
            return refusal("link.not_here")
        # Asked first: where the platform does not say, the code still holds for another try.
        admin = await self._rights.administers(command.person, command.place)
        link = await self._codes.take(command.argument)
        if link is None:
            return refusal("link.unknown_code")
        if why := await self._refused(link, command, admin=admin):
            return refusal(why)
        return await self._bind(link, command)

    async def _refused(self, link: LinkCode, command: Command, *, admin: bool) -> str | None:
        """admin: whether who gives the code is an admin of the place where they give it."""
        if command.public:
            return "link.public"
        here = command.place
        if (link.group.platform, link.group.group) == (here.platform, here.group):
            return None if command.apart else "link.same_group"
        if not admin:
            return "command.admins_only"
        abroad = link.group.platform != here.platform
        if not await self._rights.administers(link.by if abroad else command.person, link.group):
            return "link.not_an_admin_there"
        return None

    async def _bind(self, link: LinkCode, command: Command) -> Answer:
        group, by = link.group, str(command.person)
        async with self._store.transaction() as tx:
            community = await tx.communities.by_group(group.platform, group.group)
            if community is None:
                return refusal("command.not_moderated")
            here = command.place
            moderated = await tx.communities.by_group(here.platform, here.group) is not None
            if moderated and not command.apart:
                return refusal("link.moderated_itself")
            try:
                await bind_community(tx, community, by, self._now, reviews=[here])
            except InvalidValue:
                return refusal("link.taken")
            policy = await tx.policies.in_force(community.id)
        log.info("review channel linked", community=community.id, place=str(here), by=by)
        said = sentence("link.done", community=community.name)
        return Answer((said, sentence(f"mode.{policy.mode}")))
