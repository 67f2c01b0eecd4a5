"""CSV: DiscordChatExporter's of any age, and anybody's own with a text column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from bot.domain.messages import Author, Part, PartKind, Place
from bot.replay.entries import Entry, Post, Skipped
from bot.replay.formats.columns import Columns, columns
from bot.replay.formats.fields import parts, person, post, text
from bot.replay.piece import LINE_LIMIT, Piece
from bot.replay.times import parse_time

_DELIMITERS = ",;\t|"
_DISCORD = {"AuthorID", "Author", "Date", "Content"}
_CHANNEL = re.compile(r"\[(\d{15,20})\]")
_NAME = re.compile(r"[A-Za-z_][\w .-]{0,30}")
Row = dict[str, str]


def recognises(head: str) -> bool:
    """The first row names a text column."""
    return columns(_header(head)[1]) is not None


def recognises_discord(head: str) -> bool:
    """The first row is DiscordChatExporter's."""
    return set(_header(head)[1]) >= _DISCORD


def columns_seen(head: str) -> str:
    """What to say of a first row without a text column; quotes it only if it reads like names."""
    names = [name.strip() for name in _header(head)[1] if name.strip()]
    if len(names) > 1 and all(map(_NAME.fullmatch, names)):
        return f"of its columns ({', '.join(names[:8])}) none is named text"
    return "its first line has no column named text"


def read(piece: Piece) -> Iterator[Entry]:
    """A message a row, known by its own id where the table has a column for it."""
    place = Place("file", piece.name)
    yield from _read(piece, lambda found, row, fallback: _own(place, found, row, fallback))


def read_discord(piece: Piece) -> Iterator[Entry]:
    """A message a row. This format has no ids: a message is known by its file and line."""
    channel = _CHANNEL.search(piece.name)
    place = Place("discord", piece.name, channel[1] if channel else "")
    yield from _read(piece, lambda found, row, fallback: _discord(place, found, row, fallback))


def _own(place: Place, found: Columns, row: Row, fallback_id: str) -> Post:
    author = Author(person(place.platform, row.get(found.author_id), row.get(found.author)))
    # A column without a name at the very start is a row number, as pandas writes it.
    own_id = row.get(found.id) if found.id else row.get("")
    said = parts((PartKind.TEXT, row[found.text]))
    return post(place, text(own_id) or fallback_id, author, said, parse_time(row.get(found.time)))


def _discord(place: Place, found: Columns, row: Row, fallback_id: str) -> Post:
    author = Author(person(place.platform, row["AuthorID"], row["Author"]))
    said = [*parts((PartKind.TEXT, row["Content"])), *_attached(row.get("Attachments", ""))]
    return post(place, fallback_id, author, said, parse_time(row["Date"]))


def _attached(addresses: str) -> Iterator[Part]:
    for address in addresses.split(","):
        try:
            name = PurePosixPath(unquote(urlsplit(address).path)).name
        except ValueError:  # an address that is none
            name = address
        yield from parts((PartKind.FILE_NAME, name))


def _read(piece: Piece, entry: Callable[[Columns, Row, str], Post]) -> Iterator[Entry]:
    delimiter, names = _header(piece.head())
    found = columns(names)
    if found is None:
        raise piece.malformed("the first row names no text column", line=1)
    for number, row in _rows(piece, delimiter):
        where = f"{piece.name}, line {number}"
        if isinstance(row, str):
            yield Skipped(row, where)
        elif number > 1 or row != names:
            if names.index(found.text) < len(row):
                fields = dict(zip(names, [*row, *[""] * len(names)], strict=False))
                yield entry(found, fields, f"{piece.name}:{number}")
            elif row:
                yield Skipped("too few columns", where)


def _rows(piece: Piece, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    # The line on which each row starts, with the row, or with why there is none.
    started = csv.field_size_limit(LINE_LIMIT)
    reader = csv.reader(_lines(piece), delimiter=delimiter, strict=True)
    try:
        while True:
            line = reader.line_num + 1
            try:
                row: list[str] | str = next(reader)
            except csv.Error as exc:
                if "unexpected end of data" in str(exc):
                    why = "a quoted field is never closed, the export was cut off"
                    raise piece.malformed(why, line=line) from exc
                row = "broken CSV"
            except StopIteration:
                return
            piece.settle()
            yield line, row
    finally:
        csv.field_size_limit(started)


def _lines(piece: Piece) -> Iterator[str]:
    for line in piece.lines():
        if line is None:
            raise csv.Error("line too long")
        yield line + "\n"


def _header(head: str) -> tuple[str, list[str]]:
    # The delimiter that splits the first row into a text column and the most others.
    best: tuple[str, list[str]] = (",", [])
    for delimiter in _DELIMITERS:
        try:
            names = next(csv.reader(io.StringIO(head), delimiter=delimiter), [])
        except csv.Error:
            continue
        if len(names) > len(best[1]) and (columns(names) or not columns(best[1])):
            best = delimiter, names
    return best
