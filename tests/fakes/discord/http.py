"""The REST API over HTTP: reads requests, lets faults strike, keeps the limits, answers."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import unquote

import msgspec
from aiohttp import BodyPartReader, web

from tests.fakes.loopback.cutting import Cut, cut

from . import published
from .accounts import Application
from .attachments import File
from .calls import ROUTES, Call, Route
from .errors import ApiError, not_found, unauthorized, wrong
from .faults import Fault, Faults
from .journal import Request
from .limits import Limiter
from .schema import Reader
from .world import World

Json = dict[str, Any]
BASE = "/api/v10"
BODY_LIMIT = 60 * 1024 * 1024
_REASON_LIMIT = 512
_FILE = re.compile(r"files\[(\d+)\]$")


class RestApi:
    """Answers requests out of one world.

    `without` names routes that this server does not know, as one that only resembles Discord would
    not: "GET /guilds/{guild_id}/auto-moderation/rules".
    """

    def __init__(self, world: World, faults: Faults, limiter: Limiter) -> None:
        self._world = world
        self._faults = faults
        self._limiter = limiter
        self.without: set[str] = set()
        self.crashes: list[BaseException] = []

    def register(self, router: web.UrlDispatcher) -> None:
        """Add the routes, those with fewer parameters first."""
        for route in sorted(ROUTES, key=lambda route: route.path.count("{")):
            router.add_route(route.method, BASE + route.path, self._answering(route))
        router.add_get("/attachments/{channel_id}/{attachment_id}/{name}", self._download)
        router.add_route("*", "/{rest:.*}", self._nowhere)

    def _answering(self, route: Route) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(route, request)

        return answer

    async def _nowhere(self, request: web.Request) -> web.StreamResponse:
        entry = Request(self._world.now(), "", request.method, request.path.removeprefix(BASE))
        self._world.journal.requests.append(entry)
        entry.status = 404
        return _refusal(not_found(), {})

    async def _download(self, request: web.Request) -> web.Response:
        number, expires = request.match_info["attachment_id"], request.query.get("ex", "0")
        file = self._world.files.find(int(number), expires)
        if file is None:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=file.file.content, content_type="application/octet-stream")

    async def _answer(self, route: Route, request: web.Request) -> web.StreamResponse:
        entry = Request(self._world.now(), "", route.method, route.path)
        self._world.journal.requests.append(entry)
        entry.params = {name: _number(value) for name, value in request.match_info.items()}
        fault: Fault | None = None
        try:
            bot = self._bot(request)
            entry.bot = bot.username if bot else ""
            if self._limiter.shuts_out(entry):
                return _shut_out(entry)
            if f"{route.method} {route.path}" in self.without:
                raise not_found()
            given, files = await _body(request)
            self._note(entry, request, given, files)
            fault = self._faults.meeting(entry)
            self._strike_before(fault, request, entry)
            if bot is None and route.needs_bot:
                raise unauthorized()
            response = self._carry_out(route, entry, bot, given, files, dict(request.query))
        except ApiError as error:
            entry.status, entry.code, entry.description = error.status, error.code, error.message
            response = _refusal(error, self._limiter.headers(entry, self._world.now()))
        except Cut:
            entry.status = 0
            raise
        except Exception as crash:
            self.crashes.append(crash)
            entry.status = 500
            response = _refusal(ApiError(500, 0, f"Internal Server Error: {crash!r}"), {})
        self._limiter.note(entry)
        await self._strike_after(fault, request, entry)
        return response

    def _bot(self, request: web.Request) -> Application | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        kind, _, token = header.partition(" ")
        bot = self._world.bots.get(token) if kind == "Bot" else None
        if bot is None:
            raise unauthorized()
        return bot

    def _note(
        self, entry: Request, request: web.Request, given: Any, files: dict[int, File]
    ) -> None:
        """Write down what was asked, before anything can go wrong with it."""
        entry.query, entry.body = dict(request.query), given
        entry.files = tuple(file.name for file in files.values())
        reason = request.headers.get("X-Audit-Log-Reason")
        if reason is not None:
            entry.reason = unquote(reason)
            if len(entry.reason) > _REASON_LIMIT:
                raise wrong("reason", "BASE_TYPE_MAX_LENGTH", "Must be 512 or fewer in length.")

    def _carry_out(
        self,
        route: Route,
        entry: Request,
        bot: Application | None,
        given: Any,
        files: dict[int, File],
        query: Json,
    ) -> web.Response:
        refusal = self._limiter.refusal(entry, counts_overall=route.counts_overall)
        if refusal is not None:
            raise refusal
        reader = Reader(published.OBJECTS, strict=self._world.strict)
        call = Call(
            self._world,
            bot,
            entry.params,
            reader.read(route.query, query),
            reader.read(route.body, given if given is not None or route.body[0] == "[" else {}),
            files,
            entry.reason,
        )
        entry.ignored = tuple(reader.ignored)
        result = route.function(call)
        entry.status = 204 if result is None else route.status
        headers = self._limiter.headers(entry, self._world.now())
        return _json(result, entry.status, headers)

    def _strike_before(self, fault: Fault | None, request: web.Request, entry: Request) -> None:
        if fault is None:
            return
        if fault.what == "flood":
            raise self._faults.flooded(fault, entry)
        if fault.error is not None:
            raise fault.error
        if fault.what == "cut before":
            raise cut(request)

    async def _strike_after(
        self, fault: Fault | None, request: web.Request, entry: Request
    ) -> None:
        if fault is None:
            return
        if fault.what == "slow":
            await asyncio.sleep(fault.seconds)
        if fault.what == "cut after":
            entry.status = 0
            entry.description = "connection cut after the request took effect"
            raise cut(request)


def _json(data: Any, status: int, headers: dict[str, str]) -> web.Response:
    """An answer as clients expect it: the type is given without a charset."""
    headers = {"Via": "1.1 google", **headers}
    if data is None:
        return web.Response(status=status, headers=headers)
    headers["Content-Type"] = "application/json"
    return web.Response(status=status, body=msgspec.json.encode(data), headers=headers)


def _refusal(error: ApiError, headers: dict[str, str]) -> web.Response:
    if "retry_after" in error.more:
        headers = {**headers, "Retry-After": str(int(error.more["retry_after"]) + 1)}
    return _json(error.json(), error.status, headers)


def _shut_out(entry: Request) -> web.Response:
    """What Cloudflare says in Discord's stead: no JSON, and no `Via`."""
    entry.status, entry.description = 429, "shut out for too many invalid requests"
    return web.Response(status=429, text="error code: 1015", headers={"Retry-After": "3600"})


def _number(value: str) -> int | str:
    return int(value) if value.isdecimal() else value


async def _body(request: web.Request) -> tuple[Any, dict[int, File]]:
    """The body of a request, and the files that came along by their number."""
    if request.content_type == "multipart/form-data":
        return await _multipart(request)
    if not request.can_read_body:
        return None, {}
    raw = await request.read()
    if not raw:
        return None, {}
    try:
        return json.loads(raw), {}
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None


async def _multipart(request: web.Request) -> tuple[Any, dict[int, File]]:
    given: Any = {}
    files = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ApiError(400, 50035, "Invalid Form Body")
        if part.name == "payload_json":
            given = json.loads(await part.text())
        elif number := _FILE.match(part.name):
            name = part.filename or ""
            files[int(number[1])] = File(name, bytes(await part.read(decode=True)))
        else:
            raise wrong(part.name, "UNKNOWN_FIELD", "Only payload_json and files[n] are parts")
    return given, files
