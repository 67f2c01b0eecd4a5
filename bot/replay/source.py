"""The files of an export: one, a folder of them, or a .tar, each perhaps compressed.

An archive is read as a stream: nothing is unpacked to disk, the names in it are labels and
never paths, and what it unpacks to is held a little at a time.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.domain.errors import MalformedExport
from bot.replay.piece import RECORD_LIMIT, Bytes, Piece

_CHUNK = 64 * 1024
_GZIP = b"\x1f\x8b"
_TAR_MAGIC = slice(257, 262)
# An export has its media beside it. Media is never opened: what a model of text could judge
# stands in these.
_TEXTUAL = {
    "",
    ".csv",
    ".gz",
    ".htm",
    ".html",
    ".json",
    ".jsonl",
    ".log",
    ".ndjson",
    ".tsv",
    ".txt",
}
_PACKED = {".7z", ".bz2", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst"}
"""Beside the partitions of a folder these are read, or named as what cannot be; further down they
are media."""


class Source:
    """Where an export lies. Iterating gives its files in order, each to be read at once.

    total: bytes on disk; read: how many of them have been read.
    Raises MalformedExport for a path that is not there.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise MalformedExport(f"{path}: there is no such file or folder")
        self.path = path
        self._files = _inside(path) if path.is_dir() else [path]
        if not self._files:
            raise MalformedExport(f"{path}: no file in this folder could be an export")
        self.total = sum(file.stat().st_size for file in self._files)
        self.read = 0

    def holds(self, path: Path) -> bool:
        """Whether a file is one of the export's, or stands among them in its folder."""
        if not path.exists():
            return False
        inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.path))
        return inside or any(map(path.samefile, self._files))

    def __iter__(self) -> Iterator[Piece]:
        self.read = 0
        for file in self._files:
            name = str(file.relative_to(self.path)) if self.path.is_dir() else file.name
            try:
                opened = _Counted(file, self)
            except OSError as exc:
                raise MalformedExport(f"{name}: cannot be opened: {exc.strerror}") from exc
            with io.BufferedReader(opened, _CHUNK) as stream:
                yield from _pieces(name, stream)


class _Counted(io.FileIO):
    def __init__(self, path: Path, source: Source) -> None:
        super().__init__(path)
        self._source = source

    def readinto(self, buffer: bytearray | memoryview) -> int | None:  # type: ignore[override]
        count = super().readinto(buffer)
        self._source.read += count or 0
        return count


class _Gunzip(io.RawIOBase):
    """Gzip as a stream that gives out all that stands before damage; the module `gzip` drops it."""

    def __init__(self, packed: Bytes) -> None:
        super().__init__()
        self._packed = packed
        self._member = zlib.decompressobj(wbits=31)
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while True:
            if not self._waiting:
                self._waiting = self._packed.read1(_CHUNK)
                if not self._waiting and not self._member.eof:
                    raise EOFError
            if self._member.eof:
                if not self._waiting.startswith(_GZIP[:1]):  # padding, or the end
                    return 0
                self._member = zlib.decompressobj(wbits=31)
            unpacked = self._member.decompress(self._waiting, len(buffer))
            self._waiting = self._member.unconsumed_tail or self._member.unused_data
            if unpacked:
                buffer[: len(unpacked)] = unpacked
                return len(unpacked)


class _Refilled:
    """A stream that refuses to give more than RECORD_LIMIT bytes in one go.

    `tarfile` reads a header whole, and a header says itself how long it is.
    """

    def __init__(self, stream: io.BufferedReader[Any]) -> None:
        self._stream = stream
        self._left = RECORD_LIMIT

    def refill(self) -> None:
        self._left = RECORD_LIMIT

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise tarfile.ReadError("a header without end")
        return chunk


class _Member(io.RawIOBase):
    def __init__(self, content: Bytes, archive: _Refilled) -> None:
        super().__init__()
        self._content = content
        self._archive = archive

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._archive.refill()
        chunk = self._content.read1(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _pieces(name: str, stream: io.BufferedReader[Any]) -> Iterator[Piece]:
    stream = _unpacked(stream)
    try:
        start = stream.peek(512)
    except (EOFError, zlib.error):
        start = b""
    if start[_TAR_MAGIC] != b"ustar":
        yield Piece(name, stream)
        return
    try:
        yield from _members(stream)
    except (EOFError, zlib.error, tarfile.TarError) as exc:
        raise MalformedExport(f"{name}: the archive was cut off or is damaged") from exc


def _members(stream: io.BufferedReader[Any]) -> Iterator[Piece]:
    refilled = _Refilled(stream)
    with tarfile.open(fileobj=refilled, mode="r|") as archive:  # type: ignore[call-overload]
        while (found := archive.next()) is not None:
            archive.members.clear()  # or a stream of a million files would be a list of them
            plain = found.isreg() and not found.issparse()
            if not plain or (content := archive.extractfile(found)) is None:
                continue
            member = io.BufferedReader(_Member(content, refilled), _CHUNK)
            if Path(found.name).suffix.lower() in _TEXTUAL:
                yield Piece(found.name, _unpacked(member))
            while member.read(_CHUNK):  # what nobody asked for has to pass by all the same
                pass
            refilled.refill()


def _unpacked(stream: io.BufferedReader[Any]) -> io.BufferedReader[Any]:
    if stream.peek(2).startswith(_GZIP):
        return io.BufferedReader(_Gunzip(stream), _CHUNK)
    return stream


def _inside(folder: Path) -> list[Path]:
    found = [
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and _could_be_read(path, folder)
    ]
    return sorted(found, key=lambda path: _natural(str(path.relative_to(folder))))


def _could_be_read(path: Path, folder: Path) -> bool:
    ending = path.suffix.lower()
    return ending in _TEXTUAL or (ending in _PACKED and path.parent == folder)


def _natural(name: str) -> list[tuple[int, str]]:
    # "2.csv" comes before "10.csv"
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)
    ]
