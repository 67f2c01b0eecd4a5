"""`aman run`: the bot, until it is told to stop."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.text import Text

from bot.app import running
from bot.commands.console import err, settings_and_logs, sync, when_told_to_end
from bot.domain.errors import AmanError
from bot.memory import settle
from config.roles import Role


@sync
async def run(
    role: Annotated[Role, typer.Option(help="What this process does.")] = Role.ALL,
) -> None:
    """Run the bot until Ctrl-C or SIGTERM."""
    settings = settings_and_logs()
    stop = asyncio.Event()
    starting = asyncio.current_task()
    assert starting is not None  # noqa: S101 - this function is one
    # To convert a model takes minutes: nobody waits for that to have a bot end.
    when_told_to_end(lambda _: starting.cancel())
    try:
        async with running(settings, role, _say) as started:
            when_told_to_end(lambda _: stop.set())
            settle()
            if started.page:
                _say(f"open {started.url} in a browser; Ctrl-C stops")
            else:
                served = f"; health and figures at {started.url}/readyz and /metrics"
                _say(f"{role} at work{served if started.url else ''}; Ctrl-C stops")
            await stop.wait()
    except asyncio.CancelledError:
        _say("stopped before it was at work")
    except BaseExceptionGroup as group:
        raise _first(group) from group


def _say(line: str) -> None:
    err.print(Text("»", "bold"), line)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What to tell of several failures: the first is the cause, the rest its consequences."""
    first = group.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        return _first(first)
    if isinstance(first, AmanError | OSError):
        return first
    return AmanError(f"a part of the bot died: {type(first).__name__}: {first}")
