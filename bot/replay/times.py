"""Times as exports write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

# Only forms that can be read in one way: 05.06.2018 names its day first everywhere, while
# 05/06/2018 does so in half the world, unless AM or PM says which half.
_FORMS = ("%d-%b-%y %I:%M %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M")
_NUMBER = re.compile(r"-?\d{9,19}(?:\.\d{1,9})?")
_MILLISECONDS = 1e11
_MICROSECONDS = 1e14


def parse_time(value: object) -> datetime | None:
    """The time that a value of an export gives, in UTC; None where it gives none.

    Numbers are seconds since 1970, milliseconds or microseconds by their size. A time without
    a zone is read as UTC, since an export does not say where it was made.
    """
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float | Decimal):
            return _since_1970(float(value))
        if isinstance(value, str):
            return _written(value.strip().replace("\u202f", " "))
    except (ValueError, OverflowError, OSError):
        pass  # a time that cannot be: the message counts all the same, undated
    return None


def _since_1970(number: float) -> datetime:
    if abs(number) >= _MICROSECONDS:
        number /= 1e6
    elif abs(number) >= _MILLISECONDS:
        number /= 1e3
    return datetime.fromtimestamp(number, UTC)


def _written(text: str) -> datetime | None:
    if _NUMBER.fullmatch(text):
        return _since_1970(float(text))
    try:
        return _in_utc(datetime.fromisoformat(text))
    except ValueError:
        pass  # not ISO 8601, so one of the forms below
    for form in _FORMS:
        try:
            return _in_utc(datetime.strptime(text, form))
        except ValueError:
            continue
    return None


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
