"""Discord as a platform: its gateway in, its REST interface out."""

from bot.adapters.discord.adapter import DiscordAdapter
from bot.adapters.discord.health import diagnose

__all__ = ["diagnose", "open_platform"]

open_platform = DiscordAdapter
