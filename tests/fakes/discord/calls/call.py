"""One request, what every route asks first, and the table of routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..accounts import Application, User
from ..attachments import File
from ..channels import Channel
from ..errors import ApiError, missing_access, missing_permissions, unauthorized, unknown
from ..guilds import Guild, Member
from ..messages import Message
from ..permissions import Permission, in_channel, in_guild, outranks
from ..world import World

Json = dict[str, Any]


@dataclass
class Call:
    """A checked request: `query` and `body` hold only what the shapes know, in their types."""

    world: World
    caller: Application | None
    params: dict[str, int | str]
    query: Json
    body: Any
    files: dict[int, File] = field(default_factory=dict)
    reason: str | None = None

    @property
    def bot(self) -> Application:
        """Who asks; a route that takes no token has none."""
        if self.caller is None:
            raise unauthorized()
        return self.caller

    @property
    def now(self) -> float:
        """The server's time."""
        return self.world.now()

    def id(self, name: str) -> int:
        """An id in the path."""
        value = self.params[name]
        if not isinstance(value, int):
            raise ApiError(400, 50035, "Invalid Form Body")
        return value

    def guild(self) -> Guild:
        """The guild in the path, in which the bot must be."""
        guild = self.world.guilds.get(self.id("guild_id"))
        if guild is None:
            raise unknown("Guild")
        if self.bot.id not in guild.members:
            raise missing_access()
        return guild

    def me_in(self, guild: Guild) -> Member:
        """The bot as a member."""
        return guild.members[self.bot.id]

    def guild_needing(self, *names: str) -> Guild:
        """The guild in the path, in which the bot must hold these permissions."""
        guild = self.guild()
        held = in_guild(guild, self.me_in(guild), self.now)
        if any(not held & Permission[name] for name in names):
            raise missing_permissions()
        return guild

    def channel(self, *needs: str) -> Channel:
        """The channel in the path, in which the bot must hold these permissions."""
        channel = self.world.channels.get(self.id("channel_id"))
        if channel is None:
            raise unknown("Channel")
        self.admit(channel, *needs)
        return channel

    def admit(self, channel: Channel, *needs: str) -> None:
        """Refuse a channel that the bot cannot see, or may not do this in."""
        if channel.guild is None:
            if channel.bot is not self.bot:
                raise missing_access()
            return
        held = self.held_in(channel)
        if not held & Permission.view_channel:
            raise missing_access()
        if any(not held & Permission[name] for name in needs):
            raise missing_permissions()

    def held_in(self, channel: Channel) -> Permission:
        """The bot's permissions in a channel of a guild; none where it is not a member."""
        assert channel.guild is not None
        member = channel.guild.members.get(self.bot.id)
        return Permission(0) if member is None else in_channel(channel, member, self.now)

    def message(self, channel: Channel) -> Message:
        """The message in the path, still there."""
        message = channel.messages.get(self.id("message_id"))
        if message is None or message.is_deleted or message.only_for is not None:
            raise unknown("Message")
        return message

    def user(self) -> User:
        """The user in the path."""
        user = self.world.users.get(self.id("user_id"))
        if user is None:
            raise unknown("User")
        return user

    def member(self, guild: Guild) -> Member:
        """The member in the path."""
        member = guild.members.get(self.user().id)
        if member is None:
            raise unknown("Member")
        return member

    def require_rank(self, guild: Guild, target: Member) -> None:
        """Refuse to act upon the owner, or upon whose highest role is not below the bot's."""
        if not outranks(guild, self.me_in(guild), target):
            raise missing_permissions()

    def record(self, guild: Guild, action: str, target: int) -> None:
        """Write into the audit log, with the reason that the header gave."""
        self.world.record(guild, action, self.bot, target, self.reason)


Function = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """A route: its function, the shapes of its query and body, and the status of success."""

    method: str
    path: str
    function: Function
    query: str
    body: str
    status: int
    needs_bot: bool
    counts_overall: bool


ROUTES: list[Route] = []


def route(
    method: str,
    path: str,
    *,
    query: str = "Nothing",
    body: str = "Nothing",
    status: int = 200,
    needs_bot: bool = True,
    counts_overall: bool = True,
) -> Callable[[Function], Function]:
    """Answer requests of a route with this function; None becomes 204."""

    def register(function: Function) -> Function:
        added = Route(method, path, function, query, body, status, needs_bot, counts_overall)
        ROUTES.append(added)
        return function

    return register
