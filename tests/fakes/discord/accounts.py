"""People, and the applications whose bots moderate them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
PRIVILEGED = {"members": 1 << 1, "presences": 1 << 8, "message_content": 1 << 15}
"""Intents that must be switched on in the developer portal, with their bits."""
_LIMITED_FLAGS = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}
"""Flags of an application in fewer than 100 guilds that has such an intent."""


@dataclass(eq=False)
class User:
    """A user of Discord, human, bot or webhook."""

    id: int
    username: str
    global_name: str | None = None
    avatar: str | None = None
    is_bot: bool = False
    discriminator: str = "0"
    locale: str = "en-US"
    takes_dms: bool = True

    def json(self) -> Json:
        """A `User` as Discord writes it."""
        data: Json = {
            "id": str(self.id),
            "username": self.username,
            "discriminator": self.discriminator,
            "global_name": self.global_name,
            "avatar": self.avatar,
            "public_flags": 0,
        }
        if self.is_bot:
            data["bot"] = True
        return data

    @property
    def name(self) -> str:
        """What chats show where there is no nickname."""
        return self.global_name or self.username


@dataclass(eq=False)
class Application(User):
    """A bot with its token, its privileged intents and its commands.

    `commands` are those of each guild, and under None the global ones.
    """

    token: str = ""
    intents: set[str] = field(default_factory=lambda: set(PRIVILEGED))
    owner: User | None = None
    commands: dict[int | None, list[Json]] = field(default_factory=dict)
    identifies: int = 0

    @property
    def flags(self) -> int:
        """The application's flags, which tell what was switched on in the portal."""
        return sum(_LIMITED_FLAGS[name] for name in self.intents)

    @property
    def reads_content(self) -> bool:
        """Whether it may read what people write."""
        return "message_content" in self.intents

    def allows_intents(self, intents: int) -> bool:
        """Whether all privileged intents asked for are switched on."""
        return all(name in self.intents for name, bit in PRIVILEGED.items() if intents & bit)

    def application(self) -> Json:
        """What /oauth2/applications/@me answers."""
        owner = self.owner or self
        return {
            "id": str(self.id),
            "name": self.username,
            "icon": None,
            "description": "",
            "summary": "",
            "verify_key": "00" * 32,
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": owner.json(),
            "team": None,
            "flags": self.flags,
            "bot": self.json(),
        }
