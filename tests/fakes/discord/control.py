"""Lets another process use a server's Python interface over loopback HTTP.

The protocol is that of `tests.fakes.telegram.control`; target 0 is the DiscordServer, 1 its Load.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.fakes.telegram.control import Control as Calls

from .load import Load, LoadReport
from .server import DiscordServer


class Control(Calls):
    """Calls on behalf of another process."""

    def __init__(self, server: DiscordServer) -> None:
        self._targets: list[Any] = [server, Load(server)]
        self._numbers: dict[int, int] = {id(target): n for n, target in enumerate(self._targets)}

    def _encoded(self, value: Any) -> Any:
        if isinstance(value, LoadReport):
            return dataclasses.asdict(value)
        return super()._encoded(value)
