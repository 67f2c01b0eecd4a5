"""Members report messages: by the message's menu, or by its link."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import discord
from discord import Interaction

from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import MISSING_ACCESS, Refused
from bot.adapters.discord.translate import message_in, person_of
from bot.domain import messages as core
from bot.domain.desk import Answer, refusal, sentence
from bot.domain.memory import Revisions
from bot.domain.ports import Clockwork, Desk

_LINK = re.compile(r"(?:.*/channels/(\d+)/(\d+)/)?(\d{15,20})/?\s*$")


class Reports:
    """Finds the message that is meant, and passes the report on. All methods raise
    StorageUnavailable, FlowUnavailable, PlatformError."""

    def __init__(self, client: Client, revisions: Revisions, now: Clockwork, desk: Desk) -> None:
        self._client = client
        self._revisions = revisions
        self._now = now
        self._desk = desk

    async def named(self, interaction: Interaction[Any], message: str, why: str) -> Answer:
        """Report a message that is named by its link or its id."""
        if (found := _LINK.match(message)) is None:
            return refusal("discord.report_which")
        guild, channel, id_ = found.groups()
        if guild is not None and int(guild) != interaction.guild_id:
            return refusal("discord.report_which")
        where = int(channel) if channel else interaction.channel_id
        if where is None or not await self._reads(interaction, where):
            return refusal("report.nothing")
        return await self._reported(interaction, where, int(id_), why)

    async def here(self, interaction: Interaction[Any], message_id: str, why: str) -> Answer:
        """Report a message of the channel where the form was opened."""
        if interaction.channel_id is None or not message_id.isdigit():
            return refusal("discord.report_gone")
        return await self._reported(interaction, interaction.channel_id, int(message_id), why)

    async def _reads(self, interaction: Interaction[Any], channel: int) -> bool:
        """Whether the person can read a channel of the server: of others they must not even learn
        that a message is there."""
        user = interaction.user
        try:
            where = await self._client.channel(channel)
        except Refused:
            return False
        if not isinstance(user, discord.Member) or user.guild != getattr(where, "guild", None):
            return False
        if isinstance(where, discord.Thread) and where.parent is None:
            return False
        may: discord.Permissions = where.permissions_for(user)
        closed = isinstance(where, discord.Thread) and where.is_private()
        if not may.read_messages or not closed or may.manage_threads:
            return may.read_messages
        try:
            await self._client.read(self._client.http.get_thread_member(channel, user.id))
        except Refused:
            return False
        return True

    async def _reported(
        self, interaction: Interaction[Any], channel: int, message: int, why: str
    ) -> Answer:
        try:
            found = await fetched(self._client, interaction.guild_id, channel, message)
        except Refused as refused:
            unseen = refused.code == MISSING_ACCESS
            return refusal("discord.report_unseen" if unseen else "discord.report_gone")
        known = await as_known(found, self._revisions, self._now())
        if known is None:
            return refusal("discord.report_gone")
        reply = await self._desk.report(known, person_of(interaction.user), why)
        return Answer((sentence(reply.text, **dict(reply.fields)),), accepted=reply.accepted)


async def fetched(client: Client, guild: int | None, channel: int, message: int) -> discord.Message:
    """A message as it stands now. Raises Refused where it is gone, or the bot cannot see it;
    PlatformError."""
    target = client.gateway.get_partial_messageable(channel, guild_id=guild)
    return await client.read(target.fetch_message(message))


async def as_known(
    message: discord.Message, revisions: Revisions, now: datetime
) -> core.Message | None:
    """A message under the number by which intake knows it, or will once it has come that far."""
    said = message_in(message, now)
    if said is None or message.edited_at is None:
        return said
    return replace(said, revision=await revisions.revision_of(said))
