"""`aman community`: make a community, bind its places, look at it."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.adapters.platform import folder, platforms
from bot.clock import utc_now
from bot.commands.console import operator, out, parse_place, sync, table
from bot.commands.records import storage
from bot.domain.communities import Community
from bot.domain.errors import InvalidValue
from bot.domain.messages import Place
from bot.domain.repositories import Transaction
from config.policies import DEFAULT, PRESETS, load
from handlers.community import (
    bind_community,
    create_community,
    unbind_group,
    unbind_review,
)

LONGEST_NAME = 200
"""Characters: longer than any group's title, and still a cell of a table."""

app = typer.Typer(help="Communities, their groups and review channels.")

PolicyOption = Annotated[str, typer.Option("--policy", help="A preset or a policy file.")]


@app.command()
@sync
async def create(name: str, policy: PolicyOption = DEFAULT) -> None:
    """Make a community."""
    rules = load(policy)
    _check_name(name)
    async with storage() as store, store.transaction() as tx:
        await create_community(tx, name, rules, operator(), utc_now)
    out.print(f"community {name} made, policy {rules.name} ({rules.mode})")


@app.command("list")
@sync
async def list_() -> None:
    """List the communities."""
    async with storage() as store, store.reading() as tx:
        rows = table("NAME", "GROUPS", "REVIEW CHANNELS", "POLICY")
        for community in await tx.communities.all():
            policy = await tx.policies.in_force(community.id)
            rows.add_row(
                community.name,
                " ".join(map(str, community.groups)) or "-",
                " ".join(map(str, community.review_channels)) or "-",
                f"{policy.name} v{policy.version} ({policy.mode})",
            )
    out.print(rows)


@app.command()
@sync
async def show(name: str) -> None:
    """Show one community."""
    async with storage() as store, store.reading() as tx:
        community = await tx.communities.by_name(name)
        policy = await tx.policies.in_force(community.id)
    rows = table("", "")
    rows.show_header = False
    rows.add_row("name", community.name)
    rows.add_row("id", community.id)
    rows.add_row("made", community.created_at.isoformat(timespec="seconds"))
    for group in community.groups:
        rows.add_row("group", str(group))
    for review in community.review_channels:
        rows.add_row("review channel", str(review))
    rows.add_row("policy", f"{policy.name} v{policy.version} ({policy.mode})")
    out.print(rows)


@app.command()
@sync
async def bind(
    name: str,
    group: Annotated[list[str] | None, typer.Option(help="PLATFORM:ID of a group.")] = None,
    review: Annotated[
        list[str] | None, typer.Option(help="PLATFORM:ID of a review channel.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="For a new community: a preset or a policy file.")
    ] = None,
) -> None:
    """Bind groups and review channels to a community, which is made if there is none."""
    if not group and not review:
        raise typer.BadParameter("name at least one --group or --review")
    groups = [_bindable(each) for each in group or ()]
    reviews = [_bindable(each) for each in review or ()]
    rules = load(policy or DEFAULT)
    async with storage() as store, store.transaction() as tx:
        known = {each.name: each for each in await tx.communities.all()}
        if name in known and policy is not None:
            raise typer.BadParameter(
                f"{name} has its policy; change it with `aman policy import {name} …`"
            )
        community = known.get(name)
        if community is None:
            _check_name(name)
            community = await create_community(tx, name, rules, operator(), utc_now)
        await bind_community(tx, community, operator(), utc_now, groups=groups, reviews=reviews)
    out.print(f"bound {', '.join(map(str, [*groups, *reviews]))} to {name}")


@app.command()
@sync
async def unbind(
    name: str,
    group: Annotated[
        str | None, typer.Option(help="PLATFORM:ID of a group that has no cases yet.")
    ] = None,
    review: Annotated[
        str | None, typer.Option(help="PLATFORM:ID of a review channel, as `show` has it.")
    ] = None,
) -> None:
    """Let a review channel go: nothing more is shown there, and nobody decides cases there. Or a
    group that was bound by mistake."""
    if (group is None) == (review is None):
        raise typer.BadParameter("name either a --group or a --review")
    async with storage() as store, store.transaction() as tx:
        community = await tx.communities.by_name(name)
        if group is not None:
            place = parse_place(group)
            await unbind_group(tx, community, place, operator(), utc_now)
            told = [f"{place} is not looked after any more"]
        else:
            told = await _unbind_review(tx, community, parse_place(str(review)))
    out.print("\n".join(told))


async def _unbind_review(tx: Transaction, community: Community, place: Place) -> list[str]:
    left = await unbind_review(tx, community, place, operator(), utc_now)
    told = [f"{place} shows nothing more of {left.name}; what stands there already stays"]
    if not left.review_channels:
        told.append(f"nobody reviews {left.name} now: bind another channel, its open cases wait")
    return told


def _check_name(name: str) -> None:
    """Raises InvalidValue for a name by which a new community could not be told from a policy."""
    if not name.strip():
        raise InvalidValue("a community needs a name")
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise InvalidValue(f"a community's name is one line of at most {LONGEST_NAME} characters")
    if name in PRESETS or name.endswith(".toml"):
        raise InvalidValue(f"{name!r} is how a policy is named; choose another for the community")


def _bindable(text: str) -> Place:
    """The place in `PLATFORM:ID`. Raises InvalidValue where it can be none of that platform's."""
    place = parse_place(text)
    if place.platform not in platforms():
        raise InvalidValue(f"{text!r}: the platforms are {', '.join(platforms())}")
    ids = filter(None, (place.group, place.channel))
    form = folder(place.platform).PLACE_IDS
    if not all(map(form.pattern.fullmatch, ids)):
        raise InvalidValue(f"{text!r}: an id on {place.platform.capitalize()} is {form.said}")
    return place
