"""Commands, menus, presses and forms: what people ask of the bot, and what it answers.

Discord waits three seconds for an answer: everything is acknowledged at once, and rights are
checked after.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import structlog
from discord import Interaction
from discord.app_commands import AppCommandChannel

from bot.adapters.discord.buttons import REASON, REPORT, reason_modal, report_modal
from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import PLATFORM, Refused
from bot.adapters.discord.guilds import Guilds, administers
from bot.adapters.discord.health import Health
from bot.adapters.discord.known import KnownGuilds
from bot.adapters.discord.reporting import Reports
from bot.adapters.discord.telling import Teller
from bot.adapters.discord.translate import message_in, person_of
from bot.adapters.discord.words import Words
from bot.domain.communities import Community
from bot.domain.desk import Answer, Command, CommandName, refusal, sentence
from bot.domain.errors import FlowUnavailable, PlatformError, StorageUnavailable
from bot.domain.messages import Person, Place
from bot.domain.ports import Clockwork, Desk
from bot.domain.repositories import Store
from bot.domain.scores import Label

log = structlog.get_logger(__name__)

MOST_CHOICES = 25
_NOT_NOW = (StorageUnavailable, FlowUnavailable, PlatformError)


class Talk:
    """Passes what people ask to the desk, and its answers back."""

    def __init__(
        self,
        *,
        client: Client,
        guilds: Guilds,
        teller: Teller,
        reports: Reports,
        health: Health,
        store: Store,
        words: Words,
        now: Clockwork,
        desk: Desk,
    ) -> None:
        self._client = client
        self._known = KnownGuilds(client)
        self._guilds = guilds
        self._teller = teller
        self._reports = reports
        self._health = health
        self._store = store
        self._words = words
        self._now = now
        self._desk = desk

    @property
    def words(self) -> Words:
        """The sentences it speaks in."""
        return self._words

    # ------------------------------------------------------------ cards

    async def card_pressed(
        self, interaction: Interaction[Any], button_id: str, reason: str = ""
    ) -> None:
        """Take a press of a card's button, and tell the presser alone how it went."""
        if not await self._acknowledged(interaction.response.defer()):
            return
        try:
            place, person = _place(interaction), person_of(interaction.user)
            reply = await self._desk.press(button_id, person, place, reason)
            text = self._words.reply(reply)
        except _NOT_NOW as exc:
            log.warning("press not taken", presser=interaction.user.id, error=str(exc))
            text = self._words.say("press.unavailable")
        await self._say(interaction, text)

    async def reason_wanted(self, interaction: Interaction[Any], button_id: str) -> None:
        """Ask a reviewer for a reason; the press counts once they gave it."""
        modal = reason_modal(button_id, self._words)
        await self._acknowledged(interaction.response.send_modal(modal))

    async def submitted(self, interaction: Interaction[Any]) -> None:
        """Take a form that somebody filled in; other interactions are taken elsewhere."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        custom_id, why = _submitted(interaction.data)
        if custom_id.startswith(REASON):
            await self.card_pressed(interaction, custom_id.removeprefix(REASON), why)
        elif custom_id.startswith(REPORT):
            message_id = custom_id.removeprefix(REPORT)
            await self._alone(
                interaction,
                lambda: self._reports.here(interaction, message_id, why),
            )

    # ------------------------------------------------------------ menus

    async def menu_pressed(self, interaction: Interaction[Any], command: str) -> None:
        """Take a press of a menu's button: the menu shows how things stand then."""
        if not await self._acknowledged(interaction.response.defer()):
            return
        word, _, argument = command.partition(" ")
        try:
            if word not in set(CommandName):
                answer = refusal("press.stale")
            else:
                answer = await self._asked(interaction, CommandName(word), argument)
        except _NOT_NOW as exc:
            log.warning("menu not taken", presser=interaction.user.id, error=str(exc))
            answer = refusal("press.unavailable")
        if not answer.accepted or answer.secret:
            await self._say(interaction, self._words.text(answer), answer)
            return
        edit = interaction.edit_original_response(
            content=self._words.text(answer), view=self._teller.view(answer)
        )
        await self._acknowledged(edit)

    # ------------------------------------------------------------ commands

    async def command(
        self, interaction: Interaction[Any], name: CommandName, argument: str = ""
    ) -> None:
        """Answer a command, to the person alone."""
        await self._alone(interaction, lambda: self._asked(interaction, name, argument))

    async def set_up(
        self, interaction: Interaction[Any], review: AppCommandChannel | None, code: str
    ) -> None:
        """Begin to look after a server, link a review channel, or both."""
        await self._alone(interaction, lambda: self._set_up(interaction, review, code))

    async def report(self, interaction: Interaction[Any], message: str, why: str) -> None:
        """Report a message that is named by its link or its id."""
        await self._alone(interaction, lambda: self._reports.named(interaction, message, why))

    async def ask_why(self, interaction: Interaction[Any], message: discord.Message) -> None:
        """Ask a member why they report a message."""
        modal = report_modal(message.id, self._words)
        await self._acknowledged(interaction.response.send_modal(modal))

    async def score(self, interaction: Interaction[Any], message: discord.Message) -> None:
        """Say what the model says of a message."""
        said = message_in(message, self._now())
        text = said.text if said is not None else ""
        await self.command(interaction, CommandName.SCORE, text)

    async def doctor(self, interaction: Interaction[Any]) -> None:
        """Say what keeps the bot from working in this server."""
        await self._alone(interaction, lambda: self._examined(interaction))

    async def settings_offered(
        self, interaction: Interaction[Any], typed: str
    ) -> list[discord.app_commands.Choice[str]]:
        """What can be set, for one who types: a label's thresholds once it is named."""
        label = next((word for word in typed.split() if word in set(Label)), None)
        menu = f"label {label}" if label else ""
        sought = typed.removeprefix("label ")
        return await self.offered(interaction, CommandName.SETTINGS, menu, sought)

    async def offered(
        self, interaction: Interaction[Any], name: CommandName, menu: str, typed: str
    ) -> list[discord.app_commands.Choice[str]]:
        """What a command's menu has that contains all words typed so far.

        menu: the argument that asks for the menu.
        """
        try:
            if not await self._seems_entitled(interaction, name):
                return []
            answer = await self._asked(interaction, name, menu)
        except _NOT_NOW:
            return []
        found = {
            choice.argument: self._words.said(choice.label)
            for row in answer.choices
            for choice in row
            if choice.argument
        }
        return [
            discord.app_commands.Choice(name=f"{label} ({argument})"[:100], value=argument)
            for argument, label in found.items()
            if all(word in f"{argument} {label}".lower() for word in typed.lower().split())
        ][:MOST_CHOICES]

    async def _seems_entitled(self, interaction: Interaction[Any], name: CommandName) -> bool:
        """Whether a person may be offered what only some may ask for, by what is known without
        asking Discord: this comes with every letter that anybody types. It spares calls, and
        decides nothing."""
        if name is CommandName.SETTINGS:
            return administers(interaction.permissions)
        community = await self._community(_place(interaction))
        person = person_of(interaction.user)
        return community is not None and any(
            self._known.sees(person, channel)
            for channel in community.review_channels
            if channel.platform == PLATFORM
        )

    # ------------------------------------------------------------ what is asked

    async def _asked(
        self, interaction: Interaction[Any], name: CommandName, argument: str
    ) -> Answer:
        place, person = _place(interaction), person_of(interaction.user)
        if name in (CommandName.CASES, CommandName.SCORE, CommandName.STATS):
            place = await self._desk_of(person, place)
        return await self._desk.command(
            Command(name, argument, person, place, title=_title(interaction))
        )

    async def _desk_of(self, person: Person, place: Place) -> Place:
        """Where a reviewer acts: answers go to them alone, so they may ask anywhere in the
        server."""
        community = await self._community(place)
        for channel in community.review_channels if community else ():
            if channel.platform == PLATFORM and await self._guilds.may_review(person, channel):
                return channel
        return place

    async def _community(self, place: Place) -> Community | None:
        async with self._store.reading() as tx:
            return await tx.communities.by_review(place) or await tx.communities.by_group(
                place.platform, place.group
            )

    async def _set_up(
        self, interaction: Interaction[Any], review: AppCommandChannel | None, code: str
    ) -> Answer:
        where = review if review is not None else interaction.channel
        linking = review is not None or bool(code)
        if linking and (where is None or where.type is not discord.ChannelType.text):
            return refusal("discord.review_not_text")
        person, place = person_of(interaction.user), _place(interaction)
        title = _title(interaction)
        here = review.id if review is not None else place.channel
        channel = Place(PLATFORM, place.group, str(here))
        if not code:
            begun = await self._desk.command(
                Command(CommandName.START, "guard", person, place, title=title)
            )
            if review is None or not begun.accepted:
                return begun
        if not await self._guilds.may_post(channel):
            return refusal("discord.no_post_in_review", group=title)
        public = await self._guilds.everybody_reads(channel)
        return await self._desk.command(
            Command(CommandName.LINK, code, person, channel, title=title, public=public, apart=True)
        )

    async def _examined(self, interaction: Interaction[Any]) -> Answer:
        person, place = person_of(interaction.user), _place(interaction)
        if not await self._guilds.may_administer(person, place):
            return refusal("command.admins_only")
        async with self._store.reading() as tx:
            community = await tx.communities.by_group(place.platform, place.group)
        if community is None:
            return refusal("command.not_moderated")
        found = await self._health.problems_of(community)
        if not found:
            return Answer((sentence("standing.well", group=_title(interaction)),))
        return Answer(tuple(sentence("discord.problem", what=each) for each in found))

    # ------------------------------------------------------------ answering

    async def _alone(
        self, interaction: Interaction[Any], ask: Callable[[], Awaitable[Answer]]
    ) -> None:
        """Answer the person alone, once it is known what."""
        deferred = interaction.response.defer(ephemeral=True, thinking=True)
        if not await self._acknowledged(deferred):
            return
        try:
            answer = await ask()
        except _NOT_NOW as exc:
            log.warning("command not taken", person=interaction.user.id, error=str(exc))
            answer = refusal("press.unavailable")
        edit = interaction.edit_original_response(
            content=self._words.text(answer), view=self._teller.view(answer)
        )
        await self._acknowledged(edit)

    async def _say(
        self, interaction: Interaction[Any], text: str, answer: Answer | None = None
    ) -> None:
        view = self._teller.view(answer) if answer is not None else None
        options: dict[str, Any] = {"view": view} if view is not None else {}
        await self._acknowledged(interaction.followup.send(text, ephemeral=True, **options))

    async def _acknowledged(self, call: Awaitable[object]) -> bool:
        """Whether an answer reached Discord; where it came too late, nobody can be answered."""
        try:
            await self._client.read(call)
        except (Refused, PlatformError) as exc:
            log.warning("not answered", error=str(exc))
            return False
        return True


def _place(interaction: Interaction[Any]) -> Place:
    return Place(PLATFORM, str(interaction.guild_id or ""), str(interaction.channel_id or ""))


def _title(interaction: Interaction[Any]) -> str:
    return interaction.guild.name if interaction.guild else ""


def _submitted(data: Any) -> tuple[str, str]:
    """A form's id, and what was written into it."""
    texts = [
        part.get("value", "")
        for row in data.get("components", ())
        for part in (
            *row.get("components", ()),
            *([row["component"]] if "component" in row else ()),
        )
    ]
    return data.get("custom_id", ""), "\n".join(filter(None, texts))
