"""`aman replay`: what a policy would have done to an exported history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from bot.app import open_settings_scorer
from bot.commands.console import (
    ended_in_order,
    err,
    out,
    settings_and_logs,
    sync,
    table,
    write_json,
)
from bot.domain.errors import AmanError
from bot.domain.judging import Judgement
from bot.domain.policy import Policy
from bot.observability.metrics import Metrics
from bot.replay import (
    Export,
    Progress,
    Summary,
    decisions_file,
    open_export,
    output_file,
    render,
)
from bot.replay import replay as run_replay
from bot.scoring.coverage import coverage_of
from bot.scoring.evasion import FoldingScorer
from config.policies import load
from config.settings import Settings


@sync
async def replay(
    export: Annotated[Path, typer.Argument(help="A file, or a folder of partitions.")],
    policy: Annotated[str, typer.Option(help="A preset or a policy file.")] = "balanced",
    decisions: Annotated[
        Path | None, typer.Option(help="Write each verdict here, as JSON lines.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Let the decisions hold what was said.")
    ] = False,
) -> None:
    """Run an exported history through the real pipeline. Nothing is acted on, nothing recorded."""
    settings = settings_and_logs("WARNING")
    rules = load(policy)
    history = open_export(export)
    _spare(history, decisions, html)
    with ended_in_order(), ExitStack() as opened:
        write_page = opened.enter_context(output_file(html)) if html else None
        on_decision = (
            opened.enter_context(decisions_file(decisions, with_text=with_text))
            if decisions
            else None
        )
        summary = await _replayed(history, rules, settings, on_decision)
        if write_page:
            write_page(render(summary).encode())
    if as_json:
        write_json(summary.as_json())
    else:
        _tell(summary, html)
    for each in (*summary.left_out, *summary.faults):
        err.print(f"aman: {each}")
    if summary.faults:
        raise AmanError("the export is not whole: what was read is counted, the rest is missing")


def _spare(history: Export, decisions: Path | None, html: Path | None) -> None:
    """Raises BadParameter where an output would take the place of the export, or of the other."""
    for path in filter(None, (decisions, html)):
        if history.source.holds(path):
            raise typer.BadParameter(f"{path} belongs to the export; name a file beside it")
    if decisions and html and decisions.resolve() == html.resolve():
        raise typer.BadParameter(f"{html}: name two files for the decisions and the report")


async def _replayed(
    history: Export,
    policy: Policy,
    settings: Settings,
    on_decision: Callable[[Judgement], object] | None,
) -> Summary:
    scorer = await open_settings_scorer(settings, Metrics())
    try:
        with _bar(history.format.name) as on_progress:
            return await run_replay(
                history,
                FoldingScorer(scorer),
                policy,
                coverage=coverage_of(settings.detoxify_model, settings.data_dir),
                on_progress=on_progress,
                on_decision=on_decision,
            )
    finally:
        await scorer.close()


@contextmanager
def _bar(form: str) -> Iterator[Callable[[Progress], None]]:
    columns = (
        TextColumn(f"{form}:"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[messages]:,} messages"),
        TimeRemainingColumn(),
    )
    # Where there is no terminal, its end would be an empty line.
    with Bar(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("replay", total=None, messages=0)

        def show(progress: Progress) -> None:
            bar.update(
                task,
                total=progress.total or None,
                completed=progress.read,
                messages=progress.messages,
            )

        yield show


def _tell(summary: Summary, html: Path | None) -> None:
    rows = table("", "")
    rows.show_header = False
    rows.add_row("export", f"{summary.source} ({summary.format})")
    rows.add_row("policy", f"{summary.policy.name}, model {summary.model}")
    for name in ("messages", "scored", "skipped", "allowed", "review", "hidden"):
        rows.add_row(name, f"{getattr(summary, name):,}")
    rows.add_row("speed", f"{summary.messages_per_second:,.0f} messages a second")
    for why, count in summary.skipped_why.items():
        rows.add_row("skipped", f"{count:,}: {why}")
    for why, count in summary.asides.items():
        rows.add_row("no message", f"{count:,}: {why}")
    if html:
        rows.add_row("report", str(html))
    out.print(rows)
