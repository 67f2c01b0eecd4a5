"""The names of consumers: the same at every start, and no two alike."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path

from bot.streams.file_lock import locked


def stable_name(folder: Path, role: str) -> str:
    """This process's consumer name: machine, role, and the lowest number that no other living
    process of that role has in this folder.

    Started again it finds what it left pending under the same name. The number is held by a
    lock for as long as the process lives.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        try:
            locked(folder / f"{role}-{number}.lock")
        except BlockingIOError:
            continue
        return f"{socket.gethostname()}:{role}:{number}"
    raise AssertionError("there is always a next number")
