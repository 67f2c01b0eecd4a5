"""Runs the server by itself: `python -m tests.fakes.discord`.

Prints one line of JSON, the server's `root` and the address of its `control`, and serves until
standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio

from tests.fakes.loopback.control import Control
from tests.fakes.loopback.standalone import offer

from .limits import Limits
from .load import Load
from .server import DiscordServer


async def serve(*, strict: bool, limited: bool, port: int) -> None:
    """Serve Discord and the control interface until standard input ends."""
    limits = Limits() if limited else None
    async with DiscordServer(strict=strict, limits=limits, port=port) as server:
        await offer(server.root, Control(server, Load(server)))


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
