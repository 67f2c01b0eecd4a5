"""People and bots as a test drives them, outside any guild."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from . import commanding, forms
from .accounts import Application, User
from .asking import answered, ask, require_present
from .errors import CannotHappen
from .guilds import Member
from .interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Answer, Interaction
from .mentions import pings
from .messages import Message
from .permissions import Permission, in_channel
from .world import World

if TYPE_CHECKING:
    from .places import ChannelHandle

Json = dict[str, Any]
_BUTTON, _LINK = 2, 5
_STEP = 0.005
_PATIENCE = 5.0


class BotHandle:
    """A bot as its owner sees it in the developer portal."""

    def __init__(self, world: World, account: Application) -> None:
        self._world = world
        self.account = account

    @property
    def id(self) -> int:
        """The bot's user id, which is also its application's."""
        return self.account.id

    @property
    def token(self) -> str:
        """What the bot logs in with."""
        return self.account.token

    @property
    def username(self) -> str:
        """Its name."""
        return self.account.username

    @property
    def is_ready(self) -> bool:
        """Whether it is connected to the gateway."""
        return self._world.gateway.is_ready(self.id)

    @property
    def events_made(self) -> int:
        """How many events were dispatched to its sessions since the beginning."""
        sessions = self._world.gateway.sessions.values()
        return sum(session.dispatched for session in sessions if session.bot is self.account)

    def commands(self, guild: int | None = None) -> list[str]:
        """The names of its registered commands: a guild's, or the global ones."""
        return [command["name"] for command in self.account.commands.get(guild, [])]

    def allows(self, *intents: str) -> None:
        """Switch exactly these privileged intents on: members, presences, message_content."""
        self.account.intents = set(intents)

    def revokes_token(self) -> None:
        """Make the token invalid, as "Reset token" does, and end its sessions."""
        self._world.bots.pop(self.account.token, None)
        self._world.gateway.close_sessions(self.account, 4004)

    async def connects(self, *, patience: float = _PATIENCE) -> None:
        """Wait until it is connected to the gateway."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        while not self.is_ready:
            if loop.time() > end:
                raise TimeoutError(f"{self.username} did not come to the gateway")
            await asyncio.sleep(_STEP)


class Person:
    """A human with a Discord client."""

    def __init__(self, world: World, account: User) -> None:
        self._world = world
        self.account = account

    @property
    def id(self) -> int:
        """The person's user id."""
        return self.account.id

    @property
    def mention(self) -> str:
        """What mentions them in a text."""
        return f"<@{self.id}>"

    def writes(self, bot: BotHandle, text: str) -> Message:
        """Write to the bot in private; they must share a guild."""
        if not self._world.shares_guild(self.account, bot.account):
            raise CannotHappen(f"{self.account.name} shares no server with {bot.username}")
        channel = self._world.direct(self.account, bot.account)
        now = self._world.now()
        message = Message(channel, self._world.ids.next(), self.account, now, text)
        message.pings = pings(text, None)
        return self._world.post(message)

    def inbox(self, bot: BotHandle) -> list[Message]:
        """What stands in the private channel with the bot, oldest first."""
        return self._world.direct(self.account, bot.account).living()

    def closes_dms(self) -> None:
        """Take no direct messages from servers any more."""
        self.account.takes_dms = False

    def opens_dms(self) -> None:
        """Take direct messages again."""
        self.account.takes_dms = True

    def renames(self, name: str | None = None, *, username: str | None = None) -> None:
        """Change the name that all servers show, or the username; each server's bots hear of it."""
        self.account.global_name = name or self.account.global_name
        self.account.username = username or self.account.username
        for guild in self._world.guilds.values():
            if member := guild.members.get(self.id):
                self._world.told_of_member(member)

    def press(self, message: Message, button: str | int) -> Interaction:
        """Press without waiting. `button` is a label, a custom id, or a place from 0."""
        self._require_sight(message)
        found = _button(message, button)
        if found.get("disabled"):
            raise CannotHappen(f"the button {found.get('label')!r} is disabled")
        if found["style"] == _LINK:
            raise CannotHappen(f"the button {found.get('label')!r} is a link, it tells no bot")
        data = {"component_type": _BUTTON, "custom_id": found["custom_id"], "id": 1}
        return self._under(message, data)

    async def presses(
        self, message: Message, button: str | int, *, patience: float = _PATIENCE
    ) -> Answer | None:
        """Press and wait up to `patience` real seconds; None if the bot did not answer."""
        return await answered(self.press(message, button), patience)

    async def selects(
        self, message: Message, *values: str, menu: int = 0, patience: float = _PATIENCE
    ) -> Answer | None:
        """Choose in a select menu, by label or value."""
        select = message.selects[menu]
        offered = select.get("options", [])
        known = {option["label"]: option["value"] for option in offered}
        known |= {option["value"]: option["value"] for option in offered}
        if select["type"] == 3 and not set(values) <= known.keys():
            raise CannotHappen(f"the menu offers only {[o['label'] for o in offered]}")
        chosen = [known.get(value, value) for value in values]
        data = {"component_type": select["type"], "custom_id": select["custom_id"]}
        return await answered(self._under(message, {**data, "values": chosen}), patience)

    def _under(self, message: Message, data: Json) -> Interaction:
        self._require_sight(message)
        source = message.webhook.application_id if message.webhook else message.author.id
        bot = self._world.users.get(source or 0)
        if not isinstance(bot, Application):
            raise CannotHappen("only a bot's buttons can be pressed")
        metadata = {"interacted_message_id": str(message.id)}
        return ask(
            self._world,
            bot,
            self.account,
            message.channel,
            COMPONENT,
            data,
            source=message,
            metadata=metadata,
        )

    def _require_sight(self, message: Message) -> None:
        """Nobody acts upon what they do not see; one who still looks at a deleted message may."""
        channel = message.channel
        require_present(channel, self.account)
        if message.only_for not in {None, self.account}:
            raise CannotHappen(f"{self.account.name} cannot see that message")
        if channel.guild is None:
            return
        member = channel.guild.members[self.id]
        if not in_channel(channel, member, self._world.now()) & Permission.view_channel:
            raise CannotHappen(f"{self.account.name} cannot see #{channel.name}")

    async def submits(
        self, opened: Answer, *, patience: float = _PATIENCE, **values: Any
    ) -> Answer | None:
        """Fill in the form that opened and send it. Fields are named by custom id or label.

        A label is written with _ for what is no letter or digit, as `reason` for "Reason".
        """
        interaction = opened.interaction
        data = forms.filled_in(opened.modal, values)
        metadata = {"triggering_interaction_metadata": interaction.metadata}
        sent = ask(
            self._world,
            interaction.bot,
            self.account,
            interaction.channel,
            MODAL_SUBMIT,
            data,
            source=interaction.source,
            metadata=metadata,
        )
        return await answered(sent, patience)

    def use(self, command: str, channel: ChannelHandle, **options: Any) -> Interaction:
        """Send a command without waiting: "aman settings" is a sub-command of "aman"."""
        require_present(channel.channel, self.account)
        name, *words = command.removeprefix("/").split()
        found = commanding.find(
            self._world, self.account, channel.channel, commanding.CHAT_INPUT, name
        )
        data = commanding.filled_in(found[1], words, options, self._member(channel))
        return ask(self._world, found[0], self.account, channel.channel, COMMAND, data)

    def _member(self, channel: ChannelHandle) -> Member | None:
        guild = channel.channel.guild
        return None if guild is None else guild.members[self.id]

    async def uses(
        self, command: str, channel: ChannelHandle, *, patience: float = _PATIENCE, **options: Any
    ) -> Answer | None:
        """Send a command and wait up to `patience` real seconds for what the bot answers."""
        return await answered(self.use(command, channel, **options), patience)

    async def autocompletes(
        self,
        command: str,
        channel: ChannelHandle,
        option: str,
        written: str,
        *,
        patience: float = _PATIENCE,
        **options: Any,
    ) -> list[str] | None:
        """What the bot offers while an option is being written, with others filled in already."""
        require_present(channel.channel, self.account)
        name, *words = command.removeprefix("/").split()
        bot, found = commanding.find(
            self._world, self.account, channel.channel, commanding.CHAT_INPUT, name
        )
        values = {**options, option: written}
        member = self._member(channel)
        data = commanding.filled_in(found, words, values, member, focused=option)
        asked = ask(self._world, bot, self.account, channel.channel, AUTOCOMPLETE, data)
        answer = await answered(asked, patience)
        return None if answer is None else answer.choices

    async def context_menu(
        self, command: str, message: Message, *, patience: float = _PATIENCE
    ) -> Answer | None:
        """Choose a command from a message's menu "Apps"."""
        self._require_sight(message)
        channel = message.channel
        bot, found = commanding.find(
            self._world, self.account, channel, commanding.MESSAGE, command
        )
        resolved = {"messages": {str(message.id): message.json()}}
        data = commanding.about(found, message.id, resolved)
        metadata = {"target_message_id": str(message.id)}
        asked = ask(self._world, bot, self.account, channel, COMMAND, data, metadata=metadata)
        return await answered(asked, patience)

    def menu(self, message: Message) -> list[str]:
        """The commands in that message's menu "Apps"."""
        found = commanding.offered(self._world, self.account, message.channel, commanding.MESSAGE)
        return [command["name"] for _, command in found]


def _button(message: Message, button: str | int) -> Json:
    buttons = message.buttons
    if isinstance(button, int):
        return buttons[button]
    for found in buttons:
        if button in {found.get("label"), found.get("custom_id")}:
            return found
    raise CannotHappen(f"no button {button!r} under the message, only {message.labels}")
