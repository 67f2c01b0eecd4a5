"""Telegram as a platform: its updates in, its Bot API out."""

from bot.adapters.telegram.adapter import Memory, TelegramAdapter
from bot.adapters.telegram.health import diagnose

__all__ = ["Memory", "TelegramAdapter", "diagnose"]
