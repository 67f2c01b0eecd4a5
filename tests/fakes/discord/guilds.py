"""Guilds, which people call servers: their roles, members, bans and rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .accounts import User
from .channels import Channel
from .clock import iso
from .permissions import EVERYONE, Permission

Json = dict[str, Any]
ACTIONS = {
    "channel create": 10,
    "channel update": 11,
    "channel delete": 12,
    "kick": 20,
    "ban": 22,
    "unban": 23,
    "member update": 24,
    "member role update": 25,
    "bot add": 28,
    "webhook create": 50,
    "message delete": 72,
    "message bulk delete": 73,
}
"""What an audit log tells of, with Discord's numbers."""


@dataclass(eq=False)
class Role:
    """A role; one with a higher `position` stands above. A bot's own role is `bot_id`'s."""

    id: int
    name: str
    permissions: Permission
    position: int
    bot_id: int | None = None

    def json(self) -> Json:
        """A `Role` as Discord writes it."""
        data: Json = {
            "id": str(self.id),
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": self.position,
            "permissions": str(int(self.permissions)),
            "managed": self.bot_id is not None,
            "mentionable": False,
            "flags": 0,
        }
        if self.bot_id is not None:
            data["tags"] = {"bot_id": str(self.bot_id)}
        return data


@dataclass(eq=False)
class Member:
    """A user in a guild. `roles` leaves @everyone out; `timeout_until` is in seconds since 1970."""

    guild: Guild
    user: User
    joined_at: float
    roles: set[int] = field(default_factory=set)
    nick: str | None = None
    timeout_until: float | None = None

    @property
    def rank(self) -> int:
        """The position of the highest role; @everyone's is 0."""
        return max((self.guild.roles[role_id].position for role_id in self.roles), default=0)

    @property
    def name(self) -> str:
        """What the guild shows."""
        return self.nick or self.user.name

    def is_timed_out(self, now: float) -> bool:
        """Whether the member may only read for the moment."""
        return self.timeout_until is not None and self.timeout_until > now

    def json(self, *, with_user: bool = True) -> Json:
        """A `Member` as Discord writes it; in a message's own it leaves the user out."""
        data: Json = {
            "roles": [str(role_id) for role_id in sorted(self.roles)],
            "joined_at": iso(self.joined_at),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "nick": self.nick,
            "avatar": None,
            "communication_disabled_until": iso(self.timeout_until) if self.timeout_until else None,
        }
        if with_user:
            data["user"] = self.user.json()
        return data


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of a guild's audit log: who did what to which id, and the reason given."""

    id: int
    action: str
    by: User
    target: int
    reason: str | None

    def json(self) -> Json:
        """An entry as Discord writes it."""
        data: Json = {
            "id": str(self.id),
            "action_type": ACTIONS[self.action],
            "user_id": str(self.by.id),
            "target_id": str(self.target),
        }
        return data | ({"reason": self.reason} if self.reason else {})


@dataclass(eq=False)
class Guild:
    """A guild. Its id is also that of the role @everyone."""

    id: int
    name: str
    owner_id: int
    made_at: float
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    bans: dict[int, tuple[User, str | None]] = field(default_factory=dict)
    automod_rules: dict[int, Json] = field(default_factory=dict)
    audit_log: list[AuditEntry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.roles[self.id] = Role(self.id, "@everyone", EVERYONE, 0)

    @property
    def everyone(self) -> Role:
        """The role that every member has."""
        return self.roles[self.id]

    @property
    def threads(self) -> list[Channel]:
        """Threads that are not archived."""
        return [c for c in self.channels.values() if c.is_thread and not c.archived]

    def json(self) -> Json:
        """A `Guild` as Discord writes it over HTTP."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "owner_id": str(self.owner_id),
            "region": "deprecated",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "roles": [role.json() for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": ["COMMUNITY"],
            "mfa_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "vanity_url_code": None,
            "description": None,
            "banner": None,
            "premium_tier": 0,
            "preferred_locale": self.locale,
            "public_updates_channel_id": None,
            "nsfw_level": 0,
            "max_members": 500_000,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "safety_alerts_channel_id": None,
            "incidents_data": None,
        }
