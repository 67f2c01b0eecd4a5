"""The Bot API over HTTP: reads requests, lets faults strike, answers."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.loopback.cutting import cut

from . import published
from .accounts import BotAccount
from .calls import METHODS, Call, Upload
from .errors import METHOD_NOT_FOUND, NOT_FOUND, UNAUTHORIZED, ApiError, bad_request
from .faults import Fault, Faults
from .journal import Request
from .limits import Limiter
from .schema import Reader, Shape
from .world import World

Json = dict[str, Any]
_TOKEN = re.compile(r"[1-9]\d*:[\w-]{6,}$")
_NAMES = {name.lower(): name for name in METHODS}
_SEVERAL = {
    "sendMediaGroup": "media",
    "copyMessages": "message_ids",
    "forwardMessages": "message_ids",
}
_BODY_LIMIT = 60 * 1024 * 1024


class BotApi:
    """Answers requests out of one world.

    `without` names methods that this server does not know, as an older one would not; a value of
    "sendMessage.message_effect_id" is a parameter it does not know.
    """

    def __init__(self, world: World, faults: Faults, limiter: Limiter) -> None:
        self._world = world
        self._faults = faults
        self._limiter = limiter
        self.without: set[str] = set()
        self.crashes: list[BaseException] = []

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_route("*", "/{rest:.*}", _nowhere)
        return app

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A file's content. Faults strike it by the name of "download"."""
        if request.match_info["token"] not in self._world.bots:
            return _refusal(ApiError(*UNAUTHORIZED))
        entry = Request(self._world.clock.now(), "", "download", dict(request.match_info))
        entry.params.pop("token")
        self._world.journal.requests.append(entry)
        fault = self._faults.meeting(entry)
        try:
            self._strike_before(fault, request)
        except ApiError as error:
            entry.code = error.code
            return _refusal(error)
        file = self._world.files.by_path(request.match_info["path"])
        entry.code = 404 if file is None else 200
        await self._strike_after(fault, request, entry)
        if file is None:
            return _refusal(ApiError(*NOT_FOUND))
        return web.Response(body=file.content, content_type="application/octet-stream")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        entry = Request(self._world.clock.now(), "", request.match_info["method"], {})
        self._world.journal.requests.append(entry)
        fault: Fault | None = None
        try:
            bot = self._bot(request.match_info["token"])
            entry.bot = bot.username or str(bot.id)
            entry.method = self._known(request.match_info["method"])
            given, uploads = await _body(request)
            self._note(entry, bot, given)
            fault = self._faults.meeting(entry)
            self._strike_before(fault, request)
            result = await self._carry_out(entry, bot, given, uploads)
            entry.code = 200
            response = web.json_response({"ok": True, "result": result})
        except ApiError as error:
            entry.code, entry.description = error.code, error.description
            response = _refusal(error)
        except ConnectionResetError:  # cut on purpose, or by a client that was killed
            entry.code = 0
            raise
        except Exception as crash:
            self.crashes.append(crash)
            entry.code = 500
            response = _refusal(ApiError(500, f"Internal Server Error: {crash!r}"))
        await self._strike_after(fault, request, entry)
        return response

    def _bot(self, token: str) -> BotAccount:
        bot = self._world.bots.get(token)
        if bot is None:
            raise ApiError(*(UNAUTHORIZED if _TOKEN.match(token) else NOT_FOUND))
        return bot

    def _known(self, method: str) -> str:
        name = _NAMES.get(method.lower())
        if name is None or name in self.without:
            raise ApiError(*METHOD_NOT_FOUND)
        return name

    def _note(self, entry: Request, bot: BotAccount, given: Mapping[str, Any]) -> None:
        """Write down what was asked, before anything can go wrong with it."""
        entry.params = dict(given)
        raw = given.get("chat_id")
        if isinstance(raw, str) and raw.startswith("@"):
            chat = self._world.find_chat(bot, raw)
            entry.chat = chat.id if chat else None
        elif re.fullmatch(r"-?\d+", str(raw)):
            entry.chat = int(str(raw))

    async def _carry_out(
        self, entry: Request, bot: BotAccount, given: Mapping[str, Any], uploads: dict[str, Upload]
    ) -> Any:
        reader = Reader(published.OBJECTS, published.MISSING, strict=self._world.strict)
        params = reader.read(self._shape(entry.method), given, entry.method)
        entry.params, entry.ignored = dict(params), tuple(reader.ignored)
        if entry.method in _SEVERAL:
            entry.weight = len(params[_SEVERAL[entry.method]]) or 1
        is_group = entry.chat is not None and entry.chat < 0
        refusal = self._limiter.refusal(entry, is_group=is_group)
        if refusal is not None:
            raise refusal
        result = METHODS[entry.method](Call(self._world, bot, entry.method, params, uploads))
        return await result if inspect.isawaitable(result) else result

    def _shape(self, method: str) -> Shape:
        shape = published.METHODS[method]
        return {k: v for k, v in shape.items() if f"{method}.{k}" not in self.without}

    def _strike_before(self, fault: Fault | None, request: web.Request) -> None:
        if fault is None:
            return
        if fault.what == "flood":
            raise self._faults.flooded(fault)
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
            entry.code = 0
            entry.description = "connection cut after the request took effect"
            raise cut(request)


def _refusal(error: ApiError) -> web.Response:
    headers = {}
    if "retry_after" in error.parameters:
        headers["Retry-After"] = str(error.parameters["retry_after"])
    return web.json_response(error.json(), status=error.code, headers=headers)


async def _nowhere(_: web.Request) -> web.Response:
    return _refusal(ApiError(*NOT_FOUND))


async def _body(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    """The parameters of a request, wherever they stand, and the files that came along."""
    given: Json = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        try:
            given.update(await request.json())
        except (json.JSONDecodeError, ValueError, TypeError):
            raise bad_request("can't parse request: object expected") from None
        return given, {}
    if request.content_type == "multipart/form-data":
        return await _multipart(request, given)
    given.update(await request.post())
    return given, {}


async def _multipart(request: web.Request, given: Json) -> tuple[Json, dict[str, Upload]]:
    uploads = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad_request("can't parse request: nested multipart")
        if part.filename is None:
            given[part.name] = (await part.read(decode=True)).decode()
            continue
        uploads[part.name] = Upload(part.filename, bytes(await part.read(decode=True)))
    for name in uploads.keys() & {f for shape in published.METHODS.values() for f in shape}:
        given[name] = f"attach://{name}"
    return given, uploads
