"""Puts a message's files aside before it is hidden."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import structlog
from telegram import Message, MessageEntity

from bot.adapters.case_files import CaseFiles, named, within_limits
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.contents import attachments
from bot.adapters.telegram.copies import Copies
from bot.adapters.telegram.errors import PLATFORM, InDoubt
from bot.adapters.telegram.fetching import Fetcher, is_fetchable
from bot.adapters.telegram.files import Reference, to_be_copied
from bot.adapters.telegram.kept import Kept
from bot.adapters.telegram.sending import FileSender, Ways
from bot.adapters.telegram.uploads import instead
from bot.adapters.telegram.writing import Writing, Written, cut, harmless
from bot.domain import messages as core
from bot.domain.errors import AmanError
from bot.domain.files import WITH_CASE
from bot.domain.messages import Attachment, Place
from bot.domain.ports import Order, Phrases
from bot.domain.repositories import Store

log = structlog.get_logger(__name__)

PATIENCE_S = 1.2
"""The longest wait of a hide for the review channel's budget: one message's turn."""

WITHIN_S = 3.0
"""After so long a message is hidden whether its files are copied or not: what it does to people
counts more."""

AT_ONCE = 2
"""How many hides wait for one review channel; in a raid the others go on without copies."""

MOST_KNOWN = 1_000


@dataclass(frozen=True, slots=True)
class Keeping:
    """ref: to what was put aside, None where nothing was. lost: a sentence about what was not,
    which names no file: it goes on record, and names are the author's words."""

    ref: str | None = None
    lost: str = ""


class Keeper:
    """Keeps files in the community's review channel, as far as its budget has room for them: there
    they also show reviewers what the case is about, ahead of its card. Where there is no such
    channel on Telegram, their contents are kept with the case.

    Copies whose making was cut off, by a kill or a broken connection, may stand or not. They are
    made anew: twins cost a message, and what is hidden without a copy may be lost.
    """

    def __init__(
        self,
        client: Client,
        copies: Copies,
        files: CaseFiles,
        store: Store,
        phrases: Phrases,
    ) -> None:
        self._client = client
        self._copies = copies
        self._files = files
        self._store = store
        self._phrases = phrases
        self._fetcher = Fetcher(client)
        self._sender = FileSender(client)
        self._known: dict[str, Kept | None] = {}
        self._waiting: Counter[int] = Counter()

    def known(self, order: Order) -> Kept | None:
        """Where copies of the files of an order's message stand; None where none is known of."""
        if order.kept is not None:
            return None if order.kept == WITH_CASE else Kept.read(order.kept)
        return self._known.get(order.effect.case_id)

    def note(self, case_id: str, kept: Kept | None) -> None:
        """Remember where the files of a case were shown, so that they are not shown twice."""
        if len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[case_id] = kept

    async def ways(self, order: Order, message: core.Message) -> Ways:
        """The files of an order's message by all that leads to them, the likeliest first.
        Raises StorageUnavailable."""
        files = message.attachments
        if order.kept == WITH_CASE:
            return [files, instead(files, await self._files.of(order))]
        kept = self.known(order)
        return [kept.copies(files), files] if kept is not None else [files]

    async def keep(self, order: Order) -> Keeping:
        """Put the files aside, but those of which that is done. Whatever goes wrong, the hide may
        go on."""
        message, known = order.message, self.known(order)
        if message is None or not any(map(is_fetchable, message.attachments)):
            return Keeping()
        if known is not None and not _to_be_copied(message, known):
            return Keeping(str(known))
        try:
            place = await self._where(order.intent.community_id)
            if known is not None and (place is None or place.group != known.chat):
                return Keeping(str(known))  # what came late is not worth copying all anew
            if place is None or order.kept == WITH_CASE:
                return await self._with_case(order, message)
            return await self._in_channel(order, message, place, known)
        except AmanError as exc:
            log.warning("files not kept", case=order.effect.case_id, error=str(exc))
            self.note(order.effect.case_id, known)
            return self._lost("not_kept", known)

    async def ended(self, order: Order) -> None:
        """Note that a hide is over whose files were copied."""
        await self._copies.ended(order.intent.id)

    def _lost(self, why: str, known: Kept | None) -> Keeping:
        return Keeping(None if known is None else str(known), self._phrases.say(f"telegram.{why}"))

    async def _in_channel(
        self, order: Order, message: core.Message, place: Place, known: Kept | None
    ) -> Keeping:
        if not _to_be_copied(message, known):
            return Keeping()
        case = order.effect.case_id
        try:
            async with asyncio.timeout(WITHIN_S):
                kept = await self._made_before(order)
                if kept is None:
                    kept = await self._made(order, message, place, known)
        except (InDoubt, TimeoutError) as exc:
            log.warning("files perhaps not copied", case=case, error=type(exc).__name__)
            return self._lost("kept_in_doubt", known)
        self.note(case, kept)
        return Keeping(str(kept))

    async def _with_case(self, order: Order, message: core.Message) -> Keeping:
        files = message.attachments
        wanted = [n for n in within_limits(files) if is_fetchable(files[n])]
        stored = await self._files.keep(order, files, wanted, self._fetcher.fetch, WITHIN_S)
        needless = {n for n, each in enumerate(files) if not is_fetchable(each)}
        lost = named(files, stored.numbers | needless, self._phrases.say)
        said = self._phrases.say("telegram.not_kept_with_case", files=lost) if lost else ""
        if stored.full:
            said = f"{said} {self._phrases.say('card.no_room')}"
        return Keeping(WITH_CASE if stored.numbers else None, said)

    async def _made_before(self, order: Order) -> Kept | None:
        """What a bot had copied that was killed before the hide was on record."""
        return await self._copies.of(order.intent.id) if order.attempt > 1 else None

    async def _made(
        self, order: Order, message: core.Message, place: Place, known: Kept | None
    ) -> Kept:
        """Copies made now, beside those that are known."""
        wanted = _to_be_copied(message, known)
        try:
            kept = await self._copied(order, message, place, wanted)
        except InDoubt:
            kept = await self._copied(order, message, place, wanted)
        if known is not None:
            kept = known.joined(kept)
        await self._copies.made(order.intent.id, kept)
        return kept

    async def _where(self, community_id: str) -> Place | None:
        async with self._store.reading() as tx:
            community = await tx.communities.get(community_id)
        return next((p for p in community.review_channels if p.platform == PLATFORM), None)

    async def _copied(
        self, order: Order, message: core.Message, place: Place, wanted: Sequence[int]
    ) -> Kept:
        chat = int(place.group)
        files = [message.attachments[n] for n in wanted]
        with self._in_line(chat) as others:
            sent = await self._sender.send(
                chat,
                [files],
                Spend.EVIDENCE,
                caption=self._caption(order, message),
                covered=True,
                patience_s=0.0 if others >= AT_ONCE else PATIENCE_S,
                disable_notification=True,
                message_thread_id=int(place.channel) if place.channel else None,
            )
        copies = {n: copied(f, s) for n, f, s in zip(wanted, files, sent, strict=True)}
        return Kept.of(chat, message.attachments, copies)

    @contextmanager
    def _in_line(self, chat: int) -> Iterator[int]:
        """How many others are about to copy to a chat."""
        others = self._waiting[chat]
        self._waiting[chat] += 1
        try:
            yield others
        finally:
            self._waiting[chat] -= 1

    def _caption(self, order: Order, message: core.Message) -> Written:
        author = message.author.person
        who = harmless(cut(author.name or author.id, 64)[0])
        said = self._phrases.say("telegram.kept", number=str(order.case_number), who=who)
        return Writing().add(said, MessageEntity.ITALIC).written()


def _to_be_copied(message: core.Message, known: Kept | None) -> list[int]:
    """The numbers of the files that can be copied and are not yet, as parts of an album that came
    after it was hidden."""
    return [n for n in to_be_copied(message) if known is None or not known.has(n)]


def copied(file: Attachment, sent: Message) -> Attachment:
    """The copy of a file, from the message that it was sent with."""
    found = next((each for each in attachments(sent) if each.kind == file.kind), None)
    if found is not None:
        return found
    own = Reference.read(file.ref)  # an answer that does not show it: its own id goes on
    return replace(file, ref=str(replace(own, message=str(sent.message_id))))
