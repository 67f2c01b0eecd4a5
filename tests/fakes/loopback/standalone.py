"""Has a server run in a process of its own, for `remote` to use."""

from __future__ import annotations

import asyncio
import json
import sys

from aiohttp import web

from .control import Control


async def offer(root: str, control: Control) -> None:
    """Print one line of JSON, the server's `root` and the address of its `control`, and serve
    until standard input ends."""
    runner = web.AppRunner(control.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    sys.stdout.write(json.dumps({"root": root, "control": address}) + "\n")
    sys.stdout.flush()
    await _input_ends()
    await runner.cleanup()


async def _input_ends() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass
