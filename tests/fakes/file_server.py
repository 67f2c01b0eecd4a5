"""A loopback HTTP server that hands out files, and can be told to do it badly."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """files: content by path. cuts: the connection is cut after so many bytes, once for each.

    ignores_range: answers with the whole file whatever part was asked for.
    fails: answers 503 to so many requests. asked: path and Range header of every GET.
    headers: added to every answer, by path.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    ignores_range: bool = False
    fails: int = 0
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    headers: dict[str, Mapping[str, str]] = field(default_factory=dict)


@contextlib.contextmanager
def file_server() -> Iterator[FileServer]:
    """Serve until left."""
    server = FileServer()

    class Handler(_Handler):
        serves = server

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        server.url = f"http://127.0.0.1:{httpd.server_port}"
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            httpd.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    serves: FileServer

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self.serves.asked.append((self._path, self.headers.get("Range")))
        self._answer()

    @property
    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _answer(self) -> None:
        content = self.serves.files.get(self._path)
        if self.serves.fails:
            self.serves.fails -= 1
            self._head(503, 0)
        elif content is None:
            self._head(404, 0)
        else:
            self._send(content)

    def _send(self, content: bytes) -> None:
        asked = self.headers.get("Range")
        start = 0 if asked is None else int(asked.removeprefix("bytes=").rstrip("-"))
        if asked is None or self.serves.ignores_range:
            start = 0
            self._head(200, len(content))
        elif start >= len(content):
            self._head(416, 0)
            return
        else:
            self._head(206, len(content) - start)
        if self.command == "HEAD":
            return
        cut = self.serves.cuts.pop(0) if self.serves.cuts else None
        self.wfile.write(content[start:] if cut is None else content[start : start + cut])
        self.close_connection = True

    def _head(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in self.serves.headers.get(self._path, {}).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests look at `asked`."""
