"""Who comes, who goes and who may do what, in groups and channels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from .accounts import Account, BotAccount
from .chats import Chat, Topic
from .errors import CannotHappen
from .messages import Message
from .people import BotHandle, Person, text_body
from .rights import ADMIN_RIGHTS, PERMISSIONS, Member, checked_rights, until
from .world import World

Json = dict[str, Any]
_FIRST_UPGRADED = -1_003_000_000_000


class Membership:
    """The side of a chat that administrators see. `by` is who acts; by default the owner."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """The chat's id."""
        return self.chat.id

    @property
    def owner(self) -> Account:
        """Whose chat it is."""
        return next(m.account for m in self.chat.members.values() if m.status == "creator")

    def member(self, who: Person | BotHandle) -> Member:
        """An account's standing now, restrictions that ran out ended."""
        return self.chat.member(who.account, self.world.clock.date())

    def add(
        self,
        who: Person | BotHandle,
        *,
        by: Person | None = None,
        rights: tuple[str, ...] = (),
        payload: str = "",
    ) -> Self:
        """Bring somebody in; with `rights` as an administrator.

        `payload` is that of a `startgroup` deep link, which the bot receives as a command.
        """
        account = who.account
        if isinstance(account, BotAccount) and not account.joins_groups:
            raise CannotHappen(f"@{account.username} may not be added to groups")
        actor = by.account if by else self.owner
        self._enter(account, actor, checked_rights(rights) if rights else set())
        if payload:
            self._hand_over(account, actor, payload)
        return self

    def joins(self, *people: Person) -> Self:
        """People come in by themselves; a banned one cannot."""
        for person in people:
            if self.member(person).status == "kicked":
                raise CannotHappen(f"{person.account.name} is banned from {self.chat.title}")
            self._enter(person.account, person.account, set())
        return self

    def _enter(self, account: Account, actor: Account, rights: set[str]) -> None:
        member = self.chat.member(account, self.world.clock.date())
        was_present = member.present
        if isinstance(account, BotAccount):
            member.privacy_when_added = account.privacy
        status = "administrator" if rights else "member"
        change = Member(account, status, rights=rights)
        if member.status == "restricted":
            change = replace(member, is_member=True)
        self.world.set_standing(self.chat, member, actor, change)
        if not was_present and self.chat.is_group and self.chat.tells_of_joins:
            self.world.service(self.chat, actor, {"new_chat_members": [account.json()]})

    def _hand_over(self, bot: Account, actor: Account, payload: str) -> None:
        body = text_body(f"/start@{bot.username} {payload}")
        message = Message(
            self.chat, self.chat.next_id(), self.world.clock.now(), body, sender=actor
        )
        self.world.post(message)

    def leaves(self, who: Person) -> None:
        """Somebody goes by themselves."""
        self._exit(who, who.account, "left")

    def kicks(self, who: Person | BotHandle, *, by: Person | None = None) -> None:
        """An administrator throws somebody out for ever."""
        self._exit(who, by.account if by else self.owner, "kicked")

    def _exit(self, who: Person | BotHandle, actor: Account, status: str) -> None:
        member = self.member(who)
        if not member.present:
            raise CannotHappen(f"{who.account.name} is not in {self.chat.title}")
        if self.chat.is_group:
            self.world.service(self.chat, actor, {"left_chat_member": who.account.json()})
        change = Member(who.account, status, is_member=False)
        self.world.set_standing(self.chat, member, actor, change)

    def promote(
        self,
        who: Person | BotHandle,
        *rights: str,
        title: str | None = None,
        by: Person | None = None,
    ) -> None:
        """Make an administrator with exactly these rights, by default all but `is_anonymous`."""
        named = checked_rights(rights or (*ADMIN_RIGHTS, "can_pin_messages", "can_manage_topics"))
        change = Member(who.account, "administrator", rights=named, title=title)
        self._change(who, change, by)

    def demote(self, who: Person | BotHandle, *, by: Person | None = None) -> None:
        """Take all of an administrator's rights."""
        self._change(who, Member(who.account, "member"), by)

    def takes_right(self, who: Person | BotHandle, *rights: str, by: Person | None = None) -> None:
        """Take some of an administrator's rights."""
        member = self.member(who)
        if member.status != "administrator":
            raise CannotHappen(f"{who.account.name} is no administrator of {self.chat.title}")
        checked_rights(rights)
        self._change(who, replace(member, rights=member.rights - set(rights)), by)

    def restricts(
        self,
        who: Person | BotHandle,
        *granted: str,
        until_date: int = 0,
        by: Person | None = None,
    ) -> None:
        """A human administrator leaves somebody only these permissions."""
        unknown = set(granted) - set(PERMISSIONS)
        if unknown:
            raise ValueError(f"no such permission: {unknown}")
        change = Member(
            who.account,
            "restricted",
            permissions=set(granted),
            until_date=until(until_date, self.world.clock.date()),
            is_member=self.member(who).present,
        )
        self._change(who, change, by)

    def lets_return(self, who: Person, *, by: Person | None = None) -> None:
        """A human administrator lifts a ban."""
        self._change(who, Member(who.account, "left", is_member=False), by)

    def _change(self, who: Person | BotHandle, change: Member, by: Person | None) -> None:
        actor = by.account if by else self.owner
        self.world.set_standing(self.chat, self.member(who), actor, change)

    def opens_topic(self, name: str) -> Topic:
        """Open a topic of a forum."""
        if not self.chat.is_forum:
            raise CannotHappen(f"{self.chat.title} has no topics")
        body = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        topic_id = self.chat.last_id + 1
        self.chat.topics[topic_id] = Topic(topic_id, name)
        self.world.service(self.chat, self.owner, body, thread=topic_id, in_topic=True)
        return self.chat.topics[topic_id]

    def closes_topic(self, topic: Topic) -> None:
        """Close a topic: only administrators who manage topics may write in it."""
        topic.closed = True
        self.world.service(
            self.chat, self.owner, {"forum_topic_closed": {}}, thread=topic.id, in_topic=True
        )

    def renames(self, title: str) -> None:
        """Change the title."""
        self.chat.title = title
        self.world.service(self.chat, self.owner, {"new_chat_title": title})

    def upgrade(self) -> Self:
        """Turn a basic group into a supergroup: a new chat with a new id and no old messages.

        Returns the new group; this one refuses everything from now on and names its successor.
        """
        if self.chat.type != "group":
            raise CannotHappen("only a basic group is upgraded")
        new = Chat("supergroup", _FIRST_UPGRADED - self.world.number(), self.chat.title)
        new.members = {key: replace(value) for key, value in self.chat.members.items()}
        self.world.chats[new.id] = new
        self.world.service(self.chat, self.owner, {"migrate_to_chat_id": new.id})
        self.chat.upgraded_to = new
        self.world.service(new, self.owner, {"migrate_from_chat_id": self.chat.id})
        return type(self)(self.world, new)

    def living(self) -> list[Message]:
        """Every message that is still there, oldest first."""
        return self.chat.living()

    def message(self, message_id: int) -> Message:
        """The message with an id, deleted or not."""
        return self.chat.messages[message_id]
