"""People, bots and the three accounts that Telegram speaks through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(eq=False)
class Account:
    """A user of Telegram, human or not."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    is_bot: bool = False
    language_code: str | None = None
    deactivated: bool = False

    def json(self) -> Json:
        """A `User` as the Bot API writes it."""
        data: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if (value := getattr(self, name)) is not None:
                data[name] = value
        return data

    @property
    def name(self) -> str:
        """The full name that chats show."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


@dataclass(eq=False)
class BotAccount(Account):
    """A bot with its token and what BotFather was told about it.

    `privacy` is Telegram's privacy mode: it takes effect in a group when the bot is added to it, so
    a change needs the bot to be added again. `sees_bots` stands for the bot-to-bot setting.
    """

    token: str = ""
    privacy: bool = True
    joins_groups: bool = True
    sees_bots: bool = False
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    default_rights: dict[bool, Json] = field(default_factory=dict)

    def me(self) -> Json:
        """What getMe answers."""
        return {
            **self.json(),
            "can_join_groups": self.joins_groups,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }


ANONYMOUS_ADMIN = Account(1087968824, "Group", username="GroupAnonymousBot", is_bot=True)
"""Who seems to write when an administrator is anonymous."""
CHANNEL_SENDER = Account(136817688, "Channel", username="Channel_Bot", is_bot=True)
"""Who seems to write when a channel writes in a group."""
SERVICE = Account(777000, "Telegram")
"""Who seems to write when a linked channel's post is forwarded by itself."""
