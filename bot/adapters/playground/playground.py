"""The playground in one piece: a world, the bot's way into it, and the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bot.adapters.playground.adapter import PlaygroundAdapter
from bot.adapters.playground.scoreboard import Scoreboard
from bot.adapters.playground.web import Pages
from bot.adapters.playground.world import World
from bot.domain.policy import Policy
from bot.domain.ports import Clockwork, Figures, Phrases, Rules, Watcher


def _now() -> datetime:
    return datetime.now(UTC)


class Playground:
    """A chat platform of its own.

    folder: where its world lives on when the bot stops; made when missing.
    Raises CannotStart when the folder cannot be used.
    """

    def __init__(self, folder: Path, phrases: Phrases, now: Clockwork = _now) -> None:
        self.world = World(folder, now)
        self.adapter = PlaygroundAdapter(self.world, phrases, now)
        self._scoreboard = Scoreboard(self.world.bell)
        self._phrases = phrases

    @property
    def watcher(self) -> Watcher:
        """Who wants to see every judgement that this process makes."""
        return self._scoreboard

    def attach(
        self,
        app: web.Application,
        *,
        rules: Rules,
        figures: Callable[[], Awaitable[Figures]],
        presets: Mapping[str, Policy],
        hosts: Collection[str] = (),
    ) -> None:
        """Serve the page at / and what it needs under /playground/.

        presets: the policies to choose from, by name, in the order to show them.
        hosts: names or URLs of the server, besides localhost and addresses.
        """
        Pages(
            self.world,
            self.adapter,
            self._scoreboard,
            self._phrases,
            rules=rules,
            figures=figures,
            presets=list(presets.values()),
            hosts=hosts,
        ).attach(app)

    def close(self) -> None:
        """Let go of the world's file."""
        self.world.close()
