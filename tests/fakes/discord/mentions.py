"""Whom a message notifies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .accounts import User

Json = dict[str, Any]
_USER, _ROLE, _EVERYONE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>"), "@everyone"


@dataclass
class Pings:
    """Whom a message notifies."""

    users: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    everyone: bool = False

    def __bool__(self) -> bool:
        return bool(self.users or self.roles or self.everyone)


def pings(text: str, allowed: Json | None, replied: User | None = None) -> Pings:
    """Whom a text notifies; `allowed` is what `allowed_mentions` lets through, None lets all."""
    users = [int(found) for found in dict.fromkeys(_USER.findall(text))]
    roles = [int(found) for found in dict.fromkeys(_ROLE.findall(text))]
    everyone = _EVERYONE in text or "@here" in text
    if replied is not None and (allowed is None or allowed.get("replied_user")):
        users = [*dict.fromkeys([*users, replied.id])]
    if allowed is None:
        return Pings(users, roles, everyone)
    parse = allowed.get("parse") or []
    named_users = {int(each) for each in allowed.get("users") or []}
    named_roles = {int(each) for each in allowed.get("roles") or []}
    spared = {replied.id} if replied is not None and allowed.get("replied_user") else set()
    return Pings(
        [u for u in users if "users" in parse or u in named_users or u in spared],
        [r for r in roles if "roles" in parse or r in named_roles],
        everyone and "everyone" in parse,
    )
