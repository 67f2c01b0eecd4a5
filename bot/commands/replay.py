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
from bot.commands.console import err, out, settings_and_logs, sync, table, write_json
from bot.domain.errors import AmanError
from bot.observability.metrics import Metrics
from bot.replay import Progress, Summary, decisions_file, open_export, write_report
from bot.replay import replay as run_replay
from bot.scoring.coverage import coverage_of
from bot.scoring.evasion import FoldingScorer
from config.policies import load


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
    scorer = await open_settings_scorer(settings, Metrics())
    try:
        with ExitStack() as stack:
            on_decision = (
                stack.enter_context(decisions_file(decisions, with_text=with_text))
                if decisions
                else None
            )
            on_progress = stack.enter_context(_bar(history.format.name))
            summary = await run_replay(
                history,
                FoldingScorer(scorer),
                rules,
                coverage=coverage_of(settings.detoxify_model, settings.data_dir),
                on_progress=on_progress,
                on_decision=on_decision,
            )
    finally:
        await scorer.close()
    if html:
        write_report(summary, html)
    if as_json:
        write_json(summary.as_json())
    else:
        _tell(summary, html)
    for fault in summary.faults:
        err.print(f"aman: {fault}")
    if summary.faults:
        raise AmanError("the export is not whole: what was read is counted, the rest is missing")


@contextmanager
def _bar(form: str) -> Iterator[Callable[[Progress], None]]:
    columns = (
        TextColumn(f"{form}:"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[messages]:,} messages"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=err, transient=True) as bar:
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
    if html:
        rows.add_row("report", str(html))
    out.print(rows)
