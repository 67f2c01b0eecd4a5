"""Runs the server by itself: `python -m tests.fakes.telegram`.

Prints one line of JSON, the server's `root` and the address of its `control`, and serves until
standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio

from tests.fakes.loopback.control import Control
from tests.fakes.loopback.standalone import offer

from .load import Load
from .server import TelegramServer


async def serve(*, strict: bool, port: int) -> None:
    """Serve the Bot API and the control interface until standard input ends."""
    async with TelegramServer(strict=strict, port=port) as server:
        await offer(server.root, Control(server, Load(server)))


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram", description=__doc__)
    parser.add_argument("--lax", action="store_true", help="ignore what it does not know")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options = parser.parse_args()
    asyncio.run(serve(strict=not options.lax, port=options.port))


if __name__ == "__main__":
    main()
