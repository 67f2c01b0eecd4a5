"""What somebody may do in a channel, reckoned as Discord does. Pure.

The order is that of Discord's documentation ("Permissions", permission hierarchy): everybody's
role, the member's roles, then the channel's overwrites for everybody, for the roles, for the
member. An owner or administrator may do everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from discord import Permissions
from discord.utils import parse_time

_ALL = Permissions.all()
_READS = Permissions(view_channel=True)


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a server. position: the higher stands above the lower."""

    id: int
    position: int
    permissions: Permissions


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel allows and denies a role or a member."""

    id: int
    allow: Permissions
    deny: Permissions


@dataclass(frozen=True, slots=True)
class Server:
    """A server's roles, by id, and its owner. The role with the server's own id is everybody's."""

    id: int
    owner: int
    roles: Mapping[int, Role]


@dataclass(frozen=True, slots=True)
class Member:
    """A member's roles, and until when they are timed out."""

    id: int
    roles: frozenset[int] = frozenset()
    timed_out_until: datetime | None = None


def server_of(raw: Mapping[str, Any]) -> Server:
    """A server as Discord's REST interface tells of it."""
    roles = {
        int(each["id"]): Role(
            int(each["id"]), each.get("position", 0), Permissions(int(each["permissions"]))
        )
        for each in raw["roles"]
    }
    return Server(int(raw["id"]), int(raw["owner_id"]), roles)


def member_of(raw: Mapping[str, Any]) -> Member:
    """A member as Discord's REST interface tells of them."""
    roles = frozenset(int(each) for each in raw["roles"])
    until = parse_time(raw.get("communication_disabled_until"))
    return Member(int(raw["user"]["id"]), roles, until)


def overwrites_of(raw: Mapping[str, Any]) -> list[Overwrite]:
    """A channel's overwrites as Discord's REST interface tells of them."""
    return [
        Overwrite(int(each["id"]), Permissions(int(each["allow"])), Permissions(int(each["deny"])))
        for each in raw.get("permission_overwrites") or ()
    ]


def in_server(server: Server, member: Member) -> Permissions:
    """What a member may do anywhere in a server, by their roles."""
    if member.id == server.owner:
        return _ALL
    held = Permissions.none()
    for role in _held(server, member):
        held |= role.permissions
    return _ALL if held.administrator else held


def in_channel(server: Server, member: Member, overwrites: Iterable[Overwrite]) -> Permissions:
    """What a member may do in a channel; nothing at all where they cannot see it."""
    base = in_server(server, member)
    if base == _ALL:
        return base
    by_id = {each.id: each for each in overwrites}
    base = _after(base, [by_id[server.id]] if server.id in by_id else [])
    base = _after(base, [by_id[role] for role in member.roles if role in by_id])
    base = _after(base, [by_id[member.id]] if member.id in by_id else [])
    return base if base.view_channel else Permissions.none()


def everybody_reads(server: Server, overwrites: Iterable[Overwrite]) -> bool:
    """Whether anybody who joins the server can read a channel."""
    anybody = Member(0)
    return in_channel(server, anybody, overwrites) >= _READS


def top(server: Server, member: Member) -> int:
    """How high a member's highest role stands; nobody acts on those who stand as high."""
    return max((role.position for role in _held(server, member)), default=0)


def _held(server: Server, member: Member) -> list[Role]:
    held: Collection[int] = member.roles | {server.id}
    return [role for id_, role in server.roles.items() if id_ in held]


def _after(base: Permissions, overwrites: Iterable[Overwrite]) -> Permissions:
    allow, deny = Permissions.none(), Permissions.none()
    for each in overwrites:
        allow |= each.allow
        deny |= each.deny
    return Permissions((base.value & ~deny.value) | allow.value)
