"""What people say, and how they and their threads are called, on its way into intake."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from discord import Member, Message, Thread

from bot.adapters.discord.insisting import Job
from bot.adapters.discord.translate import (
    is_bots,
    names_in,
    nick_in,
    said_in,
    title_in,
    written,
)
from bot.adapters.texts import Texts
from bot.domain import messages as core
from bot.domain.cases import Case
from bot.domain.ports import Clockwork
from bot.domain.repositories import Store


class Intake:
    """Takes in what is not in intake yet. All methods raise FlowUnavailable, StorageUnavailable.

    neutral: the name that a hide puts in place of a member's.
    """

    def __init__(self, texts: Texts, store: Store, now: Clockwork, neutral: str) -> None:
        self._texts = texts
        self._store = store
        self._now = now
        self._neutral = neutral

    # ------------------------------------------------------------ messages

    def edit(self, message: Message) -> Job | None:
        """Takes in what a message says after a change; None where there is nothing to judge."""
        said = said_in(message, self._now())
        if said is None:
            return None
        return partial(self._changed, said, by_author=message.edited_at is not None)

    async def edited(self, message: Message) -> None:
        """Take in what a message says after a change."""
        if (job := self.edit(message)) is not None:
            await job()

    async def from_history(self, message: Message) -> None:
        """Take in what a message says that may have been taken in before."""
        if message.edited_at is not None:  # which of its texts was seen, if any, is remembered
            await self.edited(message)
        elif (said := said_in(message, self._now())) is not None:
            await self._texts.first(said)

    async def _changed(self, said: core.Message, *, by_author: bool) -> None:
        """Take in what a message says now. by_author: whether they ever changed it. Where only what
        Discord puts beside it is new, such as the preview of a link, and the message has a case,
        reviewers look at it already: it is not made a second one."""
        case, about = await self._newest_case(said)
        same = about is not None and written(about) == written(said)
        if case is None or (by_author and not same):
            await self._texts.changed(said)

    # ------------------------------------------------------------ names and titles

    async def called(self, said: core.Message) -> None:
        """Take in a name or title that is seen now, unless it was so before. Where its case hid
        it, it was put back: a matter of its own, also once it is forgotten what was taken in."""
        case, about = await self._newest_case(said)
        if case is not None and case.hidden and about is not None and about.text == said.text:
            said = replace(said, revision=about.revision + 1)
        await self._texts.changed(said)

    async def title(self, thread: Thread) -> None:
        """Take in the title that a person gave to a thread as they opened it."""
        if not is_bots(thread):
            owner = thread.guild.get_member(thread.owner_id)
            await self.called(title_in(thread, self._now(), by=owner))

    async def names(self, member: Member) -> None:
        """Take in what a member is called; no name that a hide covers, which nobody sees."""
        if member.bot:
            return
        if member.nick != self._neutral:
            await self.called(names_in(member, self._now()))
        if (nick := nick_in(member, self._now())) is not None:
            await self.called(nick)

    async def _newest_case(self, said: core.Message) -> tuple[Case | None, core.Message | None]:
        """The newest case of something, and what that is about, unless it is erased."""
        place = said.place
        async with self._store.reading() as tx:
            community = await tx.communities.by_group(place.platform, place.group)
            if community is None:
                return None, None
            case = await tx.cases.by_message(community.id, place, said.id)
            evidence = await tx.cases.evidence(case.id) if case is not None else None
        return case, evidence.message if evidence is not None else None
