"""The `aman` command. Exit status: 0 done, 1 the work failed, 2 wrong use."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from bot import __version__
from bot.commands import audit, cases, community, doctor, model, policy, replay, run, score, stats
from bot.commands.console import err
from bot.domain.errors import AmanError, NotFound

app = typer.Typer(
    name="aman",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Aman: a moderation bot that communities can trust.",
)
app.command("run")(run.run)
app.command("score")(score.score)
app.command("replay")(replay.replay)
app.command("doctor")(doctor.doctor)
app.command("stats")(stats.stats)
app.command("tune")(stats.tune)
app.add_typer(community.app, name="community")
app.add_typer(policy.app, name="policy")
app.add_typer(cases.app, name="cases")
app.add_typer(audit.app, name="audit")
app.add_typer(model.app, name="model")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aman {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[  # taken by main, here for --help
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """What holds for every command."""


def main() -> None:
    """Run the command line; an error is one line that says what to mend."""
    # Wherever on the line it stands: who adds it has just seen an error and pressed "up".
    debug = "--debug" in sys.argv
    words = [word for word in sys.argv[1:] if word != "--debug"]
    try:
        status = app(words or ["--help"], standalone_mode=False)
    except (Abort, KeyboardInterrupt):
        sys.exit(130)
    except TyperException as exc:
        _fail(2, f"{exc.format_message().rstrip('.')}; --help tells more")
    except Exception as exc:
        if debug:
            raise
        _fail(1, _explained(exc))
    sys.exit(status or 0)


def _explained(exc: Exception) -> str:
    if isinstance(exc, NotFound):
        return f"there is no {exc}"
    if isinstance(exc, AmanError | OSError):
        return str(exc)
    return f"a fault of Aman's own, {type(exc).__name__}: {exc}; --debug shows where"


def _fail(status: int, why: str) -> NoReturn:
    err.print(f"aman: {' '.join(why.split())}", markup=False)
    sys.exit(status)
