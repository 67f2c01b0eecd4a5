"""Rows that this release cannot read: damaged, or written by a newer one beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import structlog
from sqlalchemy import Row

from bot.domain.errors import UnreadablePayload

_log = structlog.get_logger(__name__)
_told: set[str] = set()

T = TypeVar("T")


def readable(rows: Iterable[Row[Any]], read: Callable[[Row[Any]], T]) -> Iterator[T]:
    """What the rows hold. One that cannot be read is passed over, and told once: it must not keep
    all others, of every community, from being looked at."""
    for row in rows:
        try:
            yield read(row)
        except UnreadablePayload as exc:
            if row.id not in _told:
                _told.add(row.id)
                _log.error("a record cannot be read and is passed over", id=row.id, why=str(exc))
