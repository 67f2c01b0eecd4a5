"""One file of an export as clean text, whatever its bytes are like."""

from __future__ import annotations

import codecs
import io
import tarfile
import zlib
from collections.abc import Iterator
from typing import Protocol

from bot.domain.errors import MalformedExport

HEAD = 64 * 1024
LINE_LIMIT = 8 * 1024 * 1024
RECORD_LIMIT = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Bytes(Protocol):
    """Where a piece's bytes come from."""

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes, as soon as there are any; none at the end."""
        ...


class Piece(io.RawIOBase):
    """One file of an export, read once from start to end as UTF-8.

    Bytes that are no text become U+FFFD and are counted in `unreadable`. A record that stays
    unfinished over RECORD_LIMIT bytes is refused, so a file that unpacks without end cannot
    fill the memory: readers call `settle` whenever a record is complete.

    name: as people know the file, without control characters.
    Reading raises MalformedExport.
    """

    def __init__(self, name: str, source: Bytes) -> None:
        super().__init__()
        self.name = "".join(each if each.isprintable() else "\ufffd" for each in name)
        self.unreadable = 0
        self._source = source
        self._decoder: codecs.IncrementalDecoder | None = None
        self._ready = b""
        self._given = 0
        self._unsettled = 0
        self._ended = False
        self._broken: MalformedExport | None = None

    @property
    def broken(self) -> bool:
        """Whether it ends where its bytes could not be read, as far as was read."""
        return self._broken is not None

    def readable(self) -> bool:
        """Always, as `io` asks."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with the next bytes of valid UTF-8; 0 at the end."""
        while not self._ready and not self._ended:
            self._ready = self._more()
        if not self._ready and self._broken is not None:
            raise self._broken
        given = self._ready[: len(buffer)]
        self._ready = self._ready[len(given) :]
        buffer[: len(given)] = given
        self._given += len(given)
        self._unsettled += len(given)
        if self._unsettled > RECORD_LIMIT + _CHUNK:
            raise self.malformed(f"a record of more than {RECORD_LIMIT >> 20} MiB")
        return len(given)

    def settle(self) -> None:
        """Say that a record is complete: the next one starts with its whole allowance."""
        self._unsettled = 0

    def head(self) -> str:
        """The first HEAD bytes, which are read again afterwards."""
        while len(self._ready) < HEAD and not self._ended:
            self._ready += self._more()
        if not self._ready and self._broken is not None:
            raise self._broken
        return self._ready[:HEAD].decode("utf-8", errors="ignore")

    def lines(self) -> Iterator[str | None]:
        """Line by line without its line end; None for a line of more than LINE_LIMIT bytes."""
        stream = io.BufferedReader(self, _CHUNK)
        while line := stream.readline(LINE_LIMIT):
            if len(line) < LINE_LIMIT or line.endswith(b"\n"):
                yield line.decode("utf-8", errors="replace").rstrip("\r\n")
                continue
            while line and not line.endswith(b"\n"):
                self.settle()
                line = stream.readline(_CHUNK)
            yield None

    def malformed(self, why: str, line: int | None = None) -> MalformedExport:
        """The error that says what is wrong with this file, and where."""
        where = f"line {line}" if line is not None else f"near byte {self._given}"
        return MalformedExport(f"{self.name}, {where}: {why}")

    def _more(self) -> bytes:
        chunk = self._bytes()
        if self._decoder is None:
            while len(chunk) < len(codecs.BOM_UTF8) and (more := self._bytes()):
                chunk += more
            encoding, mark = _encoding(chunk)
            chunk = chunk[len(mark) :]
            self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        text = self._decoder.decode(chunk, final=self._ended).replace("\0", "\ufffd")
        self.unreadable += text.count("\ufffd")
        return text.encode("utf-8")

    def _bytes(self) -> bytes:
        # What could be read before the damage is given out first, then the error is raised.
        try:
            chunk = self._source.read1(_CHUNK)
        except (EOFError, zlib.error, tarfile.TarError):
            self._broken = self.malformed("the archive was cut off or is damaged")
        except OSError as exc:
            self._broken = self.malformed(f"cannot be read: {exc.strerror or exc}")
        else:
            self._ended = not chunk
            return chunk
        self._ended = True
        return b""


def _encoding(start: bytes) -> tuple[str, bytes]:
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding, mark
    return "utf-8", b""
