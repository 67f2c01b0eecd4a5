"""Everything the server knows: accounts, guilds, messages, and telling the bots of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.fakes.loopback.clock import Clock

from .accounts import Application, User
from .attachments import FileStore
from .channels import Channel
from .events import Event
from .guilds import AuditEntry, Guild, Member, Role
from .interactions import Interaction
from .journal import Journal
from .mentions import pings
from .messages import HAS_THREAD, Message, hides_content, without_content
from .permissions import Permission
from .snowflakes import Snowflakes
from .webhooks import Webhook

if TYPE_CHECKING:
    from .gateway import Gateway

Json = dict[str, Any]


class World:
    """The state behind all bots. It checks no request: `calls` does.

    The `gateway` that tells the bots is made from a world, and makes itself known to it.
    """

    gateway: Gateway

    def __init__(self, *, strict: bool = True) -> None:
        self.strict = strict
        self.clock = Clock()
        self.ids = Snowflakes(self.clock)
        self.files = FileStore(self.clock)
        self.journal = Journal()
        self.users: dict[int, User] = {}
        self.bots: dict[str, Application] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.interactions: dict[str, Interaction] = {}
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """A number not given before."""
        return next(self._numbers)

    def now(self) -> float:
        """The server's time, in seconds since 1970."""
        return self.clock.now()

    def tell(
        self,
        name: str,
        data: Json,
        *,
        guild: Guild | None = None,
        channel: Channel | None = None,
        needs: Permission | None = None,
        only_to: Application | None = None,
        always_to: int | None = None,
    ) -> None:
        """Dispatch an event to whoever may hear it."""
        event = Event(
            name,
            data,
            guild=guild or (channel.guild if channel else None),
            channel=channel,
            needs=needs,
            only_to=only_to,
            always_to=always_to,
        )
        self.gateway.dispatch(event)

    def direct(self, user: User, bot: Application) -> Channel:
        """The channel of a person's direct messages with a bot."""
        for channel in self.channels.values():
            if channel.recipient is user and channel.bot is bot:
                return channel
        channel = Channel(self, self.ids.next(), 1, "", self.now(), recipient=user, bot=bot)
        self.channels[channel.id] = channel
        return channel

    def shares_guild(self, one: User, other: User) -> bool:
        """Whether two accounts meet in some guild."""
        return any(one.id in g.members and other.id in g.members for g in self.guilds.values())

    def post(self, message: Message) -> Message:
        """Put a message into its channel and tell the bots that may see it."""
        channel = message.channel
        channel.messages[message.id] = message
        if channel.is_thread:
            channel.thread_members.add(message.author.id)
            if channel.archived:
                channel.archived = False
                self.told_of_channel(channel)
        if message.only_for is None:
            self._tell_of("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, **changes: Any) -> None:
        """Change a message and tell the bots; a changed text is kept in its revisions."""
        if "content" in changes and changes["content"] != message.content:
            message.revisions.append(message.content)
            allowed = changes.pop("allowed_mentions", None)
            message.pings = pings(changes["content"], allowed)
        changes.pop("allowed_mentions", None)
        for name, value in changes.items():
            setattr(message, name, value)
        message.edited_at = self.now()
        self.told_of_edit(message)

    def told_of_edit(self, message: Message) -> None:
        """Tell the bots that a message is different now."""
        if message.only_for is None:
            self._tell_of("MESSAGE_UPDATE", message)

    def _tell_of(self, name: str, message: Message) -> None:
        guild = message.channel.guild
        data = message.json()
        data["channel_type"] = message.channel.type
        if guild is not None:
            data["guild_id"] = str(guild.id)
            member = guild.members.get(message.author.id)
            if member is not None and message.webhook is None:
                data["member"] = member.json(with_user=False)
            for mentioned in data["mentions"]:
                if found := guild.members.get(int(mentioned["id"])):
                    mentioned["member"] = found.json(with_user=False)
        bares = {bot.id for bot in self.bots.values() if hides_content(message, bot)}
        event = Event(
            name,
            data,
            guild=guild,
            channel=message.channel,
            bare=lambda: without_content(data),
            bares=bares,
        )
        self.gateway.dispatch(event)

    def delete(self, messages: Iterable[Message], by: User, *, bulk: bool = False) -> None:
        """Remove messages for everyone, with their files, and tell the bots."""
        gone = [message for message in messages if not message.is_deleted]
        for message in gone:
            message.deleted_at, message.deleted_by = self.now(), by
            for attachment in message.attachments:
                attachment.is_gone = True
        told = [message for message in gone if message.only_for is None]
        if not told:
            return
        channel = told[0].channel
        place: Json = {"channel_id": str(channel.id)}
        if channel.guild is not None:
            place["guild_id"] = str(channel.guild.id)
        if bulk:
            data = {**place, "ids": [str(message.id) for message in told]}
            self.tell("MESSAGE_DELETE_BULK", data, channel=channel)
            return
        for message in told:
            self.tell("MESSAGE_DELETE", {**place, "id": str(message.id)}, channel=channel)

    def open_thread(self, thread: Channel) -> None:
        """Add a thread and tell the bots that see it."""
        assert thread.guild is not None
        assert thread.owner is not None
        thread.thread_members.add(thread.owner.id)
        thread.guild.channels[thread.id] = self.channels[thread.id] = thread
        starter = thread.parent.messages.get(thread.id) if thread.parent else None
        if starter is not None:
            starter.flags |= HAS_THREAD
        self.tell("THREAD_CREATE", {**thread.json(), "newly_created": True}, channel=thread)

    def add_channel(self, channel: Channel) -> None:
        """Add a channel of a guild and tell the bots."""
        assert channel.guild is not None
        channel.guild.channels[channel.id] = self.channels[channel.id] = channel
        self.tell("CHANNEL_CREATE", channel.json(), guild=channel.guild)

    def told_of_channel(self, channel: Channel) -> None:
        """Tell the bots that a channel or thread is different now."""
        if channel.is_thread:
            self.tell("THREAD_UPDATE", channel.json(), channel=channel)
        else:
            self.tell("CHANNEL_UPDATE", channel.json(), guild=channel.guild)

    def told_of_webhooks(self, channel: Channel) -> None:
        """Tell the bots that a channel's webhooks are others now, or other than they were."""
        assert channel.guild is not None
        data = {"guild_id": str(channel.guild.id), "channel_id": str(channel.id)}
        self.tell("WEBHOOKS_UPDATE", data, channel=channel)

    def remove_channel(self, channel: Channel) -> None:
        """Take a channel away with all that is in it."""
        guild = channel.guild
        assert guild is not None
        for thread in [c for c in guild.channels.values() if c.is_thread and c.parent is channel]:
            self.remove_channel(thread)
        data = channel.json()
        name = "CHANNEL_DELETE"
        if channel.is_thread:
            name = "THREAD_DELETE"
            data = {key: data[key] for key in ("id", "guild_id", "parent_id", "type")}
        self.tell(name, data, guild=guild)
        del guild.channels[channel.id], self.channels[channel.id]
        for webhook in channel.webhooks:
            del self.webhooks[webhook]
        for message in channel.messages.values():
            message.deleted_at = message.deleted_at or self.now()
            for attachment in message.attachments:
                attachment.is_gone = True

    def told_of_member(self, member: Member) -> None:
        """Tell the bots that a member is different now; a bot always hears of itself."""
        data = {**member.json(), "guild_id": str(member.guild.id)}
        self.tell("GUILD_MEMBER_UPDATE", data, guild=member.guild, always_to=member.user.id)

    def join(self, member: Member) -> None:
        """Let a member in."""
        guild = member.guild
        guild.members[member.user.id] = member
        data = {**member.json(), "guild_id": str(guild.id)}
        self.tell("GUILD_MEMBER_ADD", data, guild=guild)

    def leave(self, guild: Guild, user: User) -> None:
        """Let a member go, whatever the reason."""
        del guild.members[user.id]
        for thread in guild.threads:
            thread.thread_members.discard(user.id)
        data = {"guild_id": str(guild.id), "user": user.json()}
        self.tell("GUILD_MEMBER_REMOVE", data, guild=guild)

    def remove_bot(self, guild: Guild, bot: Application) -> None:
        """Put a bot out of a guild, with the role that came with it."""
        for role in [role for role in guild.roles.values() if role.bot_id == bot.id]:
            del guild.roles[role.id]
            self.told_of_role("DELETE", guild, role)
        self.leave(guild, bot)
        data = {"id": str(guild.id)}
        self.tell("GUILD_DELETE", data, guild=guild, only_to=bot, always_to=bot.id)

    def told_of_role(self, what: str, guild: Guild, role: Role) -> None:
        """Tell the bots of a role: CREATE, UPDATE or DELETE."""
        data: Json = {"guild_id": str(guild.id), "role": role.json()}
        if what == "DELETE":
            data = {"guild_id": str(guild.id), "role_id": str(role.id)}
        self.tell(f"GUILD_ROLE_{what}", data, guild=guild)

    def ban(self, guild: Guild, user: User, reason: str | None) -> None:
        """Keep an account out, whether it is a member or not."""
        guild.bans[user.id] = (user, reason)
        data = {"guild_id": str(guild.id), "user": user.json()}
        self.tell("GUILD_BAN_ADD", data, guild=guild, needs=Permission.ban_members)
        if user.id in guild.members:
            self.leave(guild, user)

    def unban(self, guild: Guild, user_id: int) -> None:
        """Let an account come back."""
        user, _ = guild.bans.pop(user_id)
        data = {"guild_id": str(guild.id), "user": user.json()}
        self.tell("GUILD_BAN_REMOVE", data, guild=guild, needs=Permission.ban_members)

    def record(
        self, guild: Guild, action: str, by: User, target: int, reason: str | None = None
    ) -> None:
        """Write a line into a guild's audit log."""
        entry = AuditEntry(self.ids.next(), action, by, target, reason)
        guild.audit_log.append(entry)
        data = {**entry.json(), "guild_id": str(guild.id)}
        needs = Permission.view_audit_log
        self.tell("GUILD_AUDIT_LOG_ENTRY_CREATE", data, guild=guild, needs=needs)
