"""Webhooks: addresses that post in a channel under any name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from .accounts import User
from .channels import Channel

Json = dict[str, Any]


@dataclass(eq=False)
class Webhook:
    """A webhook that `maker` made; only its `token` is needed to use it."""

    id: int
    token: str
    channel: Channel
    name: str
    maker: User
    avatar: str | None = None
    application_id: int | None = None

    def author(self, username: str | None, avatar_url: str | None) -> User:
        """Who a message seems to be from; Discord names a picture by a hash of its own."""
        avatar = hashlib.md5(avatar_url.encode()).hexdigest() if avatar_url else self.avatar
        name = username or self.name
        return User(self.id, name, avatar=avatar, is_bot=True, discriminator="0000")

    def json(self, *, with_token: bool = True) -> Json:
        """A `Webhook` as Discord writes it."""
        assert self.channel.guild is not None
        data: Json = {
            "id": str(self.id),
            "type": 1,
            "guild_id": str(self.channel.guild.id),
            "channel_id": str(self.channel.id),
            "name": self.name,
            "avatar": self.avatar,
            "user": self.maker.json(),
            "application_id": None if self.application_id is None else str(self.application_id),
        }
        if with_token:
            data["token"] = self.token
        return data
