"""The whole bot at work on a loopback Discord, in the same event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.discord import client
from bot.adapters.discord.client import Gateway
from bot.app import Tamper, running
from bot.clock import utc_now
from bot.domain.cases import Case
from bot.domain.messages import Place
from bot.domain.policy import Policy
from bot.storage import SqlStore, upgrade
from config.policies import preset as preset_named
from config.roles import Role
from config.settings import Settings
from handlers.community import bind_community, create_community
from tests.factories.languages import with_languages
from tests.fakes.discord import (
    Answer,
    BotHandle,
    ChannelHandle,
    DiscordServer,
    GuildHandle,
    Message,
    Person,
)
from tests.fakes.redis_server import eventually
from tests.fakes.words_engine import open_words_scorer

RIGHTS = (
    "view_channel",
    "read_message_history",
    "send_messages",
    "send_messages_in_threads",
    "embed_links",
    "attach_files",
    "manage_messages",
    "manage_webhooks",
    "manage_threads",
    "manage_nicknames",
    "moderate_members",
    "kick_members",
    "ban_members",
    "manage_guild",
)
"""What the invitation asks for."""


@dataclass
class Scene:
    """A moderated server with its reviewers, and the bot at work in it."""

    server: DiscordServer
    bot: BotHandle
    owner: Person
    asha: Person
    noor: Person
    lobby: GuildHandle
    general: ChannelHandle
    review: ChannelHandle
    store: SqlStore
    settings: Settings
    url: str | None = None

    async def eventually(self, condition: Any, within_s: float = 60.0) -> None:
        """Wait until something holds."""
        await eventually(condition, within_s)

    def cards(self) -> list[Message]:
        """The cards that stand in the review channel, the oldest first."""
        return [m for m in self.review.living() if m.shown.startswith("Case ")]

    async def card(self, number: int = -1) -> Message:
        """A card, once it is there."""
        await self.eventually(lambda: bool(self.cards()))
        return self.cards()[number]

    async def card_says(self, text: str, number: int = -1) -> Message:
        """A card, once it says so."""
        await self.eventually(lambda: bool(self.cards()) and text in self.cards()[number].shown)
        return self.cards()[number]

    async def press(
        self,
        label: str,
        by: Person | None = None,
        card: Message | None = None,
        reason: str | None = None,
    ) -> str:
        """Press a card's button once it is there; what the presser is told. A form that asks for
        a reason is sent with the one given, or empty."""
        shown, who = card or await self.card(), by or self.noor
        await self.eventually(lambda: label in shown.labels)
        answer = await who.presses(shown, label, patience=15)
        assert answer is not None, "the press was not answered"
        if answer.kind == "modal":
            answer = await who.submits(answer, why=reason or "", patience=15)
            assert answer is not None, "the form was not answered"
        return await self.told(answer)

    async def told(self, answer: Answer | None) -> str:
        """What an answer says, once it says something."""
        assert answer is not None, "the bot did not answer"
        await self.eventually(lambda: bool(answer.text))
        return answer.text

    async def uses(
        self, who: Person, command: str, channel: ChannelHandle | None = None, **options: Any
    ) -> str:
        """Give a command; what the person is told."""
        where = channel or self.general
        return await self.told(await who.uses(command, where, patience=15, **options))

    async def readyz(self) -> tuple[int, str]:
        """What /readyz answers."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/readyz") as answer:
            return answer.status, await answer.text()

    async def cases(self) -> list[Case]:
        """Every case, the newest first."""
        async with self.store.reading() as tx:
            return await tx.cases.listed()

    async def have_cases(self, number: int) -> list[Case]:
        """The cases, once there are so many."""

        async def so_many() -> bool:
            return len(await self.cases()) >= number

        await self.eventually(so_many)
        return await self.cases()


def settings_for(server: DiscordServer, token: str, folder: Path, **more: Any) -> Settings:
    """Settings that point the bot at the server."""
    values = {
        "discord_bot_token": token,
        "discord_api_base_url": server.root,
        "AMAN_DATA_DIR": with_languages(folder),
        "port": 0,
        **more,
    }
    return Settings(_env_file=None, **values)


@contextmanager
def no_pauses() -> Iterator[None]:
    """discord.py waits before it identifies again, and before it counts a server as known; no test
    needs to see that."""

    async def at_once(self: object, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gateway, "before_identify_hook", at_once)
        patch.setattr(client, "SETTLED_AFTER_S", 0.05)
        yield


@asynccontextmanager
async def bot_at_work(
    settings: Settings, tamper: Tamper = lambda outside: outside
) -> AsyncIterator[str | None]:
    """The bot with these settings, its scorer a list of words; its page's address."""
    with no_pauses():
        async with running(
            settings, Role.ALL, lambda _: None, scorer=open_words_scorer, tamper=tamper
        ) as started:
            yield started.url


@asynccontextmanager
async def scene(
    folder: Path,
    on: DiscordServer | None = None,
    *,
    preset: str = "balanced",
    **settings: Any,
) -> AsyncIterator[Scene]:
    """`owner`'s server with `asha` in it, where `noor` reviews in a channel of her own, bound as
    the command line does it."""
    async with on or DiscordServer() as server, peopled(server, folder, **settings) as made:
        await bind(made, preset_named(preset))
        async with at_work(made):
            yield made


@asynccontextmanager
async def at_work(made: Scene, tamper: Tamper = lambda outside: outside) -> AsyncIterator[None]:
    """The bot at work in a scene, from its start to its end; a scene may have it several times."""
    async with bot_at_work(made.settings, tamper) as url:
        made.url = url

        async def ready() -> bool:
            return (await made.readyz())[0] == 200

        await made.eventually(ready)
        made.server.journal.clear()
        yield


@asynccontextmanager
async def peopled(server: DiscordServer, folder: Path, **settings: Any) -> AsyncIterator[Scene]:
    """The server with its people and the bot in it, which is not at work yet."""
    bot = server.bot("Aman")
    owner, asha, noor = (server.user(name) for name in ("owner", "asha", "noor"))
    lobby = server.guild("Lobby", owner=owner)
    general = lobby.channel("general")
    lobby.joins(asha, noor).add(bot, rights=RIGHTS)
    review = lobby.channel("reviewers", only=(noor, bot))
    configured = settings_for(server, bot.token, folder, **settings)
    folder.mkdir(parents=True, exist_ok=True)
    await upgrade(configured.database)
    store = await SqlStore.open(configured.database)
    try:
        yield Scene(server, bot, owner, asha, noor, lobby, general, review, store, configured)
    finally:
        await store.close()


async def bind(
    scene: Scene,
    policy: Policy,
    groups: Sequence[Place] = (),
    reviews: Sequence[Place] | None = None,
) -> None:
    """Bind group and review channel, as `aman community bind` does.

    groups: more of them. reviews: instead of the channel on Discord.
    """
    group = Place("discord", str(scene.lobby.id))
    review = Place("discord", str(scene.lobby.id), str(scene.review.id))
    acts = [review] if reviews is None else reviews
    async with scene.store.transaction() as tx:
        community = await create_community(tx, "friends", policy, "test", utc_now)
        await bind_community(tx, community, "test", utc_now, groups=[group, *groups], reviews=acts)
