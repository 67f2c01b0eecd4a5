"""Discord as a platform: its gateway in, its REST interface out."""

from bot.adapters.discord.adapter import DiscordAdapter, Memory
from bot.adapters.discord.health import diagnose

__all__ = ["DiscordAdapter", "Memory", "diagnose"]
