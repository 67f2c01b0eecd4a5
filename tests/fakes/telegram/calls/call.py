"""One call of a method, what every method asks first, and the table of methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ..accounts import Account, BotAccount
from ..chats import Chat
from ..errors import bad_request, forbidden, upgraded
from ..messages import Message
from ..rights import Member
from ..world import World

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a multipart request."""

    name: str
    content: bytes


@dataclass
class Call:
    """A checked request: `params` hold only what the schema knows, in the types it says."""

    world: World
    bot: BotAccount
    method: str
    params: Json
    uploads: dict[str, Upload] = field(default_factory=dict)

    @property
    def now(self) -> int:
        """The server's date."""
        return self.world.clock.date()

    def get(self, name: str, default: Any = None) -> Any:
        """An optional parameter."""
        return self.params.get(name, default)

    def chat(self, name: str = "chat_id", *, to_write: bool = True) -> Chat:
        """The chat a parameter names, if the bot may use it."""
        if name not in self.params:
            raise bad_request("chat_id is empty")
        chat_id = self.params[name]
        chat = self.world.find_chat(self.bot, chat_id)
        if chat is None:
            account = self.world.accounts.get(chat_id) if isinstance(chat_id, int) else None
            if to_write and account is not None and self.world.has_met(self.bot, account):
                return self.world.private_chat(account, self.bot)
            raise bad_request("chat not found")
        self._admit(chat, to_write=to_write)
        return chat

    def _admit(self, chat: Chat, *, to_write: bool) -> None:
        if chat.type == "private":
            assert chat.person is not None
            if chat.person.deactivated and to_write:
                raise forbidden("user is deactivated")
            return
        kind = f"{chat.type} chat"
        member = self.me_in(chat)
        if chat.upgraded_to is not None:
            if to_write:
                raise upgraded(chat.upgraded_to.id)
            return
        if self.bot.id not in chat.members and not chat.username:
            raise bad_request("chat not found")
        reads_freely = not to_write and (chat.type == "group" or chat.username)
        if member.status == "kicked" and not (chat.type == "group" and not to_write):
            raise forbidden(f"bot was kicked from the {kind}")
        if not member.present and not reads_freely:
            raise forbidden(f"bot is not a member of the {kind}")

    def me_in(self, chat: Chat) -> Member:
        """The bot's own standing."""
        return chat.member(self.bot, self.now)

    def account(self, name: str = "user_id") -> Account:
        """The account a parameter names."""
        user_id = self.params.get(name, 0)
        if user_id <= 0:
            raise bad_request("invalid user_id specified")
        account = self.world.accounts.get(user_id)
        if account is None:
            raise bad_request("PARTICIPANT_ID_INVALID")
        return account

    def message(self, chat: Chat, what: str = "message", message_id: int | None = None) -> Message:
        """The message that `message_id` names in a chat; `what` completes "... not found"."""
        wanted = self.params.get("message_id") if message_id is None else message_id
        if wanted is None or wanted <= 0:
            raise bad_request("message identifier is not specified")
        message = chat.messages.get(wanted)
        if message is None or message.is_deleted:
            raise bad_request(f"{what} not found")
        return message


Method = Callable[[Call], Any | Awaitable[Any]]
METHODS: dict[str, Method] = {}


def method(name: str) -> Callable[[Method], Method]:
    """Answer calls of a Bot API method with this function."""

    def register(function: Method) -> Method:
        METHODS[name] = function
        return function

    return register
