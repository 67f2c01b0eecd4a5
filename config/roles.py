"""What one process of the bot does."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What one process does. A platform's role bears the platform's name."""

    ALL = "all"
    """Everything in one process."""

    TELEGRAM = "telegram"
    DISCORD = "discord"

    WORKER = "worker"
    """Judge what is in intake; run as many of them as are needed."""

    WEB = "web"
    """Health, metrics and pages."""
