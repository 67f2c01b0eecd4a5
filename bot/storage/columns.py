"""The kinds of columns that the two databases must keep alike."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from bot.domain.errors import InvalidValue
from bot.domain.messages import readable

Sequence = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database counts up by itself; SQLite does so for INTEGER alone."""


class Moment(TypeDecorator[datetime]):
    """A time, given and taken with its zone, kept in UTC to the microsecond.

    Raises InvalidValue for a time without a zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As the database wants it: SQLite keeps no zone, so it is given the UTC wall time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise InvalidValue(f"{value.isoformat()}: a time on record needs its zone")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time in UTC, whatever zone the server speaks in."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Words for people to read, never compared: what cannot be stored of them is replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The words without lone surrogates and NUL."""
        return None if value is None else readable(value)


class Payload(TypeDecorator[bytes]):
    """A value of the core as `bot.codec` wrote it, kept as text so that people can read it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> str | None:
        """The payload's text."""
        return None if value is None else value.decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """The payload's bytes."""
        return None if value is None else str(value).encode()


def new_id() -> str:
    """An id that nobody can guess: 22 ASCII characters, which fits a Telegram button (64) and a
    Discord nonce (25)."""
    return secrets.token_urlsafe(16)
