"""Discord's own AutoMod met a message: what it says of it is a signal."""

from __future__ import annotations

import asyncio

from discord import AutoModAction

from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import Refused
from bot.adapters.discord.reporting import as_posted, fetched
from bot.adapters.discord.translate import blocked_in, is_said, message_in
from bot.domain.memory import Revisions
from bot.domain.ports import Clockwork, Desk
from bot.domain.signals import Flagged

NAME = "AutoMod"
FLAG_AFTER_S = 3.0
"""Discord tells of an alert beside the message itself. The message is judged first: what it is
judged to be may hide it at once, which an alert never does."""


class AutoMod:
    """Passes on what AutoMod did. Both methods raise StorageUnavailable, FlowUnavailable,
    PlatformError."""

    def __init__(self, client: Client, revisions: Revisions, now: Clockwork, desk: Desk) -> None:
        self._client = client
        self._revisions = revisions
        self._now = now
        self._desk = desk
        self._rules: dict[int, str] = {}

    async def blocked(self, execution: AutoModAction) -> None:
        """A message that was never posted. It has no id, and is nowhere else to be seen; several
        actions on it are told one by one, and are one signal."""
        content = execution.content or execution.matched_content or ""
        said = blocked_in(
            execution.member,
            execution.user_id,
            execution.guild,
            execution.channel_id,
            content,
            self._now(),
        )
        await self._desk.flag(said, Flagged(NAME, await self._rule(execution), blocked=True))

    async def flagged(self, execution: AutoModAction) -> None:
        """A message that stands, and of which moderators were alerted."""
        if execution.channel_id is None or execution.message_id is None:
            return
        await asyncio.sleep(FLAG_AFTER_S)
        message = await fetched(
            self._client, execution.guild_id, execution.channel_id, execution.message_id
        )
        if message is None or not is_said(message):
            return  # gone by now, which may be our own doing
        said = await as_posted(message_in(message, self._now()), self._revisions)
        if said is not None:
            await self._desk.flag(said, Flagged(NAME, await self._rule(execution)))

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
