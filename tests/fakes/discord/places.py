"""Channels as their people use them. What Discord would not allow raises CannotHappen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from .accounts import User
from .attachments import File
from .channels import PRIVATE_THREAD, PUBLIC_THREAD, Channel
from .errors import CannotHappen
from .guilds import Role
from .mentions import Pings, pings
from .messages import HAS_SNAPSHOT, REPLY, THREAD_CREATED, THREAD_STARTER, Message
from .people import BotHandle, Person
from .permissions import Overwrite, Permission, in_channel, permissions, require
from .polls import poll_of
from .world import World

Json = dict[str, Any]
Account = Person | BotHandle
_LONGEST = 4000
"""Characters, for people who pay; others have 2,000."""


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
        files = list(files)
        self._require_may_write(author.account, with_files=bool(files))
        if len(text) > _LONGEST or not (text or files or embeds or forward_of or poll or sticker):
            raise CannotHappen(f"a message has 1 to {_LONGEST} characters, or something else")
        at = self.world.now() - ago.total_seconds()
        message_id = self.world.ids.past(at) if ago else self.world.ids.next()
        message = Message(self.channel, message_id, author.account, at, text, embeds=list(embeds))
        self._attach(message, files, poll, sticker)
        _refer(message, reply_to, forward_of)
        message.pings = self._pinged(message)
        if ago:
            self.channel.messages[message.id] = message
            return message
        return self.world.post(message)

    def _attach(
        self,
        message: Message,
        files: Iterable[File],
        poll: tuple[str, ...] | None,
        sticker: str | None,
    ) -> None:
        world = self.world
        message.attachments = [world.files.keep(world.ids.next(), self.id, file) for file in files]
        if sticker is not None:
            message.stickers = [{"id": str(world.ids.next()), "name": sticker, "format_type": 1}]
        if poll is not None:
            answers = [{"poll_media": {"text": answer}} for answer in poll[1:]]
            given = {"question": {"text": poll[0]}, "answers": answers}
            message.poll = poll_of(given, world.now())

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

    def posts(
        self, author: Person, title: str, text: str, *, files: Iterable[File] = ()
    ) -> ChannelHandle:
        """Open a post in a forum: a thread whose first message has the same id."""
        if not self.channel.is_forum:
            raise CannotHappen(f"#{self.channel.name} is no forum")
        require(self._held(author.account), "send_messages", who=author.account.name)
        thread_id = self.world.ids.next()
        post = self._opened(title, author, thread_id, PUBLIC_THREAD)
        first = Message(post.channel, thread_id, author.account, self.world.now(), text)
        post._attach(first, files, None, None)
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
        self.channel.archived_at = self.world.now()
        self.world.told_of_channel(self.channel)

    def moves_webhooks(self, to: ChannelHandle) -> None:
        """Have its webhooks post in another channel of the guild from now on."""
        moved, self.channel.webhooks = self.channel.webhooks, {}
        to.channel.webhooks.update(moved)
        for webhook in moved.values():
            webhook.channel = to.channel
        for each in (self, to):
            self.world.told_of_webhooks(each.channel)

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


def _refer(message: Message, reply_to: Message | None, forward_of: Message | None) -> None:
    """Make it a reply, or a forward, which has no words of its own."""
    if reply_to is not None:
        message.type, message.reply_to = REPLY, reply_to
        message.reference = reply_to.pointed_at(0)
    if forward_of is not None:
        message.reference = forward_of.pointed_at(1)
        message.snapshots, message.flags = [forward_of.snapshot()], HAS_SNAPSHOT
