"""`aman policy`: look at, check, change and trace policies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import utc_now
from bot.commands.console import MOST, operator, out, sync, table
from bot.commands.records import called, policy_of, storage
from bot.domain.policy import Mode, Policy
from bot.storage import SqlStore
from config.policies import PRESETS, dump, load
from handlers.evidence import RECENT, tried
from handlers.rules import change_policy

_MOST = 10_000

app = typer.Typer(help="Policies and their versions.")


@app.command()
@sync
async def show(
    name: Annotated[str, typer.Argument(help="A community, a preset or a policy file.")],
) -> None:
    """Show a policy as a table."""
    policy = await _of_community(name) or load(name)
    out.print(f"{policy.name}, version {policy.version}, mode {policy.mode}")
    rows = table("LABEL", "REVIEW FROM", "HIDE FROM")
    for label, limits in policy.thresholds.items():
        rows.add_row(label, f"{limits.review:.2f}", f"{limits.hide:.2f}")
    out.print(rows)
    out.print(f"terms on the deny list: {len(policy.deny)}, on the allow list: {len(policy.allow)}")


@app.command()
@sync
async def check(
    file: Path,
    community: Annotated[
        str | None, typer.Argument(help="Try it on the cases that this one had of late.")
    ] = None,
) -> None:
    """Check a policy file without using it."""
    policy = load(str(file))
    out.print(f"{file}: good: {policy.name}, {len(policy.thresholds)} labels, mode {policy.mode}")
    if community is not None:
        async with storage() as store:
            out.print(await _tried(store, community, policy))


@app.command("import")
@sync
async def import_(community: str, policy: str) -> None:
    """Make a preset or a policy file the community's newest version."""
    rules = load(policy)
    async with storage() as store:
        out.print(await _tried(store, community, rules))
        async with store.transaction() as tx:
            found = await tx.communities.by_name(community)
            saved = await change_policy(tx, found, rules, operator(), utc_now)
    out.print(f"{community} is under {saved.name} version {saved.version}")


@app.command()
@sync
async def export(
    name: Annotated[str, typer.Argument(help="A community or a preset.")],
    version: Annotated[
        int | None, typer.Option(help="An earlier version.", min=1, max=MOST)
    ] = None,
) -> None:
    """Write a policy to standard output, as a file that `import` takes."""
    policy = await _of_community(name, version) or load(name)
    sys.stdout.write(dump(policy))  # to the last character


@app.command()
@sync
async def history(community: str) -> None:
    """List every version of a community's policy, the newest first."""
    async with storage() as store, store.reading() as tx:
        found = await tx.communities.by_name(community)
        rows = table("VERSION", "NAME", "MODE", "BY", "AT")
        for policy, by, at in await tx.policies.history(found.id):
            rows.add_row(
                str(policy.version), policy.name, policy.mode, by, at.isoformat(timespec="seconds")
            )
    out.print(rows)


async def _tried(store: SqlStore, community: str, policy: Policy) -> str:
    """What the policy would have made of the community's recent cases, in a sentence."""
    async with store.reading() as tx:
        found = await tx.communities.by_name(community)
        seen = await tried(tx, found.id, policy, utc_now(), _MOST)
    if not seen.cases:
        return f"{community} had no cases in the last {RECENT.days} days to try it on"
    would_be, was = seen.would_be, seen.was
    observing = "; it only observes, so none of it is done" if policy.mode is Mode.OBSERVE else ""
    return (
        f"of {seen.cases} cases in the last {RECENT.days} days: "
        f"{would_be.hidden} hidden (was {was.hidden}), "
        f"{would_be.restored} of them restored by reviewers (was {was.restored}), "
        f"{would_be.review} to review (was {was.review}), "
        f"{would_be.allowed} allowed (was {was.allowed}){observing}; "
        "messages that were allowed are not kept and not counted"
    )


async def _of_community(name: str, version: int | None = None) -> Policy | None:
    if name in PRESETS or name.endswith(".toml"):
        if version is not None:
            raise typer.BadParameter(f"--version is for communities, {name} has no versions")
        return None
    async with storage() as store, store.reading() as tx:
        community = await tx.communities.by_name(name)
        if version is not None:
            with called(f"policy version {version} of {name}; `aman policy history` lists them"):
                return await tx.policies.version(community.id, version)
        return await policy_of(tx, community)
