"""Discord as the core sees it."""

from __future__ import annotations

import asyncio
from time import monotonic

import structlog
from aiohttp import web
from discord import app_commands
from discord.app_commands import AppInstallationType

from bot.adapters.discord.buttons import items
from bot.adapters.discord.client import Client, Gateway
from bot.adapters.discord.commands import Translations, add_commands
from bot.adapters.discord.effects import Effects
from bot.adapters.discord.errors import INTENTS, PLATFORM, Refused
from bot.adapters.discord.gate import intents, invitation, missing_intents
from bot.adapters.discord.guilds import Guilds
from bot.adapters.discord.health import Health
from bot.adapters.discord.known import KnownGuilds
from bot.adapters.discord.locating import Locating
from bot.adapters.discord.notices import Notices
from bot.adapters.discord.reception import Reception
from bot.adapters.discord.reporting import Reports
from bot.adapters.discord.talking import Talk
from bot.adapters.discord.telling import Teller
from bot.adapters.discord.under_way import UnderWay
from bot.adapters.discord.words import Words
from bot.adapters.errands import Errands
from bot.adapters.pausing import Pause
from bot.adapters.platform import Given
from bot.domain.desk import Answer, Telling, sentence
from bot.domain.effects import Outcome
from bot.domain.errors import CannotStart, PlatformError, StorageUnavailable
from bot.domain.messages import Person, Place
from bot.domain.ports import Desk, Inbox, Order

log = structlog.get_logger(__name__)

CHECKED_FOR_S = 30.0
CONNECT_AGAIN_S = 5.0
"""Discord lets a bot begin a thousand sessions a day: a lost cause must not use them up."""


class DiscordAdapter:
    """Fits `platform.Platform`.

    Its base_url is that of the REST interface, with its version; the gateway is where that says.
    """

    platform = PLATFORM

    def __init__(self, given: Given) -> None:
        memory, store, now = given.memory, given.store, given.now
        self._client = Client(given.token, given.base_url, intents(), memory.budgets)
        self._memory = memory
        self._store = store
        self._words = Words(given.phrases)
        self._translations = Translations(
            {name: Words(each) for name, each in given.translations.items()}
        )
        self._now = now
        self._guilds = Guilds(self._client)
        self._health = Health(KnownGuilds(self._client), store, self._words)
        self._notices = Notices(self._client)
        self._errands = Errands()
        self._teller = Teller(self._client, self._notices, self._errands, self._words)
        effects = Effects(
            self._client,
            self._guilds,
            self._notices,
            store,
            memory.revisions,
            memory.facts,
            self._words,
            now,
        )
        self._under_way = UnderWay(effects.carry_out)
        self._reception: Reception | None = None
        self._logged_in = asyncio.Event()
        self._problem: str | None = None
        self._checked: tuple[float, list[str]] | None = None

    # ------------------------------------------------------------ life

    async def log_in(self) -> None:
        """See whose the token is, and that it is given its intents. Raises CannotStart with what
        to mend; Discord being out of reach is no reason not to start."""
        try:
            await self._client.log_in()
        except (PlatformError, Refused) as exc:
            self._problem = str(exc)
            log.warning("not logged in yet", why=str(exc))
            return
        if missing_intents(self._client.gateway):
            raise CannotStart(INTENTS)
        self._problem = None
        self._logged_in.set()
        log.info("invite the bot to a server", url=self.invitation)

    def routes(self) -> list[web.RouteDef]:
        """None: Discord's gateway brings all."""
        return []

    @property
    def invitation(self) -> str:
        """Where an admin adds the bot to a server; only after `log_in`."""
        return invitation(self._client.gateway.application_id or self._client.me.id)

    async def close(self) -> None:
        """Finish what cannot wait, and let go of the connections."""
        if self._reception is not None:
            self._reception.stop()
        self._under_way.stop()
        await self._errands.close()
        if self._logged_in.is_set():
            await self._notices.close()
        await self._client.close()

    async def run(self, inbox: Inbox, desk: Desk) -> None:
        """Listen until cancelled. Raises CannotStart for a token that is nobody's."""
        revisions = self._memory.revisions
        talk = Talk(
            client=self._client,
            guilds=self._guilds,
            teller=self._teller,
            reports=Reports(self._client, revisions, self._now, desk),
            health=Health(self._guilds, self._store, self._words),
            store=self._store,
            words=self._words,
            now=self._now,
            desk=desk,
        )
        self._reception = Reception(
            client=self._client,
            talk=talk,
            teller=self._teller,
            errands=self._errands,
            revisions=revisions,
            marks=self._memory.marks,
            store=self._store,
            now=self._now,
            inbox=inbox,
            desk=desk,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._reception.keep_marks(), name="marks")
            tasks.create_task(
                Locating(KnownGuilds(self._client), self._store, desk).run(), name="locating"
            )
            tasks.create_task(self._listen(self._reception, talk), name="events")

    async def _listen(self, reception: Reception, talk: Talk) -> None:
        pause = Pause()
        while not self._logged_in.is_set():
            await pause.wait()
            await self.log_in()
        while True:
            await self._introduce(self._dressed(reception, talk))
            self._problem = await self._connected()
            log.error("no events from Discord", why=self._problem)
            self._logged_in.clear()
            await self._back(pause)

    async def _connected(self) -> str:
        """Listen for as long as it lasts; why it ended."""
        try:
            await self._client.connect()
        except (CannotStart, PlatformError, Refused) as exc:
            return str(exc)
        return self._words.say("discord.deaf")

    async def _back(self, pause: Pause) -> None:
        """Log in again, for as long as it takes: what stopped it may be mended while the bot goes
        on elsewhere."""
        told = False
        while not self._logged_in.is_set():
            await pause.wait(CONNECT_AGAIN_S)
            try:
                await self.log_in()
            except CannotStart as exc:
                self._problem = str(exc)
                if self._problem == INTENTS and not told:
                    told = await self._reviewers_told()
        pause.over()

    async def _reviewers_told(self) -> bool:
        """Without its intents the bot is told nothing, but can still speak. False while it is not
        to be had who the reviewers are."""
        try:
            async with self._store.reading() as tx:
                communities = await tx.communities.all()
        except StorageUnavailable as exc:
            log.warning("reviewers not told yet", error=str(exc))
            return False
        for channel in (each for one in communities for each in one.review_channels):
            if channel.platform == PLATFORM:
                self._teller.tell(Telling(channel, Answer((sentence("discord.intents_off"),))))
        return True

    def _dressed(self, reception: Reception, talk: Talk) -> app_commands.CommandTree[Gateway]:
        """Give a connection what listens to it."""
        gateway = self._client.gateway
        reception.listen(gateway)
        gateway.add_dynamic_items(*items(talk))
        tree: app_commands.CommandTree[Gateway] = app_commands.CommandTree(
            # Not for people who take the bot along to servers that it is not in.
            gateway,
            allowed_installs=AppInstallationType(guild=True, user=False),
        )
        add_commands(tree, talk)
        return tree

    async def _introduce(self, tree: app_commands.CommandTree[Gateway]) -> None:
        """Set the commands; a server that has none goes without."""
        await tree.set_translator(self._translations)
        try:
            await self._client.if_known("commands", tree.sync())
        except (PlatformError, Refused) as exc:
            log.warning("commands not set", error=str(exc))

    # ------------------------------------------------------------ acting and asking

    async def carry_out(self, order: Order) -> Outcome:
        """Do one effect. Raises PlatformBusy, PlatformError."""
        self._must_be_logged_in()
        return await self._under_way.carry_out(order)

    async def may_review(self, person: Person, channel: Place) -> bool:
        """Whether a person may see the review channel and write in it now. Raises
        PlatformError."""
        self._must_be_logged_in()
        return person.platform == PLATFORM and await self._guilds.may_review(person, channel)

    async def may_administer(self, person: Person, group: Place) -> bool:
        """Whether a person may change the server's settings now. Raises PlatformError."""
        self._must_be_logged_in()
        return person.platform == PLATFORM and await self._guilds.may_administer(person, group)

    async def problems(self) -> list[str]:
        """What an admin or the operator has to mend; looked at every CHECKED_FOR_S at most."""
        if not self._logged_in.is_set():
            return [self._problem or self._words.say("discord.not_logged_in")]
        if self._reception is None or self._reception.deaf:
            return [self._words.say("discord.deaf")]
        found = []
        if self._client.invalid.spent:
            found.append(self._words.say("discord.too_many_refusals"))
        if self._checked is None or monotonic() - self._checked[0] > CHECKED_FOR_S:
            self._checked = monotonic(), await self._health.problems()
        return found + self._checked[1]

    def _must_be_logged_in(self) -> None:
        if not self._logged_in.is_set():
            raise PlatformError(PLATFORM, self._problem or "not logged in yet")
