"""How a person's press, command or form becomes an interaction that a bot hears of."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from .accounts import Application, User
from .channels import Channel
from .errors import CannotHappen
from .interactions import Answer, Interaction
from .messages import Message
from .permissions import in_channel
from .world import World

Json = dict[str, Any]
_STEP = 0.005


def ask(
    world: World,
    bot: Application,
    user: User,
    channel: Channel,
    kind: int,
    data: Json,
    *,
    source: Message | None = None,
    metadata: Json | None = None,
) -> Interaction:
    """Make an interaction and tell the bot."""
    now = world.now()
    interaction = Interaction(
        world.ids.next(),
        kind,
        f"aW50ZXJhY3Rpb246{secrets.token_urlsafe(24)}",
        bot,
        user,
        channel,
        now,
        data,
        channel.guild,
        source,
    )
    interaction.metadata = {
        "id": str(interaction.id),
        "type": kind,
        "user": user.json(),
        "authorizing_integration_owners": _owners(interaction),
        **(metadata or {}),
    }
    world.interactions[interaction.token] = interaction
    world.tell("INTERACTION_CREATE", _payload(interaction, now), guild=channel.guild, only_to=bot)
    return interaction


def _owners(interaction: Interaction) -> Json:
    return {"0": str(interaction.guild.id if interaction.guild else 0)}


def _payload(interaction: Interaction, now: float) -> Json:
    channel, user = interaction.channel, interaction.user
    payload: Json = {
        "id": str(interaction.id),
        "application_id": str(interaction.bot.id),
        "type": interaction.type,
        "data": interaction.data,
        "token": interaction.token,
        "version": 1,
        "channel_id": str(channel.id),
        "channel": channel.json(),
        "locale": user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": _owners(interaction),
        "context": 1 if interaction.guild is None else 0,
        "attachment_size_limit": 10 * 1024 * 1024,
    }
    if interaction.source is not None:
        payload["message"] = interaction.source.json()
    if interaction.guild is None:
        return {**payload, "user": user.json(), "app_permissions": str(1 << 11)}
    guild = interaction.guild
    member, me = guild.members[user.id], guild.members.get(interaction.bot.id)
    held = int(in_channel(channel, member, now))
    return {
        **payload,
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": guild.locale, "features": ["COMMUNITY"]},
        "guild_locale": guild.locale,
        "member": {**member.json(), "permissions": str(held)},
        "app_permissions": str(int(in_channel(channel, me, now)) if me else 0),
    }


async def answered(interaction: Interaction, patience: float) -> Answer | None:
    """Wait up to `patience` real seconds for what the person sees; None if nothing came at all.

    A promise to answer is waited out as well; if that is all that came, the answer says so.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while not interaction.is_settled and loop.time() < end:
        await asyncio.sleep(_STEP)
    return None if interaction.answered_with is None else Answer(interaction)


def require_present(channel: Channel, user: User) -> None:
    """Only members interact in a guild."""
    if channel.guild is not None and user.id not in channel.guild.members:
        raise CannotHappen(f"{user.name} is not in {channel.guild.name}")
