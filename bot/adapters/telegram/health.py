"""What keeps the bot from moderating on Telegram, a sentence each."""

from __future__ import annotations

from bot.adapters.telegram.client import Client
from bot.adapters.telegram.errors import PLATFORM
from bot.adapters.telegram.members import Members
from bot.domain.desk import Right
from bot.domain.messages import Place
from bot.domain.ports import Phrases
from bot.domain.repositories import Store


class Health:
    """Looks at every place that a community has on Telegram."""

    def __init__(self, members: Members, store: Store, phrases: Phrases) -> None:
        self._members = members
        self._store = store
        self._phrases = phrases

    async def problems(self) -> list[str]:
        """Where the bot is missing, and which rights it lacks. Raises PlatformError."""
        async with self._store.reading() as tx:
            communities = await tx.communities.all()
        found = []
        for community in communities:
            for group in community.groups:
                if group.platform == PLATFORM:
                    found += await self._group(group, community.name)
            for channel in community.review_channels:
                if channel.platform == PLATFORM:
                    found += await self._channel(channel, community.name)
        return found

    async def _channel(self, channel: Place, community: str) -> list[str]:
        may_post = await self._members.may_post(channel)
        if may_post is None:
            return [self._say("out_of_review", channel, community)]
        return [] if may_post else [self._say("mute_in_review", channel, community)]

    async def _group(self, group: Place, community: str) -> list[str]:
        lacking = await self._members.own_lacks(group)
        if lacking is None:
            return [self._say("out", group, community)]
        named = f"{community} ({group.group})"
        return [
            f"{named}: {self._phrases.say(f'standing.lacks_{right}')}"
            for right in Right
            if right in lacking
        ]

    def _say(self, key: str, place: Place, community: str) -> str:
        return self._phrases.say(f"standing.{key}", group=f"{community} ({place.group})")


async def diagnose(token: str, base_url: str, store: Store, phrases: Phrases) -> list[str]:
    """The problems as a program sees them that only looks.

    Raises CannotStart for a token that is nobody's, PlatformError.
    """
    client = Client(token, base_url, None)
    try:
        await client.log_in()
        return await Health(Members(client), store, phrases).problems()
    finally:
        await client.close()
