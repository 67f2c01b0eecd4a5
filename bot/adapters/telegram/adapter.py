"""Telegram as the core sees it."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import product
from time import monotonic
from typing import Any

import structlog
from aiohttp import web
from telegram import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    ChatAdministratorRights,
)

from bot.adapters.errands import Errands
from bot.adapters.pausing import Pause
from bot.adapters.platform import Given
from bot.adapters.telegram.albums import Albums
from bot.adapters.telegram.asking import Asking
from bot.adapters.telegram.chats import Chats
from bot.adapters.telegram.client import Client
from bot.adapters.telegram.copies import Copies
from bot.adapters.telegram.done import Done
from bot.adapters.telegram.effects import Effects
from bot.adapters.telegram.errors import PLATFORM, Refused
from bot.adapters.telegram.health import Health
from bot.adapters.telegram.listening import Polling
from bot.adapters.telegram.members import Members
from bot.adapters.telegram.notices import Notices
from bot.adapters.telegram.postings import Postings
from bot.adapters.telegram.pressed import PressedCards
from bot.adapters.telegram.promises import Promises
from bot.adapters.telegram.reception import Reception
from bot.adapters.telegram.reposting import Reposts
from bot.adapters.telegram.standings import Standings
from bot.adapters.telegram.talking import Talk
from bot.adapters.telegram.webhook import Webhook
from bot.adapters.texts import Texts
from bot.domain.desk import CommandName
from bot.domain.effects import Outcome
from bot.domain.errors import FlowUnavailable, PlatformBusy, PlatformError
from bot.domain.messages import Person, Place
from bot.domain.ports import Desk, Inbox, Order, Phrases

log = structlog.get_logger(__name__)

ALBUM_LOOK_S = 0.1
CHECKED_FOR_S = 30.0

_MENUS = {
    "private": (CommandName.START, CommandName.HELP),
    "group": ("report", CommandName.HELP),
    "admins": (
        CommandName.SETTINGS,
        CommandName.LINK,
        CommandName.STATS,
        CommandName.CASES,
        CommandName.SCORE,
        "report",
        CommandName.HELP,
    ),
}
_SCOPES = {
    "private": BotCommandScopeAllPrivateChats(),
    "group": BotCommandScopeAllGroupChats(),
    "admins": BotCommandScopeAllChatAdministrators(),
}


class TelegramAdapter:
    """Fits `platform.Platform`. Its base_url is that of the Bot API's server, without a path."""

    platform = PLATFORM

    def __init__(self, given: Given) -> None:
        phrases, now = given.phrases, given.now
        self._client = Client(given.token, given.base_url, given.memory.budgets)
        self._memory = given.memory
        self._phrases = phrases
        # Telegram shows the menu without a language to whoever has none of their own.
        self._menus: list[tuple[str | None, Phrases]] = [
            (None, phrases),
            *given.translations.items(),
        ]
        self._now = now
        self._chats = Chats(self._client, given.memory.facts, now)
        self._members = Members(self._client)
        self._health = Health(self._members, given.store, phrases)
        self._notices = Notices(self._client, given.memory.unfinished)
        self._errands, self._done = Errands(), Done(given.memory.facts)
        self._asking = Asking(given.memory.unfinished, self._done)
        pressed = PressedCards(self._client, given.store)
        self._promises = Promises(self._client, given.memory.unfinished, self._errands)
        self._talk = Talk(
            self._client, self._notices, pressed, self._promises, self._errands, phrases
        )
        postings = Postings(self._client, given.memory.facts, given.store)
        self._effects = Effects(
            self._client,
            self._members,
            self._notices,
            postings,
            Reposts(given.memory.facts),
            Copies(given.memory.facts),
            Standings(given.memory.facts),
            given.store,
            phrases,
            now,
        )
        self._webhook = (
            Webhook(self._client, given.token, given.public_url, now) if given.public_url else None
        )
        self._polling: Polling | None = None
        self._logged_in = asyncio.Event()
        self._problem: str | None = None
        self._checked: tuple[float, list[str]] | None = None

    # ------------------------------------------------------------ life

    async def log_in(self) -> None:
        """See whose the token is. Raises CannotStart for a token that is nobody's; Telegram being
        out of reach is no reason not to start."""
        try:
            await self._client.log_in()
        except PlatformError as exc:
            self._problem = exc.reason
            log.warning("not logged in yet", why=exc.reason)
        else:
            self._problem = None
            self._logged_in.set()

    def routes(self) -> list[web.RouteDef]:
        """Where Telegram brings updates, if it does."""
        return [] if self._webhook is None else [self._webhook.route]

    async def close(self) -> None:
        """Finish what cannot wait, and let go of the connections."""
        await self._asking.close()
        await self._errands.close()
        await self._notices.close()
        await self._client.close()

    async def run(self, inbox: Inbox, desk: Desk) -> None:
        """Listen until cancelled. Raises CannotStart for a token that is nobody's."""
        pause = Pause()
        while not self._logged_in.is_set():
            await pause.wait()
            await self.log_in()
        revisions = self._memory.revisions
        texts = Texts(inbox, revisions)
        albums = Albums(self._memory.albums, revisions, inbox)
        reception = Reception(
            client=self._client,
            chats=self._chats,
            talk=self._talk,
            notices=self._notices,
            errands=self._errands,
            promises=self._promises,
            asking=self._asking,
            done=self._done,
            revisions=revisions,
            albums=albums,
            texts=texts,
            now=self._now,
            desk=desk,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._introduce(), name="menus")
            tasks.create_task(self._albums(albums), name="albums")
            tasks.create_task(self._listen(reception), name="updates")

    async def _listen(self, reception: Reception) -> None:
        await self._resume(reception)
        if self._webhook is not None:
            await self._webhook.run(reception)
            return
        self._polling = Polling(self._client, reception)
        await self._polling.run()

    async def _resume(self, reception: Reception) -> None:
        """Take up what was left unfinished, before anything that came after it."""
        pause = Pause()
        while True:
            try:
                await reception.resume()
            except FlowUnavailable as exc:
                log.warning("unfinished updates wait", error=str(exc))
                await pause.wait()
            else:
                return

    async def _introduce(self) -> None:
        """Set the menus and the rights to ask for, however long it takes."""
        pause = Pause()
        while True:
            try:
                await self._set_menus()
            except Refused as exc:
                log.warning("menus not set", error=str(exc))
                return
            except (PlatformError, FlowUnavailable) as exc:
                log.warning("menus wait", error=str(exc))
                await pause.wait(exc.retry_after if isinstance(exc, PlatformBusy) else 0.0)
            else:
                return

    async def _set_menus(self) -> None:
        bot = self._client.bot
        for (language, phrases), scope in product(self._menus, _MENUS):
            commands = [BotCommand(name, phrases.say(f"commands.{name}")) for name in _MENUS[scope]]
            await self._client.set_up(
                "setMyCommands",
                partial(bot.set_my_commands, commands, _SCOPES[scope], language_code=language),
            )
        rights = ChatAdministratorRights(**_RIGHTS)
        await self._client.set_up(
            "setMyDefaultAdministratorRights",
            partial(bot.set_my_default_administrator_rights, rights),
        )

    async def _albums(self, albums: Albums) -> None:
        """Hand in albums once all their parts are here."""
        pause = Pause()
        while True:
            try:
                await albums.hand_in()
                pause.over()
                await asyncio.sleep(ALBUM_LOOK_S)
            except FlowUnavailable as exc:
                log.warning("albums wait", error=str(exc))
                await pause.wait()

    # ------------------------------------------------------------ acting and asking

    async def carry_out(self, order: Order) -> Outcome:
        """Do one effect. Raises PlatformBusy, PlatformError."""
        if not self._logged_in.is_set():
            raise PlatformError(PLATFORM, self._problem or "not logged in yet")
        return await self._effects.carry_out(order)

    async def may_review(self, person: Person, channel: Place) -> bool:
        """Whether a person is in the review channel now, not muted. Raises PlatformError."""
        return person.platform == PLATFORM and await self._members.has_a_say(person, channel)

    async def may_administer(self, person: Person, group: Place) -> bool:
        """Whether a person may change what the bot does in a group now. Raises PlatformError."""
        return person.platform == PLATFORM and await self._members.may_administer(person, group)

    async def problems(self) -> list[str]:
        """What an admin or the operator has to mend; looked at every CHECKED_FOR_S at most."""
        if not self._logged_in.is_set():
            return [self._problem or self._phrases.say("telegram.not_logged_in")]
        source = self._webhook or self._polling
        listening = [source.problem] if source is not None and source.problem else []
        if self._checked is None or monotonic() - self._checked[0] > CHECKED_FOR_S:
            self._checked = monotonic(), await self._health.problems()
        return listening + self._checked[1]


_RIGHTS: dict[str, Any] = {
    **dict.fromkeys(
        (
            "is_anonymous",
            "can_manage_video_chats",
            "can_promote_members",
            "can_change_info",
            "can_invite_users",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
        ),
        False,
    ),
    **dict.fromkeys(("can_manage_chat", "can_delete_messages", "can_restrict_members"), True),
}
