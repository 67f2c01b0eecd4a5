"""An engine in a process of its own, seen from the process that asks it; see `serving`."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from bot.domain.errors import CannotStart
from bot.domain.scores import Label
from bot.scoring import frames
from bot.scoring.host import EngineFault
from bot.scoring.windows import Reading

log = structlog.get_logger(__name__)

GRACE_S = 1.0
"""How long a process may take to end after it has closed its end of the line."""

_ROOT = Path(__file__).resolve().parents[2]
_CUT = (asyncio.IncompleteReadError, OSError, msgspec.DecodeError)
_MEND = {
    signal.SIGKILL: "; was there too little memory?",
    signal.SIGILL: "; this processor lacks what OpenVINO needs: set SCORING_ENGINE=torch",
}

A = TypeVar("A", frames.Readings, frames.Scored)


class EngineProcess:
    """Fits `Host`."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.tokens_a_call = 0
        self.pads = False
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._process = process
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count()
        self._asked: dict[int, asyncio.Future[frames.Answer]] = {}
        self._listening: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @classmethod
    async def start(cls, opening: frames.Open) -> EngineProcess:
        """Start a process and have an engine loaded there.

        Raises CannotStart with what to mend, EngineFault.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await _spawned(theirs)
                started = cls(process, *await asyncio.open_connection(sock=ours))
            except BaseException:
                ours.close()  # which ends what was started
                raise
        try:
            await started._open(opening)
        except BaseException:
            await started.close()
            raise
        return started

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        """See `Host.read`."""
        number = next(self._numbers)
        return (await self._ask(frames.Read(number, texts), frames.Readings)).readings

    async def score(self, windows: Sequence[str]) -> list[Mapping[Label, float]]:
        """See `Host.score`."""
        number = next(self._numbers)
        return (await self._ask(frames.Score(number, windows), frames.Scored)).scores

    async def close(self) -> None:
        """See `Host.close`."""
        if self._process.returncode is None:
            self._process.kill()
        if self._listening is not None:
            await asyncio.wait([self._listening])
        await self._process.wait()
        self._writer.close()

    # ------------------------------------------------------------ the line

    async def _open(self, opening: frames.Open) -> None:
        self._writer.write(frames.framed(opening))
        try:
            while isinstance(said := await self._receive(), frames.Said):
                level = logging.getLevelNamesMapping().get(said.level.upper(), logging.INFO)
                log.log(level, said.event, **said.fields)
        except _CUT as exc:
            raise EngineFault(await self._end()) from exc
        match said:
            case frames.Opened():
                self.tokens_a_call, self.pads = said.tokens_a_call, said.pads
            case frames.Refused(why, True):
                raise CannotStart(why)
            case _:
                raise EngineFault(said.why if isinstance(said, frames.Refused) else "no answer")
        self._listening = asyncio.create_task(self._listen(), name="engine")

    async def _ask(self, request: frames.Read | frames.Score, kind: type[A]) -> A:
        if self.ended.done():
            raise EngineFault(self.ended.result())
        answer: asyncio.Future[frames.Answer] = asyncio.get_running_loop().create_future()
        self._asked[request.number] = answer
        try:
            self._writer.write(frames.framed(request))
            said = await answer
        finally:
            self._asked.pop(request.number, None)
        if isinstance(said, kind):
            return said
        raise EngineFault(said.why if isinstance(said, frames.Fault) else "another answer")

    async def _listen(self) -> None:
        try:
            while True:
                said = await self._receive()
                if isinstance(said, frames.Answer):
                    self._settle(said)
        except _CUT:
            why = await self._end()
            self.ended.set_result(why)
            for number in list(self._asked):
                self._settle(frames.Fault(number, why))

    def _settle(self, said: frames.Answer) -> None:
        answer = self._asked.get(said.number)  # None where nobody waits for it any more
        if answer is not None and not answer.done():
            answer.set_result(said)

    async def _receive(self) -> frames.Reply:
        head = await self._reader.readexactly(frames.HEAD)
        return frames.reply(await self._reader.readexactly(frames.length(head)))

    async def _end(self) -> str:
        try:
            async with asyncio.timeout(GRACE_S):
                code = await self._process.wait()
        except TimeoutError:
            self._process.kill()
            code = await self._process.wait()
        return _ending(code)


async def _spawned(line: socket.socket) -> asyncio.subprocess.Process:
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.scoring.serving", str(line.fileno())),
        pass_fds=[line.fileno()],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


def _ending(code: int) -> str:
    if code >= 0:
        return f"its process ended with status {code}"
    ended_by = signal.Signals(-code)
    return f"its process was ended by {ended_by.name}{_MEND.get(ended_by, '')}"
