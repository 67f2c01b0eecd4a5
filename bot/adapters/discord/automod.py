"""Discord's own AutoMod met a message: what it says of it is a signal."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from discord import AutoModAction

from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import PLATFORM, Refused
from bot.adapters.discord.reporting import as_known, fetched
from bot.adapters.discord.translate import NICK, blocked_in, is_said, names_in
from bot.domain import messages as core
from bot.domain.cases import Status
from bot.domain.memory import Revisions
from bot.domain.messages import Part, PartKind, Place
from bot.domain.ports import Clockwork, Desk
from bot.domain.repositories import Store
from bot.domain.signals import Flagged

NAME = "AutoMod"


class AutoMod:
    """Passes on what AutoMod did. All methods raise StorageUnavailable, FlowUnavailable,
    PlatformError."""

    def __init__(
        self, client: Client, revisions: Revisions, store: Store, now: Clockwork, desk: Desk
    ) -> None:
        self._client = client
        self._revisions = revisions
        self._store = store
        self._now = now
        self._desk = desk
        self._rules: dict[int, str] = {}

    async def blocked(self, execution: AutoModAction) -> None:
        """A message that was never posted. It has no id, and is nowhere else to be seen; several
        actions on it are told one by one, and are one signal."""
        said = await self._undecided(self._as_told(execution))
        await self._desk.flag(said, Flagged(NAME, await self._rule(execution), blocked=True))

    async def named(self, execution: AutoModAction) -> None:
        """What somebody calls themselves: it stands, though AutoMod may let them say nothing."""
        said = self._name_as_told(execution)
        said = replace(said, revision=await self._revisions.revision_of(said))
        await self._desk.flag(said, Flagged(NAME, await self._rule(execution)))

    def _name_as_told(self, execution: AutoModAction) -> core.Message:
        told, member = self._as_told(execution), execution.member
        names = names_in(member, self._now()) if member is not None else None
        if names is not None and told.text in names.text.splitlines():
            return names
        return replace(
            told,
            place=Place(PLATFORM, told.place.group),
            id=f"{NICK}.{execution.user_id}",
            parts=(Part(PartKind.NAME, told.text),),
            blocked=False,
        )

    async def _undecided(self, said: core.Message) -> core.Message:
        """What was blocked, under an id whose case is not decided yet: the same text, tried again
        after a decision, is a matter of its own."""
        place, id_ = said.place, said.id
        async with self._store.reading() as tx:
            community = await tx.communities.by_group(place.platform, place.group)
            if community is None:
                return said
            numbers = count(2)
            while (known := await tx.cases.by_message(community.id, place, said.id)) is not None:
                if known.status is not Status.DECIDED:
                    break
                said = replace(said, id=f"{id_}.{next(numbers)}")
        return said

    async def flagged(self, execution: AutoModAction) -> None:
        """A message that stands, and of which moderators were alerted. By the time that this is
        told, its author may have deleted it, or we may have hidden it."""
        where, id_ = execution.channel_id, execution.message_id
        if where is None or id_ is None:
            return
        try:
            message = await fetched(self._client, execution.guild_id, where, id_)
        except Refused:
            said = None
        else:
            if not is_said(message):
                return
            said = await as_known(message, self._revisions, self._now())
        if said is None:
            said = replace(self._as_told(execution), id=str(id_), blocked=False)
        await self._desk.flag(said, Flagged(NAME, await self._rule(execution)))

    def _as_told(self, execution: AutoModAction) -> core.Message:
        return blocked_in(
            execution.member,
            execution.user_id,
            execution.guild,
            execution.channel_id,
            execution.content or execution.matched_content or "",
            self._now(),
        )

    async def _rule(self, execution: AutoModAction) -> str:
        """The name of the rule that was broken."""
        rule = execution.rule_id
        if rule not in self._rules:
            call = self._client.http.get_auto_moderation_rule(execution.guild_id, rule)
            try:
                self._rules[rule] = (await self._client.read(call))["name"]
            except Refused:
                return execution.rule_trigger_type.name.replace("_", " ")
        return self._rules[rule]
