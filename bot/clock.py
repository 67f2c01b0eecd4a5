"""What time it is."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The bot's clock."""
    return datetime.now(UTC)
