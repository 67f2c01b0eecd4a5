"""Whether the disk has room for what the bot takes in."""

from __future__ import annotations

import shutil
from pathlib import Path

ENOUGH = 16 * 1024 * 1024
"""Bytes. Less than this, an append-only file that is written anew may not fit any more."""


def no_room(folder: Path) -> str | None:
    """What is wrong with the room on the disk that holds a folder; None when there is enough."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as exc:
        return f"the data folder {folder} is gone ({exc.strerror}): put it back"
    if free >= ENOUGH:
        return None
    return (
        f"the disk that holds {folder} is full, {free / 1e6:.1f} MB are free: make room, or "
        "nothing more is taken in"
    )
