"""People and bots as a test drives them, outside any group."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .accounts import Account, BotAccount
from .chats import Chat
from .errors import CannotHappen
from .messages import Message
from .posting import attach_reply
from .rights import Member
from .text import found_entities
from .world import Query, World

if TYPE_CHECKING:
    from .groups import Group

Json = dict[str, Any]
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}$")
_STEP = 0.005


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person saw after a press: a toast, or with `alert` a window. `text` may be empty."""

    text: str
    alert: bool
    url: str | None = None


def text_body(text: str, entities: list[Json] | None = None) -> Json:
    """A text as a person writes it: Telegram finds links and commands by itself."""
    if not text.strip():
        raise CannotHappen("nobody can send an empty text")
    marks = found_entities(text) + list(entities or [])
    return {"text": text, **({"entities": marks} if marks else {})}


class BotHandle:
    """A bot as its owner sees it."""

    def __init__(self, world: World, account: BotAccount) -> None:
        self._world = world
        self.account = account

    @property
    def id(self) -> int:
        """The bot's user id."""
        return self.account.id

    @property
    def token(self) -> str:
        """What the bot logs in with."""
        return self.account.token

    @property
    def username(self) -> str:
        """Without the @."""
        return self.account.username or ""

    @property
    def waiting(self) -> int:
        """How many updates are not confirmed yet."""
        return len(self._world.queues[self.id])

    @property
    def updates_made(self) -> int:
        """How many updates were queued since the beginning."""
        return self._world.queues[self.id].total

    def revokes_token(self) -> None:
        """Make the token invalid, as /revoke at BotFather does."""
        self._world.bots.pop(self.account.token, None)

    def sets_privacy(self, on: bool) -> None:
        """Change privacy mode; groups notice when the bot is added again."""
        self.account.privacy = on

    def redelivers(self, count: int = 1) -> None:
        """Queue copies of the newest waiting updates' payloads as new updates."""
        queue = self._world.queues[self.id]
        for update in queue.waiting()[-count:]:
            queue.put(update.kind, update.payload, update.lane)


class Person:
    """A human with a Telegram client."""

    def __init__(self, world: World, account: Account) -> None:
        self._world = world
        self.account = account

    @property
    def id(self) -> int:
        """The person's user id, which is also the id of private chats with them."""
        return self.account.id

    def starts(self, bot: BotHandle, payload: str = "") -> Message:
        """Press Start, perhaps through a deep link: up to 64 of A-Z a-z 0-9 _ -."""
        if not _PAYLOAD.match(payload):
            raise CannotHappen("a deep link's payload has up to 64 of A-Z a-z 0-9 _ -")
        chat = self._world.private_chat(self.account, bot.account)
        chat.started, was_blocked = True, chat.blocked
        if was_blocked:
            self.unblocks(bot)
        return self.writes(bot, f"/start {payload}".strip())

    def writes(
        self,
        bot: BotHandle,
        text: str,
        *,
        entities: list[Json] | None = None,
        reply_to: Message | None = None,
        quote: str | None = None,
    ) -> Message:
        """Write to the bot in private."""
        chat = self._open_chat(bot)
        body = text_body(text, entities)
        message = Message(chat, 0, self._world.clock.now(), body, sender=self.account)
        if reply_to is not None:
            attach_reply(message, reply_to, quote, manual=True)
        message.id = chat.next_id()
        return self._world.post(message)

    def _open_chat(self, bot: BotHandle) -> Chat:
        chat = self._world.private_chat(self.account, bot.account)
        if not chat.started or chat.blocked:
            raise CannotHappen(f"{self.account.name} has not started @{bot.username}")
        return chat

    def inbox(self, bot: BotHandle) -> list[Message]:
        """What stands in the private chat with the bot, oldest first."""
        return self._world.private_chat(self.account, bot.account).living()

    def blocks(self, bot: BotHandle) -> None:
        """Block the bot, which is told."""
        self._set_blocked(bot, blocked=True)

    def unblocks(self, bot: BotHandle) -> None:
        """Let the bot write again; it is told."""
        self._set_blocked(bot, blocked=False)

    def _set_blocked(self, bot: BotHandle, *, blocked: bool) -> None:
        chat = self._world.private_chat(self.account, bot.account)
        chat.blocked = blocked
        states = [Member(bot.account, "member"), Member(bot.account, "kicked")]
        old, new = states if blocked else states[::-1]
        payload = {
            "chat": chat.json(),
            "from": self.account.json(),
            "date": self._world.clock.date(),
            "old_chat_member": old.json("private"),
            "new_chat_member": new.json("private"),
        }
        self._world.queues[bot.id].put("my_chat_member", payload, chat.id)

    def leaves_telegram(self) -> None:
        """Delete the account."""
        self.account.deactivated = True

    def renames(self, first_name: str, username: str | None = None) -> None:
        """Change the name; Telegram tells no bot."""
        self.account.first_name = first_name
        self.account.username = username or self.account.username

    def reacts(self, message: Message, emoji: str | None) -> None:
        """React to a message, or with None take the reaction back."""
        old = message.reactions.get(self.id, [])
        new: list[Json] = [{"type": "emoji", "emoji": emoji}] if emoji else []
        message.reactions[self.id] = new
        payload = {
            "chat": message.chat.json(),
            "message_id": message.id,
            "user": self.account.json(),
            "date": self._world.clock.date(),
            "old_reaction": old,
            "new_reaction": new,
        }
        for bot in self._world.listening(message.chat):
            if message.chat.type == "private" or message.chat.members[bot.id].is_admin:
                self._world.queues[bot.id].put("message_reaction", payload, message.chat.id)

    def press(self, message: Message, button: str | int) -> Query:
        """Press without waiting. `button` is a label, callback data, or a place from 0."""
        found = _button(message, button)
        if "callback_data" not in found:
            raise CannotHappen(f"the button {found['text']!r} opens something, it tells no bot")
        return self._press(message, found["callback_data"])

    def _press(self, message: Message, data: str) -> Query:
        bot = message.sender if isinstance(message.sender, BotAccount) else message.chat.peer
        if not isinstance(bot, BotAccount):
            raise CannotHappen("only a bot's buttons can be pressed")
        chat = message.chat
        if chat.type != "private" and not chat.member(self.account, 0).present:
            raise CannotHappen(f"{self.account.name} is not in {chat.title}")
        query = Query(
            str(4_000_000_000_000_000_000 + self._world.number()), bot, self._world.clock.now()
        )
        self._world.queries[query.id] = query
        unseen = {"chat": chat.json(), "message_id": message.id, "date": 0}
        payload = {
            "id": query.id,
            "from": self.account.json(),
            "message": unseen if message.is_deleted or message.out_of_sight else message.json(),
            "chat_instance": str(abs(chat.id) * 7919),
            "data": data,
        }
        self._world.queues[bot.id].put("callback_query", payload, self.id)
        return query

    async def presses(
        self, message: Message, button: str | int, *, patience: float = 5.0
    ) -> Answer | None:
        """Press and wait up to `patience` real seconds; None if the bot did not answer."""
        return await self._answered(self.press(message, button), patience)

    async def forges(self, message: Message, data: str, *, patience: float = 5.0) -> Answer | None:
        """Press as a bad client can: with data that is on no button of the message."""
        return await self._answered(self._press(message, data), patience)

    async def _answered(self, query: Query, patience: float) -> Answer | None:
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        while query.answer is None and loop.time() < end:
            await asyncio.sleep(_STEP)
        if query.answer is None:
            return None
        answer = query.answer
        return Answer(answer["text"], answer["show_alert"], answer["url"])

    def menu(self, bot: BotHandle, group: Group | None = None) -> list[str]:
        """The commands which the bot's menu offers here, by Telegram's order of scopes."""
        language = self.account.language_code or ""
        for scope in self._scopes(group):
            for spoken in (language, "") if language else ("",):
                commands = bot.account.commands.get((scope, spoken))
                if commands:
                    return [command["command"].removeprefix("/") for command in commands]
        return []

    def _scopes(self, group: Group | None) -> list[str]:
        if group is None:
            return [f"chat:{self.id}:", "all_private_chats", "default"]
        chat = group.chat
        scopes = [f"chat_member:{chat.id}:{self.id}"]
        is_admin = chat.member(self.account, 0).is_admin
        if is_admin:
            scopes.append(f"chat_administrators:{chat.id}:")
        scopes.append(f"chat:{chat.id}:")
        if is_admin:
            scopes.append("all_chat_administrators")
        return [*scopes, "all_group_chats", "default"]


def _button(message: Message, button: str | int) -> Json:
    buttons = message.buttons
    if isinstance(button, int):
        return buttons[button]
    for found in buttons:
        if button in {found["text"], found.get("callback_data")}:
            return found
    raise CannotHappen(f"no button {button!r} under the message, only {message.labels}")
