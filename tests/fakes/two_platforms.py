"""One community on two loopback platforms at once, which reviews on one of them alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.messages import Place
from config.policies import preset
from tests.fakes import discord as discord_
from tests.fakes import telegram as telegram_
from tests.fakes.discord import DiscordServer
from tests.fakes.discord_bot import Scene, bind, peopled
from tests.fakes.telegram import TelegramServer
from tests.fakes.telegram_bot import RIGHTS


@dataclass
class Both:
    """A community with a group on each platform; `lobby` and `reviewers` are on Telegram, what is
    on Discord is the scene's. It reviews on one of the two alone."""

    discord: Scene
    telegram: TelegramServer
    bot: telegram_.BotHandle
    owner: telegram_.Person
    asha: telegram_.Person
    lobby: telegram_.Group
    reviewers: telegram_.Group

    def cards(self) -> list[telegram_.Message]:
        """The cards on Telegram."""
        return [each for each in self.reviewers.living() if each.text.startswith("Case ")]

    async def card_says(self, text: str) -> telegram_.Message:
        """The newest card on Telegram, once it says so."""
        await self.discord.eventually(lambda: bool(self.cards()) and text in said(self.cards()[-1]))
        return self.cards()[-1]

    async def press(self, label: str) -> None:
        """Press a button of the newest card on Telegram once it is there."""
        await self.discord.eventually(lambda: label in self.cards()[-1].labels)
        await self.owner.presses(self.cards()[-1], label, patience=15)

    def files_on_discord(self) -> list[discord_.Message]:
        """What stands in the review channel there with files."""
        return [each for each in self.discord.review.living() if each.attachments]

    def files_on_telegram(self) -> list[telegram_.Message]:
        """What stands in the review channel there with files."""
        return [each for each in self.reviewers.living() if each.media]

    async def shown(self, number: int = 1) -> None:
        """Wait until so many files were shown to reviewers."""

        def are_there() -> bool:
            on_discord = sum(len(each.attachments) for each in self.files_on_discord())
            return on_discord + len(self.files_on_telegram()) >= number

        await self.discord.eventually(are_there)


def said(card: telegram_.Message) -> str:
    """A card's text without what keeps names from being links."""
    return card.text.replace("\u2060", "")


@asynccontextmanager
async def two_platforms(
    folder: Path, reviewed_on: str, telegram: TelegramServer | None = None
) -> AsyncIterator[Both]:
    """The community with its groups and reviewers; the bot is not at work yet. Telegram knows a
    file only as long as a message bears it, unless another server is given."""
    async with telegram or TelegramServer(forgetful=True) as server, DiscordServer() as discord:
        bot = server.bot("aman_bot")
        owner, asha = server.user("owner"), server.user("asha")
        lobby = server.group("Lobby", owner=owner).joins(asha).add(bot, rights=RIGHTS)
        reviewers = server.group("Reviewers", owner=owner).add(bot)
        keys = {"telegram_bot_token": bot.token, "telegram_api_base_url": server.root}
        async with peopled(discord, folder, **keys) as scene:
            place = Place("telegram", str(reviewers.id))
            await bind(
                scene,
                preset("balanced"),
                groups=[Place("telegram", str(lobby.id))],
                reviews=[place] if reviewed_on == "telegram" else None,
            )
            yield Both(scene, server, bot, owner, asha, lobby, reviewers)
