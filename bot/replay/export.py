"""An exported history, whatever its form, as one stream of entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.errors import MalformedExport
from bot.replay.entries import Aside, Entry, Fault
from bot.replay.formats import Format, recognise_piece
from bot.replay.source import Source


@dataclass(slots=True)
class Export:
    """An export that can be read.

    format: of its first file that has a known one; others may differ, each is recognised.
    formats: the names of those that were read, in their order, as far as was read.
    unreadable: characters that were no text and became U+FFFD, as far as was read.
    """

    source: Source
    format: Format
    formats: list[str] = field(default_factory=list, init=False)
    unreadable: int = field(default=0, init=False)

    @property
    def name(self) -> str:
        """What the file or the folder is called."""
        return self.source.path.name or self.source.path.resolve().name  # "." has none

    def entries(self) -> Iterator[Entry]:
        """Everything in it, from its start. A file that breaks off gives a Fault and ends there."""
        self.formats, self.unreadable = [], 0
        try:
            for piece in self.source:
                try:
                    format_ = recognise_piece(piece)
                except MalformedExport as exc:
                    yield Fault(exc) if piece.broken else Aside("file in no known format", exc)
                    continue
                if format_.name not in self.formats:
                    self.formats.append(format_.name)
                try:
                    yield from format_.read(piece)
                except MalformedExport as exc:
                    yield Fault(exc)
                self.unreadable += piece.unreadable
        except MalformedExport as exc:
            yield Fault(exc)


def open_export(path: Path) -> Export:
    """Recognise an export: a file, a folder of partitions, or either in a .tar, .gz or both.

    Raises MalformedExport, saying what to do, when nothing in it has a known format.
    """
    return Export(Source(path), recognise(path))


def recognise(path: Path) -> Format:
    """The format of the first file in an export that has a known one, by content.

    Raises MalformedExport when there is none; it then speaks of the first file.
    """
    first: MalformedExport | None = None
    for piece in Source(path):
        try:
            return recognise_piece(piece)
        except MalformedExport as exc:
            first = first or exc
    raise first or MalformedExport(f"{path}: no file in it could be an export")
