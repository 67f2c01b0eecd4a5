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
            tell("a record cannot be read and is passed over", row.id, exc)


def tell(what: str, id_: str, why: UnreadablePayload) -> None:
    """Have the log say it of this record, once."""
    if id_ not in _told:
        _told.add(id_)
        _log.error(what, id=id_, why=str(why))
