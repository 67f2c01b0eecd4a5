"""Discord as a platform: its gateway in, its REST interface out."""

import re

from bot.adapters.discord.adapter import DiscordAdapter
from bot.adapters.discord.health import diagnose
from bot.adapters.platform import Form

__all__ = ["PLACE_IDS", "diagnose", "open_platform"]

open_platform = DiscordAdapter
PLACE_IDS = Form(re.compile(r"[0-9]+"), "a number")
