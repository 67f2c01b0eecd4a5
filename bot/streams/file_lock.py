"""A lock that the operating system keeps for us."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def locked(path: Path) -> int:
    """Lock a file, made if missing; returns the descriptor that holds the lock.

    The lock belongs to whoever has that descriptor open, children that inherit it included, and
    goes with the last of them, so it can never be left behind by a crash. No child inherits it
    unless told to.

    Raises BlockingIOError when somebody else holds it, OSError when the file cannot be locked.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
