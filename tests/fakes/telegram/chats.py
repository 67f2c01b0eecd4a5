"""Chats of every kind, with their members, topics and messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .accounts import Account, BotAccount
from .rights import PERMISSIONS, Member

if TYPE_CHECKING:
    from .messages import Message

Json = dict[str, Any]


@dataclass
class Topic:
    """A topic of a forum; its id is that of the service message which opened it."""

    id: int
    name: str
    closed: bool = False


@dataclass(eq=False)
class Chat:
    """A private chat, basic group, supergroup or channel.

    A private chat has the person's id and belongs to one bot, its `peer`.
    """

    type: str
    id: int
    title: str = ""
    username: str | None = None
    is_forum: bool = False
    tells_of_joins: bool = True
    """Whether a service message says who joined; in large groups none does."""
    person: Account | None = None
    peer: BotAccount | None = None
    started: bool = False
    blocked: bool = False
    linked: Chat | None = None
    upgraded_to: Chat | None = None
    members: dict[int, Member] = field(default_factory=dict)
    banned_senders: set[int] = field(default_factory=set)
    permissions: set[str] = field(
        default_factory=lambda: set(PERMISSIONS) - {"can_change_info", "can_pin_messages"}
    )
    messages: dict[int, Message] = field(default_factory=dict)
    ephemeral: dict[int, tuple[int, Message]] = field(default_factory=dict)
    """By their own ids, each with the user id of the one who sees it."""
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 0

    def next_id(self) -> int:
        """The id of the chat's next message."""
        self.last_id += 1
        return self.last_id

    @property
    def is_group(self) -> bool:
        """Basic group or supergroup."""
        return self.type in {"group", "supergroup"}

    def member(self, account: Account, now: int) -> Member:
        """The account's standing now; somebody never seen has left."""
        member = self.members.get(account.id)
        if member is None:
            return Member(account, "left")
        member.settle(now)
        return member

    def living(self) -> list[Message]:
        """Messages that are still there, oldest first."""
        return [message for message in self.messages.values() if message.deleted_at is None]

    def json(self) -> Json:
        """A `Chat` as the Bot API writes it."""
        if self.person is not None:
            fields = ("first_name", "last_name", "username")
            data = {name: getattr(self.person, name) for name in fields}
            return {
                "id": self.id,
                "type": "private",
                **{name: value for name, value in data.items() if value},
            }
        data = {"id": self.id, "type": self.type, "title": self.title}
        if self.username:
            data["username"] = self.username
        if self.is_forum:
            data["is_forum"] = True
        return data
