"""Everything the server knows: accounts, chats, messages, and which bot hears of what."""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import dataclass, field
from typing import Any

from .accounts import Account, BotAccount
from .chats import Chat
from .clock import Clock
from .errors import ApiError, bad_request
from .files import FileStore
from .journal import Journal
from .messages import Message
from .rights import Member
from .updates import UpdateQueue
from .webhooks import Webhook

Json = dict[str, Any]
_KEPT_SERVICE = 48 * 3600
_COMMAND = re.compile(r"/\w+(?:@(?P<bot>\w+))?")


@dataclass(eq=False)
class Query:
    """A press on an inline button, waiting for the bot's answer."""

    id: str
    bot: BotAccount
    asked_at: float
    answer: Json | None = None


@dataclass(eq=False)
class World:
    """The state behind all bots. It checks no request: `calls` does.

    `answer_window` is how long a press may be answered, `webhook_retry` how long a refused delivery
    waits at first, both in seconds. `local_mode` takes webhooks without TLS and on any port, as a
    self-hosted server does. `forgetful` keeps a file only for as long as a message bears it, and
    gives each message's an id of its own.
    """

    clock: Clock = field(default_factory=Clock)
    files: FileStore = field(default_factory=FileStore)
    journal: Journal = field(default_factory=Journal)
    accounts: dict[int, Account] = field(default_factory=dict)
    bots: dict[str, BotAccount] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    private: dict[tuple[int, int], Chat] = field(default_factory=dict)
    queues: dict[int, UpdateQueue] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    polls: dict[str, Message] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    pollers: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    answer_window: float = 15.0
    webhook_retry: float = 0.1
    local_mode: bool = True
    strict: bool = True
    forgetful: bool = False
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def number(self) -> int:
        """A number not given before."""
        return next(self._numbers)

    def private_chat(self, person: Account, bot: BotAccount) -> Chat:
        """The chat of a person and a bot, which the person has perhaps not started."""
        key = (person.id, bot.id)
        if key not in self.private:
            self.private[key] = Chat("private", person.id, person=person, peer=bot)
        return self.private[key]

    def find_chat(self, bot: BotAccount, chat_id: int | str) -> Chat | None:
        """The chat which that bot means by an id or @username."""
        if isinstance(chat_id, str):
            name = chat_id.removeprefix("@").lower()
            chats = self.chats.values()
            return next((chat for chat in chats if (chat.username or "").lower() == name), None)
        return self.private.get((chat_id, bot.id)) or self.chats.get(chat_id)

    def has_met(self, bot: BotAccount, account: Account) -> bool:
        """Whether a bot has come across an account: in private or in a group of both."""
        if (account.id, bot.id) in self.private:
            return True
        return any(
            bot.id in chat.members and account.id in chat.members for chat in self.chats.values()
        )

    def post(self, message: Message, *, tell: bool = True) -> Message:
        """Put a message into its chat and tell the bots that may see it."""
        message.chat.messages[message.id] = message
        if tell:
            kind = "channel_post" if message.chat.type == "channel" else "message"
            self.tell_of_message(kind, message)
        return message

    def tell_of_message(self, kind: str, message: Message) -> None:
        """Queue a message, or its edit, for every bot that may see it."""
        payload: Json | None = None
        for bot in self.listening(message.chat):
            if self._may_see(bot, message):
                payload = payload or message.json()
                self.queues[bot.id].put(kind, payload, message.chat.id)

    def listening(self, chat: Chat) -> list[BotAccount]:
        """The bots in a chat."""
        if chat.peer is not None:
            return [chat.peer]
        return [
            member.account
            for member in chat.members.values()
            if isinstance(member.account, BotAccount) and member.present
        ]

    def _may_see(self, bot: BotAccount, message: Message) -> bool:
        if message.sender is bot:
            return False
        chat = message.chat
        if not chat.is_group:
            return True
        if isinstance(message.sender, BotAccount) and not bot.sees_bots:
            return False
        member = chat.members[bot.id]
        if member.is_admin or not member.privacy_when_added or is_service(message):
            return True
        return self._addressed(bot, message)

    def _addressed(self, bot: BotAccount, message: Message) -> bool:
        if message.reply_to is not None and message.reply_to.sender is bot:
            return True
        command = _COMMAND.match(message.text)
        if command is not None:
            return command["bot"] is None or command["bot"].lower() == (bot.username or "").lower()
        mentions = [mention.lower() for mention in message.spans("mention")]
        return f"@{bot.username}".lower() in mentions

    def can_delete(self, bot: BotAccount, message: Message) -> ApiError | None:
        """Why that bot may not delete a message now, or None."""
        chat, now = message.chat, self.clock.now()
        old = now - message.posted_at >= _KEPT_SERVICE
        own = message.sender is bot and message.sender_chat is None
        if chat.type == "private":
            return bad_request("message can't be deleted for everyone") if old else None
        holds = chat.member(bot, int(now)).has("can_delete_messages")
        if chat.type == "group":
            if old or not (own or holds):
                return bad_request("message can't be deleted for everyone")
            return None
        opens_forum = (
            "forum_topic_created" in message.body or "supergroup_chat_created" in message.body
        )
        if old or opens_forum or not (own or holds):
            return bad_request("message can't be deleted")
        return None

    def delete(self, message: Message) -> None:
        """Remove a message for everyone. Telegram tells bots nothing about it."""
        message.deleted_at = self.clock.now()

    def bears(self, content_id: str) -> bool:
        """Whether a message that still stands carries this content, in whatever chat."""
        return any(
            message.content_id == content_id
            for chat in (*self.chats.values(), *self.private.values())
            for message in chat.living()
        )

    def set_standing(self, chat: Chat, member: Member, by: Account, change: Member) -> None:
        """Give a member a new standing and tell the bots: the bot itself, and administrators."""
        member.settle(self.clock.date())
        before = member.json(chat.type)
        for name in ("status", "rights", "title", "permissions", "until_date", "is_member"):
            setattr(member, name, getattr(change, name))
        chat.members[member.account.id] = member
        payload: Json = {
            "chat": chat.json(),
            "from": by.json(),
            "date": self.clock.date(),
            "old_chat_member": before,
            "new_chat_member": member.json(chat.type),
        }
        if payload["old_chat_member"] == payload["new_chat_member"]:
            return
        account = member.account
        if isinstance(account, BotAccount):
            self.queues[account.id].put("my_chat_member", payload, chat.id)
        for bot in self.listening(chat):
            if bot is not account and chat.member(bot, self.clock.date()).is_admin:
                self.queues[bot.id].put("chat_member", payload, chat.id)

    def service(self, chat: Chat, by: Account | None, body: Json, **extra: Any) -> Message:
        """Post a service message, such as that somebody joined."""
        message = Message(chat, chat.next_id(), self.clock.now(), body, sender=by, **extra)
        return self.post(message)


SERVICE_FIELDS = frozenset(
    [
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "group_chat_created",
        "supergroup_chat_created",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "pinned_message",
        "forum_topic_created",
        "forum_topic_closed",
        "forum_topic_reopened",
    ]
)


def is_service(message: Message) -> bool:
    """Whether Telegram itself wrote the message."""
    return not SERVICE_FIELDS.isdisjoint(message.body)
