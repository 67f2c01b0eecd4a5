"""Times as Discord writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(at: float) -> str:
    """A time in seconds since 1970."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")
