"""Messages over time, in a fixed number of bars however long the history is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from bot.domain.policy import Action
from bot.replay.summary import Bar, Span

KEPT = 2000
SHOWN = 400
_SPANS = tuple(Span)
_SHORT = timedelta(days=3)


class Timeline:
    """Counts by hour; when that makes too many bars, by day, then by week, month and year."""

    def __init__(self) -> None:
        self._span = Span.HOUR
        self._counts: dict[datetime, list[int]] = {}

    def add(self, at: datetime, action: Action) -> None:
        """Count a message that was posted at `at`."""
        found = self._counts.setdefault(_start(at, self._span), [0, 0, 0])
        found[0] += 1
        found[1] += action is Action.REVIEW
        found[2] += action is Action.HIDE
        if len(self._counts) > KEPT and self._span is not Span.YEAR:
            self._coarsen()

    def bars(self) -> tuple[Span, Sequence[Bar]]:
        """One bar a span, also where nothing was said: hours within three days, else longer ones.

        At most SHOWN; only a history of more years than that has bars for its busy years alone.
        """
        while (starts := self._starts()) is None:
            self._coarsen()
        return self._span, [Bar(start, *self._counts.get(start, (0, 0, 0))) for start in starts]

    def _starts(self) -> list[datetime] | None:
        if not self._counts:
            return []
        first, last = min(self._counts), max(self._counts)
        if self._span is Span.HOUR and last - first > _SHORT:
            return None
        starts = list(islice(_spans(first, last, self._span), SHOWN + 1))
        if len(starts) <= SHOWN:
            return starts
        return sorted(self._counts) if self._span is Span.YEAR else None

    def _coarsen(self) -> None:
        self._span = _SPANS[_SPANS.index(self._span) + 1]
        finer, self._counts = self._counts, {}
        for start, counts in finer.items():
            found = self._counts.setdefault(_start(start, self._span), [0, 0, 0])
            for place, count in enumerate(counts):
                found[place] += count


def _start(at: datetime, span: Span) -> datetime:
    if span is Span.HOUR:
        return at.replace(minute=0, second=0, microsecond=0)
    day = datetime(at.year, at.month, at.day, tzinfo=UTC)
    if span is Span.WEEK:
        # the first week of all begins before the calendar does
        return day - timedelta(days=min(day.weekday(), (day - _FIRST).days))
    if span is Span.MONTH:
        return day.replace(day=1)
    return day.replace(month=1, day=1) if span is Span.YEAR else day


def _spans(first: datetime, last: datetime, span: Span) -> Iterator[datetime]:
    at = first
    while at <= last:
        yield at
        try:
            # a little more than the span, and back to where that one starts
            at = _start(at + _LONGEST[span], span)
        except OverflowError:
            return


_LONGEST = {
    Span.HOUR: timedelta(hours=1),
    Span.DAY: timedelta(days=1),
    Span.WEEK: timedelta(weeks=1),
    Span.MONTH: timedelta(days=31),
    Span.YEAR: timedelta(days=366),
}
_FIRST = datetime.min.replace(tzinfo=UTC)
