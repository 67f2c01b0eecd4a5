"""What the bot asks Discord to be told of, and to be let do."""

from __future__ import annotations

import discord
from discord.utils import oauth_url

from bot.adapters.discord.guilds import NEEDED

SCOPES = ("bot", "applications.commands")


def intents() -> discord.Intents:
    """Every kind of event that the bot needs, by name; no others are sent.

    message_content and members are privileged: they are switched on in the Developer Portal.
    """
    return discord.Intents(
        guilds=True,
        members=True,
        moderation=True,
        messages=True,
        message_content=True,
        auto_moderation_execution=True,
    )


def missing_intents(client: discord.Client) -> list[str]:
    """The privileged intents that the application is not given. Discord has two flags for each:
    one for small bots, one for those that it has verified."""
    flags = client.application_flags
    given = {
        "message_content": flags.gateway_message_content or flags.gateway_message_content_limited,
        "members": flags.gateway_guild_members or flags.gateway_guild_members_limited,
    }
    return [name for name, has in given.items() if not has]


def invitation(application_id: int) -> str:
    """Where an admin adds the bot to a server, with the rights it needs."""
    return oauth_url(application_id, permissions=NEEDED, scopes=SCOPES)
