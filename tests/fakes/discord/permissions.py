"""What members may do, computed as Discord does.

https://discord.com/developers/docs/topics/permissions
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

from .errors import CannotHappen

if TYPE_CHECKING:
    from .channels import Channel
    from .guilds import Guild, Member


class Permission(IntFlag):
    """The bits, under discord.py's names."""

    create_instant_invite = 1 << 0
    kick_members = 1 << 1
    ban_members = 1 << 2
    administrator = 1 << 3
    manage_channels = 1 << 4
    manage_guild = 1 << 5
    add_reactions = 1 << 6
    view_audit_log = 1 << 7
    view_channel = 1 << 10
    send_messages = 1 << 11
    send_tts_messages = 1 << 12
    manage_messages = 1 << 13
    embed_links = 1 << 14
    attach_files = 1 << 15
    read_message_history = 1 << 16
    mention_everyone = 1 << 17
    external_emojis = 1 << 18
    connect = 1 << 20
    speak = 1 << 21
    mute_members = 1 << 22
    deafen_members = 1 << 23
    move_members = 1 << 24
    change_nickname = 1 << 26
    manage_nicknames = 1 << 27
    manage_roles = 1 << 28
    manage_webhooks = 1 << 29
    use_application_commands = 1 << 31
    manage_threads = 1 << 34
    create_public_threads = 1 << 35
    create_private_threads = 1 << 36
    external_stickers = 1 << 37
    send_messages_in_threads = 1 << 38
    moderate_members = 1 << 40
    send_polls = 1 << 49
    pin_messages = 1 << 51
    bypass_slowmode = 1 << 52


NOTHING = Permission(0)
EVERYTHING = ~NOTHING
EVERYONE = (
    Permission.create_instant_invite
    | Permission.add_reactions
    | Permission.view_channel
    | Permission.send_messages
    | Permission.embed_links
    | Permission.attach_files
    | Permission.read_message_history
    | Permission.external_emojis
    | Permission.connect
    | Permission.speak
    | Permission.change_nickname
    | Permission.use_application_commands
    | Permission.create_public_threads
    | Permission.create_private_threads
    | Permission.external_stickers
    | Permission.send_messages_in_threads
    | Permission.send_polls
)
"""What @everyone may do in a new guild, as far as it matters here."""
MODERATES = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "embed_links",
    "attach_files",
    "read_message_history",
    "manage_messages",
    "manage_webhooks",
    "manage_guild",
    "moderate_members",
    "kick_members",
    "ban_members",
)
"""What the invitation of a moderating bot asks for, by name."""
TIMED_OUT = Permission.view_channel | Permission.read_message_history
"""All that is left to a member who is timed out."""


def permissions(names: Iterable[str]) -> Permission:
    """The bits of these names."""
    found = Permission(0)
    for name in names:
        if name not in Permission.__members__:
            raise ValueError(f"no such permission: {name}")
        found |= Permission[name]
    return found


@dataclass
class Overwrite:
    """What a channel allows or denies one role or member, whatever its roles say."""

    id: int
    is_member: bool
    allow: Permission = NOTHING
    deny: Permission = NOTHING

    def json(self) -> dict[str, object]:
        """A permission overwrite as Discord writes it."""
        return {
            "id": str(self.id),
            "type": int(self.is_member),
            "allow": str(int(self.allow)),
            "deny": str(int(self.deny)),
        }


def in_guild(guild: Guild, member: Member, now: float) -> Permission:
    """A member's permissions before any channel has its say."""
    if member.user.id == guild.owner_id:
        return EVERYTHING
    held = guild.everyone.permissions
    for role_id in member.roles:
        held |= guild.roles[role_id].permissions
    if held & Permission.administrator:
        return EVERYTHING
    return held & TIMED_OUT if member.is_timed_out(now) else held


def in_channel(channel: Channel, member: Member, now: float) -> Permission:
    """A member's permissions in a channel; a thread has those of its parent.

    Without `view_channel` there are none, and without `connect` none in a voice channel.
    """
    guild = member.guild
    held = in_guild(guild, member, now)
    if held == EVERYTHING:
        return held
    place = channel.parent if channel.is_thread and channel.parent else channel
    held = _overwritten(held, place, member)
    if member.is_timed_out(now):
        held &= TIMED_OUT
    hidden = channel.is_private_thread and not (
        member.user.id in channel.thread_members or held & Permission.manage_threads
    )
    if hidden or not held & Permission.view_channel:
        return Permission(0)
    if channel.is_voice and not held & Permission.connect:
        return Permission(0)
    return held


def _overwritten(held: Permission, place: Channel, member: Member) -> Permission:
    """First @everyone's overwrite, then those of the roles together, then the member's own."""
    overwrites = place.overwrites
    if everyone := overwrites.get(member.guild.id):
        held = held & ~everyone.deny | everyone.allow
    allow = deny = Permission(0)
    for role_id in member.roles:
        if role := overwrites.get(role_id):
            allow, deny = allow | role.allow, deny | role.deny
    held = held & ~deny | allow
    if own := overwrites.get(member.user.id):
        held = held & ~own.deny | own.allow
    return held


def outranks(guild: Guild, actor: Member, target: Member) -> bool:
    """Whether the hierarchy of roles lets one member act upon another. Nobody touches the owner."""
    if target.user.id == guild.owner_id:
        return False
    return actor.user.id == guild.owner_id or actor.rank > target.rank


def require(held: Permission, *names: str, who: str) -> None:
    """Refuse what a person may not do."""
    lacking = [name for name in names if not held & Permission[name]]
    if lacking:
        raise CannotHappen(f"{who} lacks {', '.join(lacking)}")
