"""Lets another process use a server's Python interface over loopback HTTP.

One endpoint, `POST /call`: `{"target": number, "name": "says", "args": [...], "kwargs": {...}}`.
Target 0 is the server, 1 its Load; whatever else is returned becomes a target of its own.
A dotted name goes through attributes; a name that is no method is read. Names with an underscore
are refused. The answer is `{"result": ...}`, or `{"error": type, "sentence": ...}`.
"""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from aiohttp import web

Json = dict[str, Any]
REFERENCE = "$target"


class Report:
    """A dataclass that goes to the other process whole, not as a target."""


class Control:
    """Calls on behalf of another process."""

    def __init__(self, server: object, load: object) -> None:
        self._targets: list[Any] = [server, load]
        self._numbers: dict[int, int] = {id(target): n for n, target in enumerate(self._targets)}

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application()
        app.router.add_post("/call", self._call)
        return app

    async def _call(self, request: web.Request) -> web.Response:
        asked = await request.json()
        try:
            result = await self._do(asked)
        except Exception as error:
            return web.json_response({"error": type(error).__name__, "sentence": str(error)})
        return web.json_response({"result": result})

    async def _do(self, asked: Json) -> Any:
        found: Any = self._targets[asked["target"]]
        for name in asked["name"].split("."):
            if name.startswith("_"):
                raise ValueError(f"control: {name} is private")
            found = getattr(found, name)
        if callable(found):
            args = [self._decoded(value) for value in asked.get("args", [])]
            kwargs = {k: self._decoded(v) for k, v in asked.get("kwargs", {}).items()}
            found = found(*args, **kwargs)
        if inspect.isawaitable(found):
            found = await found
        return self._encoded(found)

    def _decoded(self, value: Any) -> Any:
        if isinstance(value, dict):
            if REFERENCE in value:
                return self._targets[value[REFERENCE]]
            return {key: self._decoded(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._decoded(item) for item in value]
        return value

    def _encoded(self, value: Any) -> Any:
        if value is None or isinstance(value, str | int | float | bool):
            return value
        if isinstance(value, list | tuple | set | frozenset):
            return [self._encoded(item) for item in value]
        if isinstance(value, dict):
            return {str(key): self._encoded(item) for key, item in value.items()}
        if isinstance(value, Report) and dataclasses.is_dataclass(value):
            return dataclasses.asdict(value)
        if id(value) not in self._numbers:
            self._numbers[id(value)] = len(self._targets)
            self._targets.append(value)  # kept for good, so that its number stays its own
        return {REFERENCE: self._numbers[id(value)], "type": type(value).__name__}
