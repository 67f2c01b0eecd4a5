"""`aman cases`: look at cases, and take them out for others to read."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from bot.commands.console import MOST, err, out, sync, table, write_json
from bot.commands.records import called, chosen, legible, storage
from bot.domain.cases import Case, Status
from bot.domain.errors import UnreadablePayload
from bot.domain.repositories import Transaction
from bot.domain.signals import Scored

app = typer.Typer(help="Cases on record.")

CommunityOption = Annotated[str | None, typer.Option("--community", help="Only this one's.")]


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


@app.command("list")
@sync
async def list_(
    community: CommunityOption = None,
    status: Annotated[Status | None, typer.Option(help="Only these.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST)] = 50,
) -> None:
    """List cases, the newest first."""
    rows = table("CASE", "COMMUNITY", "OPENED", "VERDICT", "REASON", "STATUS")
    async with storage() as store, store.reading() as tx:
        for each in await chosen(tx, community):
            for case in await tx.cases.listed(each.id, status, limit):
                rows.add_row(
                    f"#{case.number}",
                    each.name,
                    case.opened_at.isoformat(timespec="seconds"),
                    case.verdict.action,
                    case.verdict.reason,
                    case.decision.kind if case.decision else case.status,
                )
    out.print(rows)


@app.command()
@sync
async def show(
    community: str,
    number: Annotated[int, typer.Argument(min=1, max=MOST)],
    text: Annotated[bool, typer.Option("--text", help="Also what was said.")] = False,
) -> None:
    """Show one case: verdict, scores, decision, what was done, its history."""
    async with storage() as store, store.reading() as tx:
        found = await tx.communities.by_name(community)
        named = f"case #{number} of {community}"
        with called(named), legible(named):
            case = await tx.cases.by_number(found.id, number)
            evidence = await tx.cases.evidence(case.id)
        rows = table("", "")
        rows.show_header = False
        for name, value in _row(case).items():
            rows.add_row(name, str(value))
        for signal in evidence.signals if evidence else ():
            if isinstance(signal, Scored):
                for label, score in signal.scores.by_label.items():
                    rows.add_row(f"score {label}", f"{score:.3f}")
        for done in await tx.outbox.done(case.id):
            ended = f"{done.result or 'under way'} {done.reason}".strip()
            rows.add_row(f"effect {done.kind}", ended)
        for entry in await tx.audit.of_case(found.id, case.id):
            rows.add_row(
                entry.at.isoformat(timespec="seconds"),
                f"{entry.fact.action} by {entry.fact.actor}",
            )
        if text:
            rows.add_row("text", evidence.message.text if evidence else "(erased)")
    out.print(rows)


@app.command()
@sync
async def export(
    community: CommunityOption = None,
    form: Annotated[Form, typer.Option("--format")] = Form.JSONL,
    text: Annotated[bool, typer.Option("--text", help="Also what was said.")] = False,
) -> None:
    """Write all cases to standard output."""
    async with storage() as store, store.reading() as tx:
        rows = [
            {"community": each.name, **_row(case), **await _said(tx, each.name, case, text)}
            for each in await chosen(tx, community)
            for case in await tx.cases.listed(each.id, limit=1_000_000)
        ]
    if form is Form.JSONL:
        for row in rows:
            write_json(row)
        return
    columns = ["community", *_COLUMNS, *(["text"] if text else [])]
    writer = csv.DictWriter(sys.stdout, fieldnames=columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _no_formula(value) for key, value in row.items()})


async def _said(tx: Transaction, community: str, case: Case, text: bool) -> dict[str, object]:
    if not text:
        return {}
    try:
        evidence = await tx.cases.evidence(case.id)
    except UnreadablePayload as exc:
        named = f"case #{case.number} of {community}"
        err.print(f"aman: {named}: what was said cannot be read ({exc})")
        return {"text": None}
    return {"text": evidence.message.text if evidence else None}


def _row(case: Case) -> dict[str, object]:
    return {name: value(case) for name, value in _COLUMNS.items()}


_COLUMNS: dict[str, Callable[[Case], object]] = {
    "case": lambda case: case.number,
    "id": lambda case: case.id,
    "message": lambda case: case.message_key,
    "author": lambda case: str(case.author),
    "opened_at": lambda case: case.opened_at.isoformat(),
    "due_at": lambda case: case.due_at.isoformat(),
    "verdict": lambda case: str(case.verdict.action),
    "enforced": lambda case: case.verdict.enforced,
    "reason": lambda case: case.verdict.reason,
    "policy_version": lambda case: case.verdict.policy_version,
    "hidden": lambda case: case.hidden,
    "status": lambda case: str(case.status),
    "decision": lambda case: str(case.decision.kind) if case.decision else None,
    "decided_by": lambda case: str(case.decision.by) if case.decision else None,
    "decided_at": lambda case: case.decision.at.isoformat() if case.decision else None,
}


def _no_formula(value: object) -> object:
    """A cell that a spreadsheet would run as a formula, made plain text (ASVS 1.2.10)."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value
