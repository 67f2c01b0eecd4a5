"""Telegram as a platform: its updates in, its Bot API out."""

import re

from bot.adapters.platform import Form
from bot.adapters.telegram.adapter import TelegramAdapter
from bot.adapters.telegram.health import diagnose

__all__ = ["PLACE_IDS", "diagnose", "open_platform"]

open_platform = TelegramAdapter
PLACE_IDS = Form(re.compile(r"-?[0-9]+"), "a number")
