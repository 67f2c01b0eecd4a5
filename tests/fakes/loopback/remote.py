"""A server in a process of its own, for tests that kill and load the bot."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from .control import REFERENCE

_ROOT = Path(__file__).parents[3]


class RemoteError(Exception):
    """The other process refused; the sentence begins with the kind of error there."""


class Remote:
    """An object in the server's process: the server, a person, a group, a message ..."""

    def __init__(self, session: aiohttp.ClientSession, control: str, target: int) -> None:
        self._session = session
        self._control = control
        self.target = target

    async def do(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method there, or read an attribute: `await lobby.do("says", asha, "hello")`."""
        asked = {
            "target": self.target,
            "name": name,
            "args": [_encoded(value) for value in args],
            "kwargs": {key: _encoded(value) for key, value in kwargs.items()},
        }
        async with self._session.post(f"{self._control}/call", json=asked) as response:
            answer = await response.json()
        if "error" in answer:
            raise RemoteError(f"{answer['error']}: {answer['sentence']}")
        return self._decoded(answer["result"])

    def _decoded(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._decoded(item) for item in value]
        if isinstance(value, dict):
            if REFERENCE in value:
                return Remote(self._session, self._control, value[REFERENCE])
            return {key: self._decoded(item) for key, item in value.items()}
        return value


def _encoded(value: Any) -> Any:
    if isinstance(value, Remote):
        return {REFERENCE: value.target}
    if isinstance(value, list | tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, dict):
        return {key: _encoded(item) for key, item in value.items()}
    return value


class RemoteServer(Remote):
    """The server of the other process. `root` is what the bot's settings name."""

    def __init__(self, session: aiohttp.ClientSession, control: str, root: str) -> None:
        super().__init__(session, control, 0)
        self.root = root
        self.load = Remote(session, control, 1)


_Server = TypeVar("_Server", bound=RemoteServer)


@asynccontextmanager
async def spawned(module: str, *options: str, kind: type[_Server]) -> AsyncIterator[_Server]:
    """Run a module that is a `standalone` server until the block ends; it also ends when this
    process does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *options,
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
        if not line:
            raise RemoteError(f"{module} did not start; its own output says why")
        told = json.loads(line)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
            yield kind(session, told["control"], told["root"])
    finally:
        process.stdin.close()  # its end of the pipe is how it learns to stop
        await process.wait()
