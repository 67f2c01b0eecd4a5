"""The asking side of the child process that converts: its job, its steps, its end."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, cast

import msgspec
import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.domain.errors import CannotStart
from bot.scoring.converter import Failed, Job, Step

log = structlog.get_logger(__name__)


def run(job: Job) -> None:
    """Have a job done, with a progress bar on standard error.

    Raises CannotStart with what to mend, also where the child was ended from outside.
    """
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [sys.executable, "-m", "bot.scoring.converter"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            cwd=Path(__file__).resolve().parents[2],
        ) as child,
    ):
        asked = cast(IO[bytes], child.stdin)
        with contextlib.suppress(BrokenPipeError):  # what it ended with says more
            asked.write(msgspec.json.encode(job) + b"\n")
            asked.flush()  # and it stays open: its end would be ours
        why = _follow(job.model, cast(IO[bytes], child.stdout))
        if child.wait() == 0:
            return
        said.seek(0)
        last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
    raise CannotStart(why or f"model {job.model}: its conversion {_ending(child.returncode)}{last}")


def _follow(model: str, lines: IO[bytes]) -> str | None:
    """Show a child's steps, on a terminal as a bar, elsewhere in the log; returns why it failed,
    if it says so."""
    why = None
    console = Console(stderr=True)
    # A path may hold brackets.
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        bar = progress.add_task(f"converting {model}", total=1.0)
        for line in lines:
            said = msgspec.json.decode(line, type=Step | Failed)
            if isinstance(said, Failed):
                why = said.why
                continue
            if not console.is_terminal:
                log.info("model.converting", model=model, doing=said.doing)
            progress.update(bar, description=f"{model}: {said.doing}", completed=said.share)
    return why


def _ending(code: int) -> str:
    if code >= 0:
        return "failed: "
    name = signal.Signals(-code).name
    mend = {
        "SIGKILL": "; was there too little memory? It takes four times the checkpoint's size",
        "SIGILL": "; this processor lacks what OpenVINO needs: set SCORING_ENGINE=torch",
    }
    return f"was ended by {name}{mend.get(name, '')} "
