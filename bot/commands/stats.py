"""`aman stats` and `aman tune`: what the cases say, and what the decisions teach."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from bot.clock import utc_now
from bot.commands.console import out, sync, table, write_json
from bot.commands.records import chosen, policy_of, storage
from bot.domain.cases import Case, Status
from bot.domain.repositories import Transaction
from bot.domain.scores import Scores
from bot.domain.signals import Scored
from bot.domain.statistics import ENOUGH, Statistics, statistics, suggest
from handlers.evidence import with_evidence

_ALL = 1_000_000
CommunityArgument = Annotated[str | None, typer.Argument(help="Only this one's.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a community.")]


@sync
async def stats(community: CommunityArgument = None, as_json: JsonOption = False) -> None:
    """Figures of a community's cases; times count the cases that are still open."""
    rows = table(
        "COMMUNITY", "CASES", "HIDDEN", "OPEN", "OVERDUE", "RESTORED", "MEDIAN", "P95", "LONGEST"
    )
    async with storage() as store, store.reading() as tx:
        for each in await chosen(tx, community):
            summed = statistics(await tx.cases.listed(each.id, limit=_ALL), utc_now())
            if as_json:
                write_json({"community": each.name, **asdict(summed)})
            else:
                rows.add_row(each.name, *_cells(summed))
    if not as_json:
        out.print(rows)


def _cells(summed: Statistics) -> list[str]:
    waiting = summed.waiting
    return [
        str(summed.cases),
        str(summed.hidden_at_once),
        str(summed.open),
        str(summed.overdue),
        "-" if summed.restored_share is None else f"{summed.restored_share:.0%}",
        *(
            [_span(each) for each in (waiting.median, waiting.p95, waiting.longest)]
            if waiting
            else ["-"] * 3
        ),
    ]


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


@sync
async def tune(community: str) -> None:
    """Suggest hide thresholds from what reviewers decided so far. Changes nothing."""
    async with storage() as store, store.reading() as tx:
        found = await tx.communities.by_name(community)
        policy = await policy_of(tx, found)
        suggestions = suggest(await _decided(tx, found.id))
    rows = table("LABEL", "DECIDED", "HIDE FROM NOW", "SUGGESTED", "UPHELD THERE")
    for each in suggestions:
        now = policy.thresholds.get(each.label)
        rows.add_row(
            each.label,
            str(each.decided),
            f"{now.hide:.2f}" if now else "-",
            "too little to say" if each.hide is None else f"{each.hide:.2f}",
            "-" if each.upheld is None else f"{each.upheld:.0%}",
        )
    out.print(rows)
    out.print(f"A threshold is suggested from {ENOUGH} decisions on.")


async def _decided(tx: Transaction, community_id: str) -> list[tuple[Case, Scores]]:
    decided = await tx.cases.listed(community_id, Status.DECIDED, _ALL)
    return [
        (case, signal.scores)
        async for case, evidence in with_evidence(tx, decided)
        for signal in evidence.signals
        if isinstance(signal, Scored)
    ]
