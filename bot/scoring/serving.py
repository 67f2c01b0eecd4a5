"""The process that runs an engine: `python -m bot.scoring.serving DESCRIPTOR`.

An engine is native code that nobody here wrote: where it crashes, hangs or eats the memory, it must
not take the bot along. Requests come on the socket that the descriptor names and are answered
there; see `frames`. The main thread cuts texts into windows while another one runs the model.
The end of the socket is the end of the process that asks, and ends this one whatever it does.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, NoReturn

import structlog

from bot.domain.errors import CannotStart
from bot.scoring import frames
from bot.scoring.engines import Engine
from bot.scoring.host import EngineFault, attempt
from bot.scoring.loading import load_engine
from bot.scoring.windows import read


class Line:
    """The socket to the process that asks. Any thread may send, one receives."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._sending = threading.Lock()

    def receive(self) -> frames.Request:
        """The next request. Raises EOFError, OSError when nobody is left to ask."""
        return frames.request(self._exactly(frames.length(self._exactly(frames.HEAD))))

    def send(self, reply: frames.Reply) -> None:
        """Answer. Raises OSError when nobody is left to be told."""
        with self._sending:
            self._socket.sendall(frames.framed(reply))

    def log(self, _: object, level: str, event: MutableMapping[str, Any]) -> NoReturn:
        """Fits structlog's processors: the log is written by the process that asks."""
        self.send(frames.Said(level, str(event.pop("event", "")), dict(event)))
        raise structlog.DropEvent

    def _exactly(self, count: int) -> bytes:
        found = bytearray()
        while len(found) < count:
            more = self._socket.recv(count - len(found))
            if not more:
                raise EOFError
            found += more
        return bytes(found)


class Model(threading.Thread):
    """Loads an engine and runs it. Ends the process once it can tell nobody what came of it."""

    engine: Engine

    def __init__(self, line: Line, opening: frames.Open) -> None:
        super().__init__(name="model", daemon=True)
        self._line = line
        self._opening = opening
        self._asked: queue.SimpleQueue[frames.Score] = queue.SimpleQueue()

    def put(self, asked: frames.Score) -> None:
        """Have windows scored, after those that were put in before."""
        self._asked.put(asked)

    def run(self) -> None:
        """Work until the process ends; where there is no engine there is no work."""
        try:
            opened = self._opened()
            self._line.send(opened)
            while isinstance(opened, frames.Opened):
                self._line.send(_scored(self.engine, self._asked.get()))
        except OSError:
            os._exit(0)

    def _opened(self) -> frames.Reply:
        asked = self._opening
        config_path = Path(asked.config_path) if asked.config_path else None
        try:
            self.engine = attempt(
                lambda: load_engine(asked.engine, asked.model, Path(asked.data_dir), config_path)
            )
        except EngineFault as fault:
            return frames.Refused(str(fault), isinstance(fault.__cause__, CannotStart))
        return frames.Opened(self.engine.tokens_a_call, self.engine.pads)


def _scored(engine: Engine, asked: frames.Score) -> frames.Reply:
    try:
        scored = attempt(lambda: engine.score_batch(asked.windows))
    except EngineFault as fault:
        return frames.Fault(asked.number, str(fault))
    return frames.Scored(asked.number, scored)


def _in_windows(engine: Engine, asked: frames.Read) -> frames.Reply:
    try:
        found = attempt(lambda: [read(text, engine.spans, engine.window) for text in asked.texts])
    except EngineFault as fault:
        return frames.Fault(asked.number, str(fault))
    return frames.Readings(asked.number, found)


def serve(line: Line) -> None:
    """Answer until nobody asks any more. Raises EOFError, OSError then."""
    opening = line.receive()
    if not isinstance(opening, frames.Open):
        raise EOFError
    model = Model(line, opening)
    model.start()
    while True:
        match line.receive():
            case frames.Score() as asked:
                model.put(asked)
            case frames.Read() as asked:
                line.send(_in_windows(model.engine, asked))


def main() -> None:
    """Serve on the socket that the command line names."""
    # Ctrl-C, a supervisor's SIGTERM and a terminal's end reach all processes of a group. When to
    # stop is for the one that asks to decide: it still has messages in hand.
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, signal.SIG_IGN)
    line = Line(socket.socket(fileno=int(sys.argv[1])))
    structlog.configure(processors=[line.log])
    try:
        serve(line)
    except (EOFError, OSError):
        os._exit(0)  # at once, also where the model hangs in its thread


if __name__ == "__main__":
    main()
