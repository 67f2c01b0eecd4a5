"""The whole bot at work on a loopback Telegram server, in the same event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app import running
from bot.clock import utc_now
from bot.domain.cases import Case
from bot.domain.messages import Place
from bot.domain.policy import Policy
from bot.storage import SqlStore
from config.policies import preset as preset_named
from config.roles import Role
from config.settings import Settings
from handlers.community import bind_community, create_community
from tests.factories.languages import with_languages
from tests.fakes.redis_server import eventually
from tests.fakes.telegram import BotHandle, Group, Message, Person, TelegramServer
from tests.fakes.words_engine import open_words_scorer

RIGHTS = ("can_delete_messages", "can_restrict_members")


@dataclass
class Scene:
    """A moderated group with its reviewers, and the bot at work in both."""

    server: TelegramServer
    bot: BotHandle
    owner: Person
    asha: Person
    noor: Person
    lobby: Group
    review: Group
    store: SqlStore
    url: str | None

    async def eventually(self, condition: Any, within_s: float = 60.0) -> None:
        """Wait until something holds."""
        await eventually(condition, within_s)

    def cards(self) -> list[Message]:
        """The cards that stand in the review channel, the oldest first."""
        return [m for m in self.review.living() if m.text.startswith("Case ")]

    async def card(self, number: int = -1) -> Message:
        """A card, once it is there."""
        await self.eventually(lambda: bool(self.cards()))
        return self.cards()[number]

    async def card_says(self, text: str, number: int = -1) -> Message:
        """A card, once it says so."""
        await self.eventually(lambda: bool(self.cards()) and text in self.cards()[number].text)
        return self.cards()[number]

    async def press(self, label: str, by: Person | None = None, card: Message | None = None) -> str:
        """Press a card's button once it is there; what the presser is told."""
        shown = card or await self.card()
        await self.eventually(lambda: label in shown.labels)
        answer = await (by or self.noor).presses(shown, label)
        assert answer is not None, "the press was not answered"
        return answer.text

    def told(self, person: Person) -> list[str]:
        """What the bot told somebody alone, wherever."""
        private, here = person.inbox(self.bot), self.lobby.seen_alone_by(person)
        return [message.text for message in (*private, *here)]

    async def cases(self) -> list[Case]:
        """Every case, the newest first."""
        async with self.store.reading() as tx:
            return await tx.cases.listed()

    async def drained(self) -> None:
        """Wait until the bot has taken in all that happened."""
        await self.eventually(lambda: self.bot.waiting == 0)


def settings_for(server: TelegramServer, token: str, folder: Path, **more: Any) -> Settings:
    """Settings that point the bot at the server."""
    values = {
        "telegram_bot_token": token,
        "telegram_api_base_url": server.root,
        "AMAN_DATA_DIR": with_languages(folder),
        "port": 0,
        **more,
    }
    return Settings(_env_file=None, **values)


@asynccontextmanager
async def bot_at_work(settings: Settings) -> AsyncIterator[str | None]:
    """The bot with these settings, its scorer a list of words; its page's address."""
    async with running(settings, Role.ALL, lambda _: None, scorer=open_words_scorer) as started:
        yield started.url


@asynccontextmanager
async def scene(
    folder: Path,
    on: TelegramServer | None = None,
    *,
    preset: str = "balanced",
    converse: bool = False,
    forum: bool = False,
    kind: str = "supergroup",
    review_kind: str = "supergroup",
    **settings: Any,
) -> AsyncIterator[Scene]:
    """A group of `owner`'s with `asha` in it, and a private one where `noor` reviews.

    converse: settle as an owner does, by talking with the bot; otherwise by the command line's
    way, which takes no time.
    """
    async with on or TelegramServer() as server:
        bot = server.bot("aman_bot")
        owner, asha, noor = (server.user(name) for name in ("owner", "asha", "noor"))
        lobby = server.group("Lobby", owner=owner, forum=forum, kind=kind).joins(asha)
        review = server.group("Reviewers", owner=owner, kind=review_kind).joins(noor)
        configured = settings_for(server, bot.token, folder, **settings)
        async with bot_at_work(configured) as url:
            store = await SqlStore.open(configured.database)
            try:
                made = Scene(server, bot, owner, asha, noor, lobby, review, store, url)
                if converse:
                    await settle(made, preset)
                else:
                    await bind(made, preset_named(preset))
                yield made
            finally:
                await store.close()


async def bind(scene: Scene, policy: Policy) -> None:
    """Add the bot and bind group and review channel, as `aman community bind` does."""
    group, review = (Place("telegram", str(each.id)) for each in (scene.lobby, scene.review))
    async with scene.store.transaction() as tx:
        community = await create_community(tx, "friends", policy, "test", utc_now)
        await bind_community(tx, community, "test", utc_now, groups=[group], reviews=[review])
    scene.lobby.add(scene.bot, rights=RIGHTS)
    scene.review.add(scene.bot)
    await scene.drained()


async def settle(scene: Scene, preset: str) -> None:
    """Add the bot, link the review channel and choose a preset, as an owner does it."""
    scene.owner.starts(scene.bot)
    scene.lobby.add(scene.bot, rights=RIGHTS, payload="guard")
    await scene.eventually(lambda: "look after" in " ".join(scene.lobby.texts(scene.owner)))
    scene.lobby.says(scene.owner, "/link")
    await scene.eventually(lambda: "Code for" in scene.owner.inbox(scene.bot)[-1].text)
    invitation = scene.owner.inbox(scene.bot)[-1]
    code = invitation.text.split(": ")[1].split("\n")[0]
    scene.review.add(scene.bot, payload=code)
    await scene.eventually(lambda: "act here now" in " ".join(scene.review.texts(scene.owner)))
    if preset != "observe":
        scene.lobby.says(scene.owner, f"/settings preset {preset}")
        await scene.eventually(
            lambda: any(f": {preset}," in text for text in scene.lobby.texts(scene.owner))
        )
    scene.server.journal.clear()
