"""Runs the server by itself: `python -m tests.fakes.discord`.

Prints one line of JSON, the server's `root` and the address of its `control`, and serves until
standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from aiohttp import web

from .control import Control
from .limits import Limits
from .server import DiscordServer


async def serve(*, strict: bool, limited: bool, port: int) -> None:
    """Serve Discord and the control interface until standard input ends."""
    limits = Limits() if limited else None
    async with DiscordServer(strict=strict, limits=limits, port=port) as server:
        runner = web.AppRunner(Control(server).application(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        control = f"http://127.0.0.1:{runner.addresses[0][1]}"
        sys.stdout.write(json.dumps({"root": server.root, "control": control}) + "\n")
        sys.stdout.flush()
        await _input_ends()
        await runner.cleanup()


async def _input_ends() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.discord", description=__doc__)
    parser.add_argument("--lax", action="store_true", help="ignore what it does not know")
    parser.add_argument("--limited", action="store_true", help="keep Discord's rate limits")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options = parser.parse_args()
    asyncio.run(serve(strict=not options.lax, limited=options.limited, port=options.port))


if __name__ == "__main__":
    main()
