"""One large JSON document, record by record."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import ijson
from ijson.common import ObjectBuilder

from bot.replay.formats.surrogates import SurrogateMender
from bot.replay.piece import Piece

Path = tuple[str, ...]
MAX_DEPTH = 64
_CHUNK = 64 * 1024


class Opened:
    """Says that an object that is no record begins."""


OPENED = Opened()


def walk(piece: Piece, records: frozenset[Path]) -> Iterator[tuple[Path, Any]]:
    """What a document holds, as pairs of path and value, in its own order.

    records: the paths whose objects are built and given whole. Elsewhere an object gives
    OPENED, then what is in it; a list gives its items, under the list's own path.
    Raises MalformedExport, after all that stands before the fault.
    """
    path: list[str] = []
    kinds: list[str] = []
    record: ObjectBuilder | None = None
    outer = 0
    for event, value in _events(piece):
        if event == "map_key":
            path[-1] = value
        elif event in ("end_map", "end_array"):
            if kinds.pop() == "start_map":
                path.pop()
        elif record is None:
            here = tuple(path)
            if event == "start_map" and here in records:
                record, outer = ObjectBuilder(), len(kinds)
            elif event != "start_array":
                yield here, OPENED if event == "start_map" else value
                piece.settle()
        if record is not None:
            record.event(event, value)
            if event == "end_map" and len(kinds) == outer:
                yield tuple(path), record.value
                record = None
                piece.settle()
        if event in ("start_map", "start_array"):
            kinds.append(event)
            if event == "start_map":
                path.append("")
            if len(kinds) > MAX_DEPTH:
                raise piece.malformed(f"nested more than {MAX_DEPTH} deep")


def top_level_keys(head: str) -> set[str]:
    """The keys of the object that a document starts with, as far as its start shows them."""
    keys: set[str] = set()
    depth = 0
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    # What was understood up to a fault is what is asked for.
    with suppress(ijson.JSONError, ValueError, ArithmeticError):
        parser.send(head.encode("utf-8"))
    for event, value in events:
        depth += event.startswith("start_") - event.startswith("end_")
        if event == "map_key" and depth == 1:
            keys.add(value)
        if event == "start_array" and depth == 1:
            return set()
    return keys


def _events(piece: Piece) -> Iterator[tuple[str, Any]]:
    # ijson's own paths ("item.item.item…") grow with the square of the depth and its readers
    # drop what precedes a fault in the same chunk, so this takes the plain events as they come.
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    stream = io.BufferedReader(piece, _CHUNK)
    mender = SurrogateMender()
    ended = False
    while not ended:
        chunk = stream.read1(_CHUNK)
        ended = not chunk
        try:
            if mended := mender.rest() if ended else mender.mend(chunk):
                parser.send(mended)
            if ended:
                parser.close()
        except (ijson.JSONError, ValueError, ArithmeticError):
            yield from events
            # The parser's own words quote the file, so they stay out of what is shown.
            why = "the JSON ends too early, the export was cut off" if ended else "broken JSON"
            raise piece.malformed(why) from None
        yield from events
        events.clear()
    piece.unreadable += mender.mended
