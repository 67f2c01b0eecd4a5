"""The people's side of the playground: the page, and what it asks the world for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path

import msgspec
from aiohttp import web

from bot.adapters.playground import sample
from bot.adapters.playground.adapter import PlaygroundAdapter
from bot.adapters.playground.errors import PLATFORM, Forbidden, Unknown
from bot.adapters.playground.guard import Guard, Handler, body
from bot.adapters.playground.live import Live
from bot.adapters.playground.people import LOBBY, Member, Role
from bot.adapters.playground.rulebook import PolicyForm, changed, shown
from bot.adapters.playground.scoreboard import Scoreboard
from bot.adapters.playground.world import World
from bot.domain.messages import Person
from bot.domain.policy import Policy
from bot.domain.ports import Figures, Phrases, Rules

STATIC = Path(__file__).parent / "static"


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody says. member: the id of who says it."""

    member: str
    text: str


class ByMember(msgspec.Struct, forbid_unknown_fields=True):
    """Who does it. member: their id."""

    member: str


class ButtonPress(msgspec.Struct, forbid_unknown_fields=True):
    """A press of a card's button. person: the id of who presses."""

    button: str
    person: str


class BotRights(msgspec.Struct, forbid_unknown_fields=True):
    """What the bot may do in the lobby. by: the id of the admin who says so."""

    by: str
    delete_messages: bool


class Pages:
    """Mounts the playground on an aiohttp application."""

    def __init__(
        self,
        world: World,
        adapter: PlaygroundAdapter,
        scoreboard: Scoreboard,
        phrases: Phrases,
        *,
        rules: Rules,
        figures: Callable[[], Awaitable[Figures]],
        presets: Sequence[Policy],
        hosts: Collection[str],
    ) -> None:
        self._world = world
        self._adapter = adapter
        self._rules = rules
        self._presets = presets
        self._live = Live(world, scoreboard, rules, figures, presets)
        self._guard = Guard(hosts, phrases)
        self._playing: asyncio.Task[None] | None = None

    def attach(self, app: web.Application) -> None:
        """Add the routes, and what ends the open streams when the application stops."""
        app.add_routes([web.route(*each) for each in self._guarded()])
        app.on_shutdown.append(self._stop)

    def _guarded(self) -> list[tuple[str, str, Handler]]:
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/", self._page),
            ("GET", "/playground/static/{name}", self._static),
            ("GET", "/playground/state", self._state),
            ("GET", "/playground/events", self._live.stream),
            ("POST", "/playground/messages", self._post),
            ("PATCH", "/playground/messages/{id}", self._edit),
            ("DELETE", "/playground/messages/{id}", self._delete),
            ("POST", "/playground/presses", self._press),
            ("PUT", "/playground/policy", self._change_policy),
            ("PUT", "/playground/rights", self._change_rights),
            ("POST", "/playground/sample", self._play_sample),
            ("POST", "/playground/reset", self._reset),
        ]
        return [(method, path, self._guard.around(handler)) for method, path, handler in routes]

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in {path.name for path in STATIC.iterdir()}:
            raise Unknown("playground.unknown_page")
        return web.FileResponse(STATIC / name)

    async def _state(self, request: web.Request) -> web.StreamResponse:
        return _json(await self._live.whole())

    async def _post(self, request: web.Request) -> web.StreamResponse:
        said = await body(request, NewMessage)
        return _json({"id": await asyncio.to_thread(self._world.post, said.member, said.text)}, 201)

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        said = await body(request, NewMessage)
        message_id = request.match_info["id"]
        await asyncio.to_thread(self._world.edit, said.member, message_id, said.text)
        return _json({})

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        asked = await body(request, ByMember)
        await asyncio.to_thread(self._world.delete, asked.member, request.match_info["id"])
        return _json({})

    async def _press(self, request: web.Request) -> web.StreamResponse:
        pressed = await body(request, ButtonPress)
        presser = _person(await asyncio.to_thread(self._world.member, pressed.person))
        return _json(await self._adapter.press(pressed.button, presser))

    async def _change_policy(self, request: web.Request) -> web.StreamResponse:
        form = await body(request, PolicyForm)
        admin = await self._admin(form.by)
        wanted = changed(await self._rules.current(LOBBY), form, self._presets)
        made = await self._rules.change(LOBBY, wanted, _person(admin))
        self._live.ask_again()
        return _json(shown(made))

    async def _change_rights(self, request: web.Request) -> web.StreamResponse:
        rights = await body(request, BotRights)
        await self._admin(rights.by)
        await asyncio.to_thread(self._world.let_bot_delete, rights.delete_messages)
        return _json({})

    async def _play_sample(self, request: web.Request) -> web.StreamResponse:
        if self._playing is not None and not self._playing.done():
            raise Forbidden("playground.sample_is_playing")
        self._playing = asyncio.create_task(sample.play(self._world), name="playground sample")
        return _json({"lines": len(sample.LINES)}, 202)

    async def _reset(self, request: web.Request) -> web.StreamResponse:
        await self._stop_sample()
        await asyncio.to_thread(self._world.reset)
        return _json({})

    async def _admin(self, member_id: str) -> Member:
        member = await asyncio.to_thread(self._world.member, member_id)
        if member.role is not Role.ADMIN:
            raise Forbidden("playground.not_an_admin", who=member.name)
        return member

    async def _stop_sample(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.wait([self._playing])
            self._playing = None

    async def _stop(self, app: web.Application) -> None:
        await self._stop_sample()
        await self._live.close()


def _person(member: Member) -> Person:
    return Person(PLATFORM, member.id, member.name)


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )
