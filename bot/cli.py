"""The `aman` command. Exit status: 0 done, 1 the work failed, 2 wrong use."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from bot import __version__
from bot.commands.console import err
from bot.domain.errors import AmanError, NotFound

_COMMANDS = {
    "run": "run",
    "score": "score",
    "replay": "replay",
    "doctor": "doctor",
    "stats": "stats",
    "tune": "stats",
    "community": "community",
    "policy": "policy",
    "cases": "cases",
    "audit": "audit",
    "model": "model",
}
"""The module of each command: it has a function of the command's name, or an app of several."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aman {__version__}")
        raise typer.Exit


def options(
    debug: Annotated[  # taken by main, here for --help
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """What holds for every command."""


def command_line(words: Sequence[str]) -> typer.Typer:
    """The command line, as far as these words ask for it: to import all commands takes longer than
    most of them do."""
    app = typer.Typer(
        name="aman",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Aman: a moderation bot that communities can trust.",
    )
    app.callback()(options)
    for name in _asked_for(words):
        module = import_module(f"bot.commands.{_COMMANDS[name]}")
        if (several := getattr(module, "app", None)) is not None:
            app.add_typer(several, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def _asked_for(words: Sequence[str]) -> Collection[str]:
    """All commands where none is named, or one that there is not."""
    if list(words) == ["--version"]:
        return ()
    named = next((word for word in words if not word.startswith("-")), None)
    return [named] if named in _COMMANDS else _COMMANDS


def main() -> None:
    """Run the command line; an error is one line that says what to mend."""
    _refuse_closed_streams()
    # Wherever on the line it stands: who adds it has just seen an error and pressed "up".
    debug = "--debug" in sys.argv
    words = [word for word in sys.argv[1:] if word != "--debug"]
    try:
        status = command_line(words)(words or ["--help"], standalone_mode=False)
    except (Abort, KeyboardInterrupt):
        sys.exit(130)
    except TyperException as exc:
        said = exc.format_message().replace("Value error, ", "").rstrip(".")  # pydantic's own word
        _fail(2, f"{said}; --help tells more")
    except Exception as exc:
        if debug:
            raise
        _fail(1, _explained(exc))
    sys.exit(status or 0)


def _refuse_closed_streams() -> None:
    """The next files to be opened would take their places: what is printed would go into a
    database, and the event loop ends the process at once when it closes one of them."""
    streams = {
        "standard input": sys.stdin,
        "standard output": sys.stdout,
        "standard error": sys.stderr,
    }
    if closed := [name for name, stream in streams.items() if stream is None]:
        is_ = "is" if len(closed) == 1 else "are"
        _fail(1, f"{' and '.join(closed)} {is_} closed; use /dev/null for what is not wanted")


def _explained(exc: Exception) -> str:
    if isinstance(exc, NotFound):
        return f"there is no {exc}"
    if isinstance(exc, AmanError | OSError):
        return str(exc)
    return f"a fault of Aman's own, {type(exc).__name__}: {exc}; --debug shows where"


def _fail(status: int, why: str) -> NoReturn:
    err.print(f"aman: {' '.join(why.split())}")
    sys.exit(status)
