"""What the bot may do in servers, and who can read along: changes are told to those concerned."""

from __future__ import annotations

from discord import Guild
from discord.abc import GuildChannel

from bot.adapters.discord.errors import PLATFORM
from bot.adapters.discord.guilds import lacks
from bot.adapters.discord.telling import Teller
from bot.adapters.discord.translate import person_of
from bot.domain.desk import Answer, Right, Standing, Telling, sentence
from bot.domain.messages import Person, Place
from bot.domain.ports import Desk
from bot.domain.repositories import Store


class Standings:
    """Knows how the bot stood, and passes on what became different. `stand` and `opened` raise
    StorageUnavailable."""

    def __init__(self, store: Store, teller: Teller, desk: Desk) -> None:
        self._store = store
        self._teller = teller
        self._desk = desk
        self._lacks: dict[int, frozenset[Right]] = {}

    def met(self, guild: Guild) -> None:
        """The bot is there, as it was before it was started."""
        self._lacks.setdefault(guild.id, lacks(guild.me.guild_permissions))

    def changed(self, guild: Guild) -> bool:
        """Whether the bot lacks other rights than it did when last asked."""
        now = lacks(guild.me.guild_permissions)
        before = self._lacks.get(guild.id, frozenset())
        self._lacks[guild.id] = now
        return now != before

    async def stand(self, guild: Guild, *, joined: bool = False, present: bool = True) -> None:
        """Tell of how the bot stands now. Discord does not say whose doing that is: the server's
        owner counts as the one who can mend it."""
        owner = guild.owner
        standing = Standing(
            Place(PLATFORM, str(guild.id)),
            guild.name,
            person_of(owner) if owner else Person(PLATFORM, str(guild.owner_id)),
            present=present,
            joined=joined,
            lacks=lacks(guild.me.guild_permissions) if present else frozenset(),
        )
        for telling in await self._desk.stand(standing):
            self._teller.tell(telling)

    async def opened(self, channel: GuildChannel) -> None:
        """Everybody can read a channel from now on: is it one where reviewers act?"""
        place = Place(PLATFORM, str(channel.guild.id), str(channel.id))
        async with self._store.reading() as tx:
            community = await tx.communities.by_review(place)
        if community is not None:
            said = sentence("discord.review_is_public", group=community.name)
            self._teller.tell(Telling(place, Answer((said,))))
