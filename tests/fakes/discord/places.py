"""Guilds and channels as their people use them. What Discord would not allow is CannotHappen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from .accounts import User
from .attachments import File
from .channels import PRIVATE_THREAD, PUBLIC_THREAD, TYPES, Channel
from .errors import CannotHappen
from .guilds import AuditEntry, Guild, Member, Role
from .messages import HAS_SNAPSHOT, REPLY, THREAD_CREATED, THREAD_STARTER, Message, Pings, pings
from .people import BotHandle, Person
from .permissions import Overwrite, Permission, in_channel, permissions, require
from .polls import poll_of
from .rules import RuleHandle
from .world import World

Json = dict[str, Any]
Account = Person | BotHandle
_LONGEST = 4000
"""Characters, for people who pay; others have 2,000."""


class GuildHandle:
    """A guild. `by` is who acts; by default the owner."""

    def __init__(self, world: World, guild: Guild) -> None:
        self.world = world
        self.guild = guild

    @property
    def id(self) -> int:
        """The guild's id."""
        return self.guild.id

    @property
    def everyone(self) -> Role:
        """The role that every member has."""
        return self.guild.everyone

    @property
    def audit_log(self) -> list[AuditEntry]:
        """What was done, oldest first."""
        return self.guild.audit_log

    def member(self, who: Account) -> Member | None:
        """An account's membership, if it is one."""
        return self.guild.members.get(who.id)

    def is_timed_out(self, who: Account) -> bool:
        """Whether a member may only read for the moment."""
        member = self.member(who)
        return member is not None and member.is_timed_out(self.world.now())

    def is_banned(self, who: Account) -> bool:
        """Whether an account is kept out."""
        return who.id in self.guild.bans

    def add(self, bot: BotHandle, *, rights: Iterable[str] = ()) -> Self:
        """Bring a bot in through its invitation link, with a role of its own that holds `rights`.

        The role is put on top of those that are there, below which the bot may act.
        """
        role = self._role(bot.username, permissions(rights), bot.id)
        member = Member(self.guild, bot.account, self.world.now(), {role.id})
        self.guild.members[bot.id] = member
        self.world.record(self.guild, "bot add", self._owner, bot.id)
        self.world.gateway.welcome_to(self.guild, bot.account)
        self.world.join(member)
        return self

    def joins(self, *people: Person, roles: Iterable[Role] = ()) -> Self:
        """People come in; a banned one cannot."""
        for person in people:
            if self.is_banned(person):
                raise CannotHappen(f"{person.account.name} is banned from {self.guild.name}")
            held = {role.id for role in roles}
            self.world.join(Member(self.guild, person.account, self.world.now(), held))
        return self

    def leaves(self, person: Person) -> None:
        """Somebody goes by themselves."""
        self.world.leave(self.guild, person.account)

    def kicks(self, who: Account, *, by: Person | None = None) -> None:
        """Somebody is put out; a bot loses its role as well."""
        self.world.record(self.guild, "kick", by.account if by else self._owner, who.id)
        if isinstance(who, BotHandle):
            self.world.remove_bot(self.guild, who.account)
        else:
            self.world.leave(self.guild, who.account)

    def bans(self, person: Person, reason: str | None = None, *, by: Person | None = None) -> None:
        """A human moderator bans somebody."""
        actor = by.account if by else self._owner
        self.world.record(self.guild, "ban", actor, person.id, reason)
        self.world.ban(self.guild, person.account, reason)

    def lets_return(self, person: Person, *, by: Person | None = None) -> None:
        """A human moderator lifts a ban."""
        self.world.record(self.guild, "unban", by.account if by else self._owner, person.id)
        self.world.unban(self.guild, person.id)

    def times_out(self, person: Person, by_seconds: float | None) -> None:
        """A human moderator times somebody out, or with None ends it."""
        member = self._member(person)
        member.timeout_until = None if by_seconds is None else self.world.now() + by_seconds
        self.world.told_of_member(member)

    def renames(self, person: Person, nick: str | None) -> None:
        """Somebody takes another nickname here."""
        member = self._member(person)
        member.nick = nick
        self.world.told_of_member(member)

    def role(self, name: str, *rights: str) -> Role:
        """A new role on top of those that are there but below bots' own."""
        return self._role(name, permissions(rights), None)

    def _role(self, name: str, held: Permission, bot_id: int | None) -> Role:
        others = [role for role in self.guild.roles.values() if bot_id or role.bot_id is None]
        position = max(role.position for role in others) + 1
        for other in self.guild.roles.values():
            other.position += other.position >= position
        role = Role(self.world.ids.next(), name, held, position, bot_id)
        self.guild.roles[role.id] = role
        self.world.told_of_role("CREATE", self.guild, role)
        return role

    def raises(self, role: Role) -> None:
        """Put a role on top of all."""
        role.position = max(other.position for other in self.guild.roles.values()) + 1
        self.world.told_of_role("UPDATE", self.guild, role)

    def gives_role(self, who: Account, role: Role) -> None:
        """Give a member a role."""
        member = self._member(who)
        member.roles.add(role.id)
        self.world.told_of_member(member)

    def takes_role(self, who: Account, role: Role) -> None:
        """Take a role from a member."""
        member = self._member(who)
        member.roles.discard(role.id)
        self.world.told_of_member(member)

    def gives_right(self, bot: BotHandle, *rights: str) -> None:
        """Let a bot's own role do more."""
        self._change_role(bot, permissions(rights), Permission(0))

    def takes_right(self, bot: BotHandle, *rights: str) -> None:
        """Let a bot's own role do less."""
        self._change_role(bot, Permission(0), permissions(rights))

    def _change_role(self, bot: BotHandle, more: Permission, less: Permission) -> None:
        role = next(r for r in self.guild.roles.values() if r.bot_id == bot.id)
        role.permissions = role.permissions & ~less | more
        self.world.told_of_role("UPDATE", self.guild, role)

    def channel(
        self, name: str, kind: str = "text", *, only: Iterable[Role | Account] | None = None
    ) -> ChannelHandle:
        """A new channel: text, voice, stage, news, category or forum; seen by `only` these."""
        made = Channel(
            self.world, self.world.ids.next(), TYPES[kind], name, self.world.now(), self.guild
        )
        handle = ChannelHandle(self.world, made)
        if only is not None:
            made.overwrites[self.id] = Overwrite(
                self.id, is_member=False, deny=Permission.view_channel
            )
            for who in only:
                sees = Permission.view_channel
                made.overwrites[who.id] = Overwrite(who.id, not isinstance(who, Role), allow=sees)
        self.world.add_channel(made)
        return handle

    def rule(self, name: str = "Words", *keywords: str) -> RuleHandle:
        """A new AutoMod rule that blocks messages with these words."""
        return RuleHandle.made(self.world, self.guild, name, keywords)

    @property
    def _owner(self) -> User:
        return self.world.users[self.guild.owner_id]

    def _member(self, who: Account) -> Member:
        member = self.member(who)
        if member is None:
            raise CannotHappen(f"{who.account.name} is not in {self.guild.name}")
        return member


class ChannelHandle:
    """A channel, thread or forum."""

    def __init__(self, world: World, channel: Channel) -> None:
        self.world = world
        self.channel = channel

    @property
    def id(self) -> int:
        """The channel's id."""
        return self.channel.id

    @property
    def name(self) -> str:
        """The channel's name, a thread's title."""
        return self.channel.name

    def living(self) -> list[Message]:
        """Messages that everybody sees and that are still there, oldest first."""
        return self.channel.living()

    def messages(self, user: Person) -> list[Message]:
        """What one person sees here, ephemeral answers included, oldest first."""
        if not self._held(user.account) & Permission.view_channel:
            return []
        found = [
            message
            for message in self.channel.messages.values()
            if not message.is_deleted and message.only_for in {None, user.account}
        ]
        return sorted(found, key=lambda message: message.id)

    def texts(self, user: Person) -> list[str]:
        """The words of what one person sees here."""
        return [message.shown for message in self.messages(user)]

    def says(
        self,
        author: Account,
        text: str = "",
        *,
        files: Iterable[File] = (),
        embeds: Iterable[Json] = (),
        reply_to: Message | None = None,
        forward_of: Message | None = None,
        poll: tuple[str, ...] | None = None,
        sticker: str | None = None,
        ago: timedelta = timedelta(0),
    ) -> Message:
        """Write a message. `poll` is a question with its answers, `sticker` a sticker's name.

        `ago` is for what was there before the test began; bots are not told of it.
        """
        account, files = author.account, list(files)
        self._require_may_write(account, with_files=bool(files))
        if len(text) > _LONGEST or not (text or files or embeds or forward_of or poll or sticker):
            raise CannotHappen(f"a message has 1 to {_LONGEST} characters, or something else")
        now = self.world.now()
        at = now - ago.total_seconds()
        message_id = self.world.ids.past(at) if ago else self.world.ids.next()
        message = Message(self.channel, message_id, account, at, text, embeds=list(embeds))
        message.attachments = [
            self.world.files.keep(self.world.ids.next(), self.id, file) for file in files
        ]
        if sticker is not None:
            number = str(self.world.ids.next())
            message.stickers = [{"id": number, "name": sticker, "format_type": 1}]
        if poll is not None:
            answers = [{"poll_media": {"text": answer}} for answer in poll[1:]]
            message.poll = poll_of({"question": {"text": poll[0]}, "answers": answers}, now)
        if reply_to is not None:
            message.type, message.reply_to = REPLY, reply_to
            message.reference = reply_to.pointed_at(0)
        if forward_of is not None:
            message.reference = forward_of.pointed_at(1)
            message.snapshots, message.flags = [forward_of.snapshot()], HAS_SNAPSHOT
        message.pings = self._pinged(message)
        if ago:
            self.channel.messages[message.id] = message
            return message
        return self.world.post(message)

    def _pinged(self, message: Message) -> Pings:
        replied = message.reply_to.author if message.reply_to else None
        found = pings(message.content, None, replied)
        if found.everyone:
            found.everyone = bool(self._held(message.author) & Permission.mention_everyone)
        return found

    def _held(self, user: User) -> Permission:
        guild = self.channel.guild
        assert guild is not None
        member = guild.members.get(user.id)
        if member is None:
            raise CannotHappen(f"{user.name} is not in {guild.name}")
        return in_channel(self.channel, member, self.world.now())

    def _require_may_write(self, user: User, *, with_files: bool) -> None:
        channel = self.channel
        if not channel.takes_messages:
            raise CannotHappen(f"#{channel.name} takes no messages")
        right = "send_messages_in_threads" if channel.is_thread else "send_messages"
        needs = ["view_channel", right, *(["attach_files"] if with_files else [])]
        require(self._held(user), *needs, who=user.name)
        if channel.locked:
            require(self._held(user), "manage_threads", who=user.name)

    def thread(
        self,
        name: str,
        by: Person,
        *,
        on: Message | None = None,
        private: bool = False,
    ) -> ChannelHandle:
        """Start a thread, perhaps on a message; without one, a notice says so in the channel."""
        require(
            self._held(by.account),
            "create_private_threads" if private else "create_public_threads",
            who=by.account.name,
        )
        kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        thread = self._opened(name, by, on.id if on else self.world.ids.next(), kind)
        now = self.world.now()
        if on is not None:
            starter = Message(thread.channel, self.world.ids.next(), by.account, now)
            starter.type, starter.reply_to = THREAD_STARTER, on
            starter.reference = on.pointed_at(0)
            self.world.post(starter)
        elif not private:
            notice = Message(self.channel, self.world.ids.next(), by.account, now, name)
            notice.type = THREAD_CREATED
            notice.reference = {
                "channel_id": str(thread.id),
                "guild_id": str(self.channel.guild.id if self.channel.guild else 0),
            }
            self.world.post(notice)
        return thread

    def posts(self, author: Person, title: str, text: str, **more: Any) -> ChannelHandle:
        """Open a post in a forum: a thread whose first message has the same id."""
        if not self.channel.is_forum:
            raise CannotHappen(f"#{self.channel.name} is no forum")
        require(self._held(author.account), "send_messages", who=author.account.name)
        thread_id = self.world.ids.next()
        post = self._opened(title, author, thread_id, PUBLIC_THREAD)
        first = Message(post.channel, thread_id, author.account, self.world.now(), text, **more)
        first.pings = post._pinged(first)
        self.world.post(first)
        return post

    def _opened(self, name: str, by: Person, thread_id: int, kind: int) -> ChannelHandle:
        made = Channel(
            self.world,
            thread_id,
            kind,
            name,
            self.world.now(),
            self.channel.guild,
            self.channel,
            owner=by.account,
        )
        self.world.open_thread(made)
        return ChannelHandle(self.world, made)

    def renames(self, name: str) -> None:
        """Give it another name; a thread another title."""
        self.channel.name = name
        self.world.told_of_channel(self.channel)

    def archives(self, *, locked: bool = False) -> None:
        """Archive a thread; only who manages threads writes in one that is locked."""
        self.channel.archived, self.channel.locked = True, locked
        self.world.told_of_channel(self.channel)

    def deletes(self) -> None:
        """Take it away with all that is in it."""
        self.world.remove_channel(self.channel)

    def allows(self, who: Role | Account, *rights: str) -> None:
        """Allow a role or member something here, whatever roles say."""
        self._overwrite(who, permissions(rights), Permission(0))

    def forbids(self, who: Role | Account, *rights: str) -> None:
        """Deny a role or member something here, whatever roles say."""
        self._overwrite(who, Permission(0), permissions(rights))

    def _overwrite(self, who: Role | Account, allow: Permission, deny: Permission) -> None:
        overwrites = self.channel.overwrites
        is_member = not isinstance(who, Role)
        found = overwrites.setdefault(who.id, Overwrite(who.id, is_member))
        found.allow = found.allow & ~deny | allow
        found.deny = found.deny & ~allow | deny
        self.world.told_of_channel(self.channel)
