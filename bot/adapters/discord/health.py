"""What keeps the bot from moderating on Discord, a sentence each."""

from __future__ import annotations

from typing import Protocol

from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import PLATFORM
from bot.adapters.discord.gate import intents, missing_intents
from bot.adapters.discord.guilds import Guilds
from bot.adapters.discord.words import Words
from bot.domain.communities import Community
from bot.domain.desk import Right
from bot.domain.messages import Place
from bot.domain.ports import Phrases
from bot.domain.repositories import Store


class Looks(Protocol):
    """Where it is seen how the bot stands. All methods raise PlatformError."""

    async def own_lacks(self, group: Place) -> frozenset[Right] | None:
        """The rights that the bot needs in a server and has not; None when it is not there."""
        ...

    async def whole(self, channel: Place) -> Place | None:
        """A channel with its server; None where the bot does not see it."""
        ...

    async def may_post(self, channel: Place) -> bool | None:
        """Whether the bot can show cards in a channel; None where it does not see it."""
        ...

    async def everybody_reads(self, channel: Place) -> bool:
        """Whether anybody who joins the server can read a channel."""
        ...


class Health:
    """Looks at every place that a community has on Discord."""

    def __init__(self, looks: Looks, store: Store, words: Words) -> None:
        self._looks = looks
        self._store = store
        self._words = words

    async def problems(self) -> list[str]:
        """What is wrong in any community. Raises PlatformError."""
        async with self._store.reading() as tx:
            communities = await tx.communities.all()
        return [each for community in communities for each in await self.problems_of(community)]

    async def problems_of(self, community: Community) -> list[str]:
        """Where the bot is missing, which rights it lacks, who could read too much. Raises
        PlatformError."""
        found = []
        for group in community.groups:
            if group.platform == PLATFORM:
                found += await self._group(group, community.name)
        for channel in community.review_channels:
            if channel.platform == PLATFORM:
                found += await self._review(channel, community.name)
        return found

    async def _group(self, group: Place, community: str) -> list[str]:
        lacking = await self._looks.own_lacks(group)
        named = f"{community} ({group.group})"
        if lacking is None:
            return [self._words.say("standing.out", group=named)]
        return [
            f"{named}: {self._words.say(f'standing.lacks_{right}')}"
            for right in Right
            if right in lacking
        ]

    async def _review(self, bound: Place, community: str) -> list[str]:
        named = f"{community} ({bound.channel or bound.group})"
        channel = await self._looks.whole(bound)
        may_post = await self._looks.may_post(channel) if channel else None
        if channel is None or may_post is None:
            return [self._words.say("standing.out_of_review", group=named)]
        found = [] if may_post else [self._words.say("discord.no_post_in_review", group=named)]
        if await self._looks.everybody_reads(channel):
            found.append(self._words.say("discord.review_is_public", group=named))
        return found


async def diagnose(token: str, base_url: str, store: Store, phrases: Phrases) -> list[str]:
    """The problems as a program sees them that only looks.

    Raises CannotStart for a token that is nobody's, PlatformError.
    """
    client, words = Client(token, base_url, intents(), None), Words(phrases)
    try:
        await client.log_in()
        missing = [words.say(f"discord.intent_{name}") for name in missing_intents(client.gateway)]
        return missing + await Health(Guilds(client), store, words).problems()
    finally:
        await client.close()
