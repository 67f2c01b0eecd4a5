"""What becomes of each update: into intake, or to the desk."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any
from uuid import uuid4

import structlog
from telegram import ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatType

from bot.adapters.errands import Errands
from bot.adapters.spending import UNHURRIED_S
from bot.adapters.telegram.albums import Albums
from bot.adapters.telegram.asking import Asking, OnItsWay, Work
from bot.adapters.telegram.chats import Chats
from bot.adapters.telegram.client import Client
from bot.adapters.telegram.done import Done
from bot.adapters.telegram.errors import PLATFORM
from bot.adapters.telegram.members import ADMINS, lacks
from bot.adapters.telegram.notices import Notices
from bot.adapters.telegram.promises import Promises, Removal
from bot.adapters.telegram.reading import read_update
from bot.adapters.telegram.salvage import salvaged
from bot.adapters.telegram.talking import Talk
from bot.adapters.telegram.translate import (
    ChatFacts,
    is_bare_command,
    is_group,
    joined_by,
    joined_in,
    message_in,
    own_command,
    person_of,
    place_of,
    replied_to,
)
from bot.adapters.texts import Texts
from bot.domain.desk import CommandName, Standing
from bot.domain.errors import FlowUnavailable, StorageUnavailable
from bot.domain.memory import Revisions
from bot.domain.messages import Place
from bot.domain.ports import Clockwork, Desk, PressReply

log = structlog.get_logger(__name__)

ASKED_WITHIN_S = 1.0
"""How long what people ask of the bot may hold up the updates that follow. It is mostly done long
before, and killed over it the bot is given it again; but where Telegram is slow to tell their
rights, or somebody asks a hundred times, no message waits for that: it is kept until it is done."""

REPORT = "report"
_COMMANDS = frozenset(CommandName)
_REPORTS = frozenset({REPORT})
_CALLS_ADMINS = re.compile(r"^@admins?\b", re.IGNORECASE)


class Reception:
    """Takes updates, from wherever they come. When `take` returns, the update may be confirmed;
    taken twice it has the effect of once."""

    def __init__(
        self,
        *,
        client: Client,
        chats: Chats,
        talk: Talk,
        notices: Notices,
        errands: Errands,
        promises: Promises,
        asking: Asking,
        done: Done,
        revisions: Revisions,
        albums: Albums,
        texts: Texts,
        now: Clockwork,
        desk: Desk,
    ) -> None:
        self._client = client
        self._chats = chats
        self._talk = talk
        self._notices = notices
        self._errands = errands
        self._promises = promises
        self._asking = asking
        self._done = done
        self._revisions = revisions
        self._albums = albums
        self._now = now
        self._texts = texts
        self._desk = desk
        self._told: set[tuple[str, ...]] = set()

    async def resume(self) -> None:
        """Take up again what was confirmed, and not done when a bot ended. Raises
        FlowUnavailable."""
        await self._notices.resume()
        await self._promises.resume()
        await self._asking.resume(self._again, monotonic() + ASKED_WITHIN_S)

    async def take(self, raw: dict[str, Any], until: float) -> None:
        """raw: the update as Telegram wrote it. until: when presses and commands may hold up no
        longer what follows, on the clock of `monotonic`.

        Raises FlowUnavailable, StorageUnavailable: it is to be offered again. Anything else: it
        breaks, and nothing is left of it to take.
        """
        try:
            update = read_update(raw, self._client.bot)
        except Exception as exc:  # an update can be broken in ways that the client does not foresee
            if not await self._in_part(raw, until, exc):
                log.error(
                    "update not understood", update=raw.get("update_id"), error=type(exc).__name__
                )
            return
        try:
            await self._heed(update, raw, until)
        except (FlowUnavailable, StorageUnavailable):
            raise
        except Exception as exc:
            if not await self._in_part(raw, until, exc):
                raise

    async def _in_part(self, raw: dict[str, Any], until: float, fault: Exception) -> bool:
        """Take what can be read of a message; False where that is nothing, or where nothing of it
        is at fault. Each kind of fault is told once: of such messages there may be many."""
        part = salvaged(raw, self._now())
        if part is None or not part.lost:
            return False
        kind = (type(fault).__name__, *part.lost)
        if kind not in self._told:
            self._told.add(kind)
            log.warning(
                "message read in part",
                update=raw.get("update_id"),
                lost=list(part.lost),
                error=type(fault).__name__,
            )
        await self._heed(read_update(part.update, self._client.bot), part.update, until)
        return True

    async def _heed(self, update: Update, raw: dict[str, Any], until: float) -> None:
        # Without a number (0, in what was salvaged) nobody knows it again.
        id_ = f"{self._client.me.id}:{update.update_id or uuid4().hex}"
        if (message := update.message or update.channel_post) is not None:
            self._client.saw(message)
            await self._message(message, id_)
        elif update.my_chat_member is not None:
            await self._done.once(id_, partial(self._standing, update.my_chat_member))
        elif update.chat_member is not None:
            await self._member_changed(update.chat_member)
        elif (edited := update.edited_message or update.edited_channel_post) is not None:
            await self._edited(edited)
        # A command is read by all the group as well: it is taken in, and then answered.
        if (work := self._asked_for(update)) is not None:
            await self._asking.do(id_, raw, work, until)

    # ------------------------------------------------------------ presses and commands

    def _asked_for(self, update: Update) -> Callable[[], Work] | None:
        """What does what somebody asks of the bot with this update; None where nobody does."""
        if update.callback_query is not None:
            return partial(self._talk.press, update.callback_query, self._desk)
        message = update.message or update.channel_post
        command = self._command(message, _COMMANDS) if message is not None else None
        if message is None or command is None:
            return None
        return partial(self._talk.command, message, *command, self._desk)

    async def _again(self, raw: dict[str, Any]) -> OnItsWay:
        work = self._asked_for(read_update(raw, self._client.bot))
        return await work() if work is not None else None

    def _command(self, message: Message, names: frozenset[str]) -> tuple[str, str] | None:
        return own_command(message, self._client.me.username or "", names)

    def _is_bare_command(self, message: Message) -> bool:
        return is_bare_command(message, self._client.me.username or "")

    # ------------------------------------------------------------ messages

    async def _message(self, message: Message, update_id: str) -> None:
        if message.migrate_to_chat_id is not None:
            await self._moved(message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id is not None:
            await self._moved(message.migrate_from_chat_id, message.chat.id)
        elif (
            message.chat.type == ChatType.PRIVATE
            or await self._reported(message, update_id)
            or self._is_bare_command(message)
        ):
            return
        elif message.new_chat_members:
            facts = await self._chats.facts(message.chat.id)
            for joined in joined_in(message, facts, self._now()):
                await self._albums.add(joined)
        else:
            await self._judged(message, update_id)

    async def _judged(self, message: Message, update_id: str) -> None:
        facts = await self._chats.facts(message.chat.id)
        called = _CALLS_ADMINS.match(message.text or "")
        if called is not None and replied_to(message) is not None:
            why = (message.text or "")[called.end() :].strip()
            await self._report(message, update_id, facts, why)
        said = message_in(message, facts, self._now())
        if said is None:
            return
        if said.album is not None:
            await self._albums.add(said)
        else:
            await self._texts.first(said)

    async def _edited(self, message: Message) -> None:
        if message.chat.type == ChatType.PRIVATE or self._is_bare_command(message):
            return
        facts = await self._chats.facts(message.chat.id)
        said = message_in(message, facts, self._now())
        if said is None:
            return
        if said.album is not None:
            await self._albums.edited(said)
        else:
            await self._texts.changed(said)

    async def _moved(self, old: int, new: int) -> None:
        await self._chats.forget(old)
        await self._desk.move(Place(PLATFORM, str(old)), Place(PLATFORM, str(new)))

    # ------------------------------------------------------------ reports

    async def _reported(self, message: Message, update_id: str) -> bool:
        """Take a report; False for what is none, or reports nothing, which is a message like any
        other.

        Its reason is not judged: whoever tells reviewers what was said must not be hidden for it.
        It does not stand in the group, and goes to reviewers with what it reports: nobody else
        needs to see who reported, or what they say.
        """
        report = self._command(message, _REPORTS)
        if report is None or not is_group(message.chat):
            return False
        await self._promises.make(Removal(message.chat.id, message.message_id))
        facts = await self._chats.facts(message.chat.id)
        return await self._report(message, update_id, facts, report[1])

    async def _report(self, message: Message, update_id: str, facts: ChatFacts, why: str) -> bool:
        """Pass a report on and answer it. Whether somebody reports a message with it; told again,
        it adds nothing and is not answered again."""
        target, reporter = replied_to(message), message.from_user
        if message.sender_chat is not None:
            self._answer(update_id, partial(self._talk.nameless, message))
            return False
        if reporter is None or reporter.is_bot:
            return False
        said = message_in(target, facts, self._now()) if target is not None else None
        if said is None:
            nothing = PressReply("report.nothing", accepted=False)
            self._answer(update_id, partial(self._thank, message, reporter, nothing))
            return False
        if said.album is not None:
            said = await self._albums.whole(said)
        elif target is not None and target.edit_date is not None:
            said = replace(said, revision=await self._revisions.revision_of(said))
        reply = await self._desk.report(said, person_of(reporter), why)
        self._answer(update_id, partial(self._thank, message, reporter, reply))
        return True

    def _answer(self, update_id: str, answer: Callable[[], Awaitable[object]]) -> None:
        self._errands.send("answer to a report", self._done.once(update_id, answer))

    async def _thank(self, message: Message, reporter: User, reply: PressReply) -> None:
        text = self._talk.reply(reply)
        await self._notices.tell(person_of(reporter), place_of(message), text, text, UNHURRIED_S)

    # ------------------------------------------------------------ standing

    async def _standing(self, change: ChatMemberUpdated) -> None:
        chat = change.chat
        if chat.type == ChatType.PRIVATE:
            return
        await self._chats.forget(chat.id)
        reads_all = bool(self._client.me.can_read_all_group_messages)
        before = lacks(change.old_chat_member, reads_all=reads_all)
        after = lacks(change.new_chat_member, reads_all=reads_all)
        if before == after:
            return
        standing = Standing(
            Place(PLATFORM, str(chat.id)),
            chat.title or "",
            person_of(change.from_user),
            present=after is not None,
            joined=before is None,
            lacks=after or frozenset(),
        )
        for telling in await self._desk.stand(standing):
            await self._talk.tell(telling)

    async def _member_changed(self, change: ChatMemberUpdated) -> None:
        statuses = (change.old_chat_member.status, change.new_chat_member.status)
        if any(status in ADMINS for status in statuses):
            await self._chats.forget(change.chat.id)
        if is_group(change.chat):
            facts = await self._chats.facts(change.chat.id)
            joined = joined_by(change, facts, self._now())
            if joined is not None:
                await self._albums.add(joined)
