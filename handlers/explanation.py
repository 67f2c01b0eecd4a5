"""A case is open: find out which words drove its verdict, for the reviewers' card."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from bot.domain.cases import Case
from bot.domain.errors import AmanError, FlowUnavailable
from bot.domain.explanations import Explain, WordWeight
from bot.domain.ports import Clockwork, EffectStream
from bot.domain.repositories import Store
from handlers.recording import refresh_cards

log = structlog.get_logger(__name__)

MOST_WAITING = 200
"""Cases that wait to be explained. In a flood the later ones go without: a card is no worse for
reviewers than it was, while the scorer is needed for messages."""


class Explainer:
    """Explains cases one after the other, off the way from a message to its verdict."""

    def __init__(
        self, *, store: Store, explain: Explain, effects: EffectStream, now: Clockwork
    ) -> None:
        self._store = store
        self._explain = explain
        self._effects = effects
        self._now = now
        self._waiting: asyncio.Queue[Case] = asyncio.Queue(MOST_WAITING)

    def ask(self, case: Case) -> None:
        """Have a case explained when there is time; only a score has words that drove it."""
        if case.verdict.label is None:
            return
        try:
            self._waiting.put_nowait(case)
        except asyncio.QueueFull:
            log.warning("case goes unexplained, too many wait", case=case.id)

    async def run(self) -> None:
        """Explain what is asked, for as long as the bot lives."""
        while True:
            case = await self._waiting.get()
            try:
                await self.explain(case)
            except AmanError as exc:
                log.warning("case goes unexplained", case=case.id, error=str(exc))
            finally:
                self._waiting.task_done()

    async def explain(self, case: Case) -> None:
        """Put the words behind a case's verdict beside its evidence, and on its cards.

        Raises ScorerUnavailable, StorageUnavailable.
        """
        async with self._store.reading() as tx:
            evidence = await tx.cases.evidence(case.id)
        if evidence is None or evidence.words or case.verdict.label is None:
            return
        words = await self._explain(evidence.message.text, case.verdict.label)
        if words:
            await self._record(case, words)

    async def _record(self, case: Case, words: tuple[WordWeight, ...]) -> None:
        async with self._store.transaction() as tx:
            # Locked before it is read: a report that adds to the evidence meanwhile stays in it.
            known = await tx.cases.lock(case.id)
            evidence = await tx.cases.evidence(case.id)
            if evidence is None:
                return
            await tx.cases.strengthen(known, replace(evidence, words=words))
            community = await tx.communities.get(case.community_id)
            intents = await refresh_cards(tx, community, known, self._now())
        try:
            await self._effects.publish(intents)
        except FlowUnavailable as exc:
            log.warning("explanation is on record, Redis is not there", error=str(exc))
