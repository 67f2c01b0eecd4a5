"""Telegram as a platform: its updates in, its Bot API out."""

from bot.adapters.telegram.adapter import TelegramAdapter
from bot.adapters.telegram.health import diagnose

__all__ = ["diagnose", "open_platform"]

open_platform = TelegramAdapter
