"""What a platform's folder offers, and what it is given: all that the wiring knows of platforms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

from bot import adapters
from bot.domain.memory import Albums, Budgets, Facts, Marks, Revisions, Unfinished
from bot.domain.ports import Adapter, Clockwork, Phrases
from bot.domain.repositories import Store

if TYPE_CHECKING:  # which every command would wait for
    from aiohttp import web


@dataclass(frozen=True, slots=True)
class Memory:
    """What an adapter shares with its other processes, and keeps over its own restarts."""

    budgets: Budgets
    revisions: Revisions
    albums: Albums
    marks: Marks
    facts: Facts
    unfinished: Unfinished


@dataclass(frozen=True, slots=True)
class Given:
    """What every adapter is given.

    base_url: of the platform's server. public_url: where the platform reaches this bot; None to
    ask for updates instead. store: for whose groups to look after rights. translations: the
    sentences in other languages, by ISO 639-1 code.
    """

    token: str
    base_url: str
    public_url: str | None
    memory: Memory
    store: Store
    phrases: Phrases
    translations: Mapping[str, Phrases]
    now: Clockwork


class Platform(Adapter, Protocol):
    """An adapter with a life of its own."""

    async def log_in(self) -> None:
        """See whose the token is. Raises CannotStart for a token that is nobody's; a platform out
        of reach is no reason not to start."""
        ...

    def routes(self) -> Sequence[web.RouteDef]:
        """What the platform calls here by HTTP, if anything."""
        ...

    async def close(self) -> None:
        """Finish what cannot wait, and let go of the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """What a text has to look like. said: for people, after "is"."""

    pattern: re.Pattern[str]
    said: str


class Folder(Protocol):
    """The package of one platform."""

    PLACE_IDS: Form
    """What the ids of its groups and channels look like."""

    def open_platform(self, given: Given) -> Platform:
        """The platform, not logged in yet."""
        ...

    async def diagnose(
        self, token: str, base_url: str, store: Store, phrases: Phrases
    ) -> list[str]:
        """The problems as a program sees them that only looks.

        Raises CannotStart for a token that is nobody's, PlatformError.
        """
        ...


def platforms() -> list[str]:
    """The names of all platforms that there are folders of."""
    return sorted(each.name for each in iter_modules(adapters.__path__) if each.ispkg)


def folder(platform: str) -> Folder:
    """Load a platform's folder, and with it the platform's library, by the platform's name."""
    return cast(Folder, import_module(f"bot.adapters.{platform}"))
