"""What becomes of each event: into intake, or to the desk."""

from __future__ import annotations

from functools import partial

import discord
import structlog
from discord import AutoModAction, AutoModRuleTriggerType, Guild, Member, Message, Thread

from bot.adapters.discord.automod import AutoMod
from bot.adapters.discord.catching_up import CatchingUp
from bot.adapters.discord.client import Client, Gateway
from bot.adapters.discord.insisting import Job, insist
from bot.adapters.discord.intake import Intake
from bot.adapters.discord.known import read_by_all
from bot.adapters.discord.lanes import Lanes
from bot.adapters.discord.later import Later, Left, What
from bot.adapters.discord.progress import Progress
from bot.adapters.discord.standings import Standings
from bot.adapters.discord.talking import Talk
from bot.adapters.discord.telling import Teller
from bot.adapters.discord.translate import is_bots, names_in, nick_in, said_in, title_in
from bot.adapters.errands import Errands
from bot.adapters.texts import Texts
from bot.domain import messages as core
from bot.domain.desk import Gap
from bot.domain.memory import Marks, Revisions
from bot.domain.ports import Clockwork, Desk, Inbox
from bot.domain.repositories import Store

log = structlog.get_logger(__name__)

_LATER = 0
"""The lane of what was left for later; all others bear the id of what they are of."""


class Reception:
    """Takes events. What is taken in twice has the effect of once."""

    def __init__(
        self,
        *,
        client: Client,
        talk: Talk,
        teller: Teller,
        errands: Errands,
        revisions: Revisions,
        marks: Marks,
        store: Store,
        now: Clockwork,
        inbox: Inbox,
        desk: Desk,
    ) -> None:
        self._client = client
        self._talk = talk
        self._teller = teller
        self._errands = errands
        neutral = talk.words.say("discord.neutral")
        self._texts = Texts(inbox, revisions)
        self._intake = Intake(self._texts, store, now, neutral)
        self._now = now
        self._desk = desk
        self._automod = AutoMod(client, revisions, store, now, desk)
        self._standings = Standings(store, teller, desk)
        self._lanes = Lanes(self._go_back)
        self._later = Later(client, self._intake, now, self._missed)
        self._looking = False
        self._progress = Progress(marks, now)
        self._catching_up = CatchingUp(client, self._progress, self._intake, now, self._missed)
        self._left: dict[int, Guild] = {}
        self._began = False
        self._down: set[int] = set()

    @property
    def deaf(self) -> bool:
        """Whether no events come now from some part of Discord."""
        return not self._began or bool(self._down)

    def listen(self, gateway: Gateway) -> None:
        """Have a connection bring its events here."""
        for handler in (
            self.on_message,
            self.on_raw_message_edit,
            self.on_thread_create,
            self.on_thread_join,
            self.on_raw_thread_update,
            self.on_member_join,
            self.on_member_update,
            self.on_user_update,
            self.on_automod_action,
            self.on_interaction,
            self.on_guild_available,
            self.on_guild_join,
            self.on_guild_remove,
            self.on_guild_role_update,
            self.on_guild_role_delete,
            self.on_guild_channel_update,
            self.on_ready,
            self.on_shard_connect,
            self.on_shard_resumed,
            self.on_shard_disconnect,
        ):
            setattr(gateway, handler.__name__, handler)

    async def keep_marks(self) -> None:
        """Put on record how far each channel is taken in, for as long as the bot lives."""
        await self._progress.keep()

    def stop(self) -> None:
        """Leave what is not taken in yet: it is read from the history at the next start."""
        self._lanes.stop()
        self._catching_up.stop()

    # ------------------------------------------------------------ messages

    async def on_message(self, message: Message) -> None:
        """Somebody wrote, in a channel, a thread or a forum post."""
        if (guild := message.guild) is not None:
            said = said_in(message, self._now())
            job = partial(self._taken, guild.id, message.channel.id, message.id, said)
            self._take_in(guild, message.channel.id, job)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """A message changed: its text, or only what Discord shows beside it."""
        message = payload.message
        if (guild := message.guild) is not None and (job := self._intake.edit(message)) is not None:
            channel = message.channel.id
            left = Left(What.MESSAGE, guild.id, message.id, channel)
            self._take_in(guild, channel, job, left)

    def _take_in(self, guild: Guild, lane: int, job: Job, left: Left | None = None) -> None:
        """Take something in; while too much waits, leave it for later. left: by what it is known
        then; None for what is read from the history."""
        if not self._lanes.full:
            self._lanes.add(lane, job)
            return
        if left is not None:
            self._later.leave(left)
        if guild.id not in self._left:
            log.warning("more comes than can be taken in, left to be read later", guild=guild.id)
        self._left[guild.id] = guild
        self._catching_up.interrupted([guild.id])

    def _go_back(self) -> None:
        """Turn to what was left."""
        if self._later and not self._looking:
            self._looking = True
            self._lanes.add(_LATER, self._look)
        for guild in self._left.values():
            self._catching_up.begin(guild)
        self._left.clear()

    async def _look(self) -> None:
        try:
            await insist(self._later.look)
        finally:
            self._looking = False

    async def _taken(
        self, guild: int, channel: int, message: int, said: core.Message | None
    ) -> None:
        if said is not None:
            await self._texts.first(said)
        self._progress.note(guild, channel, message)

    async def _missed(self, gap: Gap) -> None:
        for telling in await self._desk.miss(gap):
            self._teller.tell(telling)

    # ------------------------------------------------------------ names and titles

    async def on_thread_create(self, thread: Thread) -> None:
        """Somebody opened a thread or wrote a forum post: its title is read by all."""
        if not is_bots(thread):
            job = partial(self._intake.title, thread)
            self._take_in(thread.guild, thread.id, job, _titled(thread))

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """A thread changed; whoever changed its title, Discord does not say."""
        if payload.thread is not None:
            self._retitled(payload.thread)

    async def on_thread_join(self, thread: Thread) -> None:
        """A thread came into sight, opened again perhaps under another title: the client does not
        know what it was called before."""
        if not is_bots(thread):
            self._retitled(thread)

    def _retitled(self, thread: Thread) -> None:
        said = title_in(thread, self._now(), by=None)
        job = partial(self._intake.called, said)
        self._take_in(thread.guild, thread.id, job, _titled(thread))

    async def on_member_join(self, member: Member) -> None:
        """Somebody joined: their names are read by all."""
        guild = member.guild
        self._take_in(guild, guild.id, partial(self._intake.names, member), _named(member))

    async def on_member_update(self, before: Member, after: Member) -> None:
        """A member changed: what they are called here, or what the bot itself may do."""
        if after.id == self._client.me.id:
            self._rights_changed(after.guild)
            return
        if after.bot or after.nick == before.nick:
            return
        # Without a nickname it is their own name that is seen, and it may have been hidden.
        said = nick_in(after, self._now()) or names_in(after, self._now())
        job = partial(self._intake.called, said)
        self._take_in(after.guild, after.guild.id, job, _named(after))

    async def on_user_update(self, before: discord.User, after: discord.User) -> None:
        """Somebody renamed themselves everywhere."""
        if after.bot or (before.name, before.global_name) == (after.name, after.global_name):
            return
        for guild in after.mutual_guilds:
            if (member := guild.get_member(after.id)) is not None:
                job = partial(self._intake.called, names_in(member, self._now()))
                self._take_in(guild, guild.id, job, _named(member))

    # ------------------------------------------------------------ AutoMod

    async def on_automod_action(self, execution: AutoModAction) -> None:
        """AutoMod met a message, which it blocked or only flagged, or a member's name."""
        if execution.message_id is not None:
            self._errands.send("AutoMod's flag", insist(partial(self._automod.flagged, execution)))
            return
        of_name = execution.rule_trigger_type is AutoModRuleTriggerType.member_profile
        take = self._automod.named if of_name else self._automod.blocked
        self._lanes.add(execution.guild_id, partial(take, execution))

    # ------------------------------------------------------------ people

    async def on_interaction(self, interaction: discord.Interaction[Gateway]) -> None:
        """Somebody filled in a form; commands and buttons the client brings itself."""
        await self._talk.submitted(interaction)

    # ------------------------------------------------------------ standing

    async def on_guild_available(self, guild: Guild) -> None:
        """A server's events come from here on."""
        self._standings.met(guild)
        self._catching_up.begin(guild)

    async def on_guild_join(self, guild: Guild) -> None:
        """The bot was added to a server."""
        self._standings.changed(guild)
        self._catching_up.begin(guild)
        self._lanes.add(guild.id, partial(self._standings.stand, guild, joined=True))

    async def on_guild_remove(self, guild: Guild) -> None:
        """The bot was put out of a server."""
        self._lanes.add(guild.id, partial(self._standings.stand, guild, present=False))

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """A role changed, which may be one of the bot's, or everybody's."""
        if before.permissions == after.permissions:
            return
        self._rights_changed(after.guild)
        if after.is_default() and after.permissions.view_channel > before.permissions.view_channel:
            for channel in filter(read_by_all, after.guild.text_channels):
                self._lanes.add(after.guild.id, partial(self._standings.opened, channel))

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """A role is no more, which may have been one of the bot's: of that no member's change is
        told."""
        self._rights_changed(role.guild)

    def _rights_changed(self, guild: Guild) -> None:
        if self._standings.changed(guild):
            self._lanes.add(guild.id, partial(self._standings.stand, guild))

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """A channel changed: who can read it now?"""
        if not read_by_all(before) and read_by_all(after):
            self._lanes.add(after.guild.id, partial(self._standings.opened, after))

    # ------------------------------------------------------------ the connection

    async def on_ready(self) -> None:
        """Every part of Discord is connected, and its servers are known."""
        self._began = True

    async def on_shard_connect(self, shard_id: int) -> None:
        """A new session: what came while there was none is only in the history."""
        self._down.discard(shard_id)
        guilds = self._client.gateway.guilds
        self._catching_up.interrupted(each.id for each in guilds if each.shard_id == shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """A session goes on; what came meanwhile is told again."""
        self._down.discard(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """No events come until it is connected again."""
        self._down.add(shard_id)


def _titled(thread: Thread) -> Left:
    return Left(What.TITLE, thread.guild.id, thread.id)


def _named(member: Member) -> Left:
    return Left(What.NAMES, member.guild.id, member.id)
