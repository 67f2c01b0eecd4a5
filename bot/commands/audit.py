"""`aman audit`: whether the record is as it was written."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.console import out, sync
from bot.commands.records import chosen, storage
from bot.domain.audit import Broken, ChainCheck
from bot.domain.errors import AmanError
from bot.domain.repositories import Transaction

app = typer.Typer(help="The audit log.")


@app.command()
@sync
async def verify(
    community: Annotated[str | None, typer.Argument(help="Only this one's.")] = None,
) -> None:
    """Check the hash chain of every community's audit log."""
    faults = []
    async with storage() as store, store.reading() as tx:
        for each in await chosen(tx, community):
            count, broken = await _checked(tx, each.id)
            if broken is None:
                out.print(f"{each.name}: {count} entries, whole")
            else:
                faults.append(f"{each.name}: broken at entry {broken.sequence}: {broken.why}")
    if faults:
        raise AmanError("; ".join(faults))


async def _checked(tx: Transaction, community_id: str) -> tuple[int, Broken | None]:
    check = ChainCheck()
    async for entry in tx.audit.entries(community_id):
        if broken := check.add(entry):
            return check.entries, broken
    return check.entries, check.end(await tx.audit.head(community_id))
