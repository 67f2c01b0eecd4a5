"""What the commands share: settings, the database, tables, and errors as one line."""

from __future__ import annotations

import asyncio
import getpass
import re
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import event_loop
from bot.domain.errors import InvalidValue
from bot.domain.messages import Place
from bot.observability import logs
from config.settings import Settings, read_settings

P = ParamSpec("P")
R = TypeVar("R")

# Control characters, and those that turn the order of what stands beside them.
_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class _Terminal(Console):
    """A console for what people wrote, which is text alone: a terminal would do what it says (set
    its title, fill the clipboard, hide lines)."""

    def render_str(self, text: str, **options: Any) -> Text:
        """As it stands, but for what would command the terminal."""
        return super().render_str(_COMMANDS.sub("\ufffd", text), **options)


_console = partial(
    _Terminal,
    # What is printed is most often what people wrote: brackets and colons are themselves.
    markup=False,
    emoji=False,
    highlight=False,
    soft_wrap=True,
)
# A pipe has no width that a table would have to be cut to.
out = _console(width=None if sys.stdout and sys.stdout.isatty() else 240)
err = _console(stderr=True)


def settings_and_logs(default_level: str | None = None) -> Settings:
    """The settings, with the logs set up by them. Raises CannotStart."""
    settings = read_settings()
    logs.set_up(default_level or settings.log_level, settings.log_format, settings.secrets)
    return settings


def sync(command: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]:
    """Lets an async function be a command."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return event_loop.run(command(*args, **kwargs))

    return run


def when_told_to_end(act: Callable[[signal.Signals], object]) -> None:
    """Have `act` called when somebody presses Ctrl-C, kills the process or closes its terminal."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if each is not signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:  # by nohup
            loop.add_signal_handler(each, act, each)


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Lets what is within clean up after itself when it is told to end, and the command with it."""
    told: list[signal.Signals] = []
    within = asyncio.current_task()

    def end(by: signal.Signals) -> None:
        told.append(by)
        if within is not None:
            within.cancel()

    when_told_to_end(end)
    try:
        yield
    except asyncio.CancelledError:
        if not told:
            raise
        sys.exit(128 + told[0])


def operator() -> str:
    """Who is on record for what the command line does."""
    return f"operator:{getpass.getuser()}"


MOST = 1_000_000_000
"""Above every number of a case or version, and every count of them; both databases can hold it."""


def parse_place(text: str) -> Place:
    """The place in `PLATFORM:ID`, or `PLATFORM:ID:CHANNEL`. Raises InvalidValue."""
    platform, _, rest = text.partition(":")
    group, _, channel = rest.partition(":")
    if not platform or not group:
        raise InvalidValue(f"{text!r}: write PLATFORM:ID, for example telegram:-1001234567890")
    return Place(platform, group, channel)


def table(*columns: str) -> Table:
    """An empty table in the one look that all commands have."""
    return Table(*columns, box=None, header_style="bold", pad_edge=False)


def write_json(value: object) -> None:
    """One JSON value on a line of standard output."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.flush()
