"""Guilds as their people use them: who comes, who goes and who may do what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

from .accounts import User
from .channels import TYPES, Channel
from .errors import CannotHappen
from .guilds import AuditEntry, Guild, Member, Role
from .people import BotHandle, Person
from .permissions import Overwrite, Permission, permissions
from .places import Account, ChannelHandle
from .rules import RuleHandle
from .world import World


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
    def name(self) -> str:
        """The guild's name."""
        return self.guild.name

    def takes_name(self, name: str) -> None:
        """Call it otherwise."""
        self.guild.name = name
        self.world.tell("GUILD_UPDATE", self.guild.json(), guild=self.guild)

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

    def has_had(self, who: Account, for_: timedelta) -> None:
        """Somebody came in so long ago; for what was there before the test began, bots are not
        told of it."""
        self._member(who).joined_at = self.world.now() - for_.total_seconds()

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

    def deletes_role(self, role: Role) -> None:
        """Delete a role; of the members who held it Discord tells nothing more."""
        del self.guild.roles[role.id]
        for member in self.guild.members.values():
            member.roles.discard(role.id)
        self.world.told_of_role("DELETE", self.guild, role)

    def gives_right(self, bot: BotHandle, *rights: str) -> None:
        """Let a bot's own role do more."""
        self._change_role(bot, permissions(rights), Permission(0))

    def takes_right(self, bot: BotHandle, *rights: str) -> None:
        """Let a bot's own role do less."""
        self._change_role(bot, Permission(0), permissions(rights))

    def lets_everybody(self, *rights: str) -> None:
        """Let everybody do more, wherever a channel does not say otherwise."""
        self._change(self.everyone, permissions(rights), Permission(0))

    def keeps_everybody_from(self, *rights: str) -> None:
        """Let everybody do less, wherever a channel does not say otherwise."""
        self._change(self.everyone, Permission(0), permissions(rights))

    def _change_role(self, bot: BotHandle, more: Permission, less: Permission) -> None:
        role = next(r for r in self.guild.roles.values() if r.bot_id == bot.id)
        self._change(role, more, less)

    def _change(self, role: Role, more: Permission, less: Permission) -> None:
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

    def profile_rule(self, name: str = "Names", *keywords: str) -> RuleHandle:
        """A new AutoMod rule that quarantines members who call themselves so."""
        return RuleHandle.made(self.world, self.guild, name, keywords, of_profiles=True)

    @property
    def _owner(self) -> User:
        return self.world.users[self.guild.owner_id]

    def _member(self, who: Account) -> Member:
        member = self.member(who)
        if member is None:
            raise CannotHappen(f"{who.account.name} is not in {self.guild.name}")
        return member
