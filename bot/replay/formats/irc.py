"""Logs of IRC: `[13:56] <nick> text` a line, among joins and parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.messages import Author, PartKind, Place
from bot.replay.entries import Aside, Entry, Skipped
from bot.replay.formats.fields import TOO_LONG, parts, person, post
from bot.replay.piece import Piece

PLATFORM = "irc"
_STAMP = r"\[?(?:(?P<day>\d{4}-\d\d-\d\d)[ T])?(?P<clock>[0-2]?\d:[0-5]\d(?::[0-5]\d)?)\]?"
_LINE = re.compile(_STAMP + r"\s+(?P<rest>\S.*)")
# <nick> said, * nick acted, -nick:#channel- gave notice: all three are seen by everybody
_SAID = re.compile(
    r"<[@+%&~ ]?(?P<nick>[^>]{1,64})>(?P<text>.*)"
    r"|\*\s+(?P<actor>[^\s*]+)(?P<act>.*)"
    r"|-(?P<noticer>[^\s:-][^\s:]*)(?::[^\s]*)?-\s(?P<notice>.*)"
)
_EVENT = re.compile(r"(?:" + _STAMP + r"\s+)?(?:===|---|-!-|\*\*\*|-->|<--)")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_ENOUGH = 0.8


def recognises(head: str) -> bool:
    """Nearly all lines are a log's, and somebody says something in one of them."""
    lines = [line for line in head.splitlines() if line.strip()]
    said = [bool(_spoken(line)) for line in lines]
    known = [spoke or bool(_EVENT.match(line)) for spoke, line in zip(said, lines, strict=True)]
    return any(said) and sum(known) >= _ENOUGH * len(lines)


def read(piece: Piece) -> Iterator[Entry]:
    """A message a line. The day comes from the line, or from a date in the file's name."""
    place = Place(PLATFORM, piece.name)
    calendar = _Calendar.starting(piece.name)
    for number, line in enumerate(piece.lines(), start=1):
        piece.settle()
        where = f"{piece.name}, line {number}"
        if line is None:
            yield Skipped(TOO_LONG, where)
        elif _EVENT.match(line):
            yield Aside("join, part or other event")
        elif spoken := _spoken(line):
            stamp, nick, said = spoken
            at = calendar.at(stamp["day"], stamp["clock"])
            author = Author(person(PLATFORM, nick, nick))
            message_id = f"{piece.name}:{number}"
            yield post(place, message_id, author, parts((PartKind.TEXT, said)), at)
        elif line.strip():
            yield Skipped("no line of an IRC log", where)


def _spoken(line: str) -> tuple[re.Match[str], str, str] | None:
    stamp = _LINE.match(line)
    said = _SAID.match(stamp["rest"]) if stamp else None
    if stamp is None or said is None:
        return None
    nick = (said["nick"] or said["actor"] or said["noticer"]).strip()
    return stamp, nick, (said["text"] or said["act"] or said["notice"] or "").strip()


@dataclass(slots=True)
class _Calendar:
    """Which day it is: logs bear the clock on every line, and the day at most once."""

    day: date | None
    last: time = time.min

    @classmethod
    def starting(cls, name: str) -> _Calendar:
        found = _DAY.search(name)
        try:
            return cls(date(*map(int, found.groups())) if found else None)
        except ValueError:  # 2024-99-99
            return cls(None)

    def at(self, day: str | None, clock: str) -> datetime | None:
        try:
            now = time.fromisoformat(clock.zfill(len(clock) + (clock[1] == ":")))
            if day:
                self.day = date.fromisoformat(day)
            elif self.day and self.last.hour - now.hour > 12:  # past midnight
                self.day += timedelta(days=1)
        except (ValueError, OverflowError):
            return None
        self.last = now
        return datetime.combine(self.day, now, UTC) if self.day else None
