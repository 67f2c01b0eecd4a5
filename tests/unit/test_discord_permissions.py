"""Who may do what on Discord, and what is said where it does not let the bot."""

from __future__ import annotations

from datetime import datetime

import pytest
from discord import Permissions
from hypothesis import example, given
from hypothesis import strategies as st

from bot.adapters.discord.guilds import Seat, administers, lacks
from bot.adapters.discord.permissions import (
    Member,
    Overwrite,
    Role,
    Server,
    everybody_reads,
    in_channel,
    in_server,
    top,
)
from bot.adapters.discord.refusals import why_missing
from bot.domain.desk import Right
from bot.domain.effects import Effect, EffectKind
from bot.domain.messages import Place

EVERYBODY, MOD, ADMIN, OWNER = 1, 2, 3, 99
READS = Permissions(view_channel=True, send_messages=True)
NONE = Permissions.none()


def a_server(everybody: Permissions = READS) -> Server:
    roles = (
        Role(EVERYBODY, 0, everybody),
        Role(MOD, 1, Permissions(manage_messages=True)),
        Role(ADMIN, 2, Permissions(administrator=True)),
    )
    return Server(EVERYBODY, OWNER, {role.id: role for role in roles})


def a_member(*roles: int, id: int = 5, until: datetime | None = None) -> Member:  # noqa: A002
    return Member(id, frozenset(roles), until)


def deny(who: int, what: Permissions = READS) -> Overwrite:
    return Overwrite(who, NONE, what)


def allow(who: int, what: Permissions = READS) -> Overwrite:
    return Overwrite(who, what, NONE)


@pytest.mark.parametrize(
    ("overwrites", "reads"),
    [
        ([], True),
        ([deny(EVERYBODY)], False),
        ([deny(EVERYBODY), allow(MOD)], True),
        ([deny(MOD), allow(EVERYBODY)], False),
        ([deny(MOD), allow(5)], True),
        ([allow(MOD), deny(5)], False),
    ],
)
def test_overwrites_count_in_discords_order(overwrites: list[Overwrite], reads: bool) -> None:
    assert in_channel(a_server(), a_member(MOD), overwrites).view_channel is reads


def test_owner_and_administrators_may_all_whatever_is_denied() -> None:
    for member in (a_member(ADMIN), a_member(id=OWNER)):
        assert in_channel(a_server(NONE), member, [deny(EVERYBODY), deny(member.id)]).ban_members


def test_who_cannot_see_a_channel_may_do_nothing_in_it() -> None:
    sees_not = [deny(EVERYBODY, Permissions(view_channel=True))]
    assert in_channel(a_server(), a_member(MOD), sees_not) == NONE


KNOWN_RIGHTS = st.integers(0, (1 << 50) - 1).map(lambda bits: bits & Permissions.all().value)


@given(KNOWN_RIGHTS, KNOWN_RIGHTS)
@example(Permissions.all().value, Permissions(administrator=True).value)
def test_more_roles_never_take_a_right_away(one: int, other: int) -> None:
    roles = {1: Role(1, 0, Permissions(one)), 2: Role(2, 1, Permissions(other))}
    server = Server(1, OWNER, roles)
    assert in_server(server, a_member(2)) >= in_server(server, a_member())


def test_a_channel_is_public_where_anybody_who_joins_reads_it() -> None:
    assert everybody_reads(a_server(), [])
    assert not everybody_reads(a_server(), [deny(EVERYBODY)])
    assert not everybody_reads(a_server(NONE), [])
    assert everybody_reads(a_server(NONE), [allow(EVERYBODY)])


def test_what_the_bot_lacks_is_said_by_right() -> None:
    may = Permissions(view_channel=True, read_message_history=True, manage_messages=True)
    assert lacks(may) == {Right.RESTRICT}
    assert lacks(Permissions.all()) == frozenset()
    assert administers(Permissions(manage_guild=True))
    assert not administers(Permissions(manage_messages=True))


def test_the_highest_role_counts() -> None:
    assert [top(a_server(), a_member(*roles)) for roles in ((), (MOD,), (MOD, ADMIN))] == [0, 1, 2]


def effect(kind: EffectKind) -> Effect:
    return Effect(kind, "case", Place("discord", "1", "2"))


@pytest.mark.parametrize(
    ("kind", "me", "them", "why"),
    [
        (EffectKind.BAN, a_member(MOD), a_member(), "no_right_to_ban"),
        (EffectKind.BAN, a_member(ADMIN), a_member(id=OWNER), "is_owner"),
        (EffectKind.BAN, a_member(ADMIN), a_member(ADMIN), "stands_too_high"),
        (EffectKind.MUTE, a_member(ADMIN), a_member(ADMIN), "is_admin"),
        (EffectKind.BAN, a_member(ADMIN), a_member(MOD), None),
        (EffectKind.BAN, None, a_member(MOD), "no_right_to_ban"),
        (EffectKind.HIDE, a_member(), None, "no_right_to_delete"),
        (EffectKind.CARD, a_member(), None, None),
    ],
)
def test_what_stands_in_the_way_is_named(
    kind: EffectKind, me: Member | None, them: Member | None, why: str | None
) -> None:
    server = a_server()
    seats = [Seat(server, each) if each is not None else None for each in (me, them)]
    assert why_missing(effect(kind), *seats) == why
