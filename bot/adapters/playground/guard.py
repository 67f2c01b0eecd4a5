"""What every request to the playground has to pass, and what every answer bears.

The server stands on the loopback address, where any page in the same browser can reach it.
So a request must name a host that is ours (no rebound name gets through), and one that
changes something must come from our own page: a header that no foreign page can send without
asking first, and an origin that is the host itself.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from bot.adapters.playground.errors import Forbidden, Refused, TooLarge, Unknown, Unusable
from bot.domain.errors import AmanError, InvalidValue, NotFound
from bot.domain.ports import Phrases

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

T = TypeVar("T")

BODY_LIMIT = 2 * 1024 * 1024
PAGE_HEADER = "X-Aman-Playground"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_STATUS = {Unusable: 400, Forbidden: 403, Unknown: 404, TooLarge: 413, Refused: 400}


class Guard:
    """Wraps handlers.

    hosts: names or URLs, besides localhost and addresses, under which the server is reached.
    """

    def __init__(self, hosts: Collection[str], phrases: Phrases) -> None:
        self._hosts = {"localhost", *map(_name, hosts)}
        self._phrases = phrases

    def around(self, handler: Handler) -> Handler:
        """The handler behind all checks; its errors answered as JSON with a sentence."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            refusal = self._refusal(request)
            response = refusal or await self._answer(handler, request)
            if not response.prepared:
                response.headers.update(HEADERS)
            return response

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        if not self._is_ours(request.host):
            return self._error(403, "playground.foreign_host", host=request.host[:80])
        if request.method in ("GET", "HEAD"):
            return None
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
            return self._error(403, "playground.foreign_origin")
        if PAGE_HEADER not in request.headers:
            return self._error(403, "playground.header_missing", header=PAGE_HEADER)
        return None

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        return name in self._hosts or _is_address(name)

    async def _answer(self, handler: Handler, request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as exc:
            return self._error(_status(exc), exc.key, **exc.fields)
        except InvalidValue as exc:
            return _sentence(400, str(exc))
        except NotFound as exc:
            return _sentence(409, str(exc))
        except AmanError:
            return self._error(503, "playground.unavailable")

    def _error(self, status: int, key: str, **fields: str) -> web.Response:
        return _sentence(status, self._phrases.say(key, **fields))


def _status(error: Refused) -> int:
    return next(status for kind, status in _STATUS.items() if isinstance(error, kind))


async def body(request: web.Request, form: type[T]) -> T:
    """What the request says, as `form`. Raises Unusable, TooLarge."""
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > BODY_LIMIT:
            raise TooLarge("playground.too_large", limit=str(BODY_LIMIT // (1024 * 1024)))
    try:
        # json, not msgspec: it lets broken Unicode through, as the platforms do.
        said: Any = json.loads(bytes(raw))
        return msgspec.convert(said, form)
    except (ValueError, RecursionError) as exc:
        raise Unusable("playground.not_understood", why=_short(exc)) from exc


def _short(error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        return str(error)
    return "it is not JSON"


def _name(host: str) -> str:
    try:
        return urlsplit(host if "//" in host else f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    # Only a name can be rebound to another machine; an address is what it is.
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _sentence(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
