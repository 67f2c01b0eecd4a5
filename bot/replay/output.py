"""A file that a replay writes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.domain.errors import InvalidValue

Write = Callable[[bytes], object]


@contextmanager
def output_file(path: Path) -> Iterator[Write]:
    """Open a file; what this yields writes to it.

    It gets its name when all is in it: until then, and when something fails, what bore the name
    before stays. A pipe or a device is written to as it is.
    Raises InvalidValue when it cannot be written.
    """
    if path.exists() and not path.is_file():
        with _opened(path, path) as write:
            yield write
        return
    place = Path(os.path.realpath(path))  # a link stays one
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with _opened(path, part) as write:
            yield write
        with _explained(path):
            if place.exists():
                shutil.copymode(place, part)
            part.replace(place)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path, part: Path) -> Iterator[Write]:
    with _explained(path):
        file = part.open("wb")

    def write(content: bytes) -> None:
        with _explained(path):
            file.write(content)

    try:
        yield write
    finally:
        with _explained(path):
            file.close()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise InvalidValue(f"{path}: cannot be written: {exc.strerror}") from exc
