"""A whole bot that kills itself with SIGKILL at a named stage of the flow.

    python -m tests.fakes.doomed_bot STAGE [SCORER]

STAGE may be "never"; SCORER is "words", or "model" for what the settings name. Nothing in the bot
knows of this: a killer stands between the parts, where app lets a test put one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from bot import event_loop
from bot.app import Outside, open_settings_scorer, running
from bot.domain.audit import AuditEntry, Fact
from bot.domain.effects import EffectKind, Outcome
from bot.domain.messages import Message, Person, Place
from bot.domain.ports import Adapter, Desk, Inbox, Lane, Order, Scorer
from bot.domain.repositories import Store, Transaction
from bot.domain.scores import Scores
from bot.memory import settle
from bot.observability import logs
from config.roles import Role
from config.settings import read_settings
from tests.fakes.words_engine import open_words_scorer

STAGES = (
    "before intake",
    "after intake, before it is confirmed",
    "after scoring",
    "case recorded, not committed",
    "case committed, effects not offered",
    "before the act",
    "after the act, before its record",
    "outcome recorded, not committed",
    "card posted, not recorded",
    "mid-decision, not committed",
    "decision committed, effects not offered",
    "after the restore, before its record",
)


class Doom:
    """Kills the process when the chosen stage is reached."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def reached(self, stage: str) -> None:
        assert stage in STAGES, stage
        if stage == self._stage:
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedInbox:
    """Kills around a message's taking in."""

    def __init__(self, inner: Inbox, doom: Doom) -> None:
        self._inner, self._doom = inner, doom

    async def put(self, message: Message) -> None:
        self._doom.reached("before intake")
        await self._inner.put(message)
        self._doom.reached("after intake, before it is confirmed")


class DoomedScorer:
    """Kills once a model has spoken."""

    def __init__(self, inner: Scorer, doom: Doom) -> None:
        self._inner, self._doom, self.model = inner, doom, inner.model

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        scores = await self._inner.score(texts, lane=lane)
        self._doom.reached("after scoring")
        return scores


class DoomedAdapter:
    """Kills around an effect."""

    def __init__(self, inner: Adapter, doom: Doom) -> None:
        self._inner, self._doom, self.platform = inner, doom, inner.platform

    async def run(self, inbox: Inbox, desk: Desk) -> None:
        await self._inner.run(inbox, desk)

    async def may_review(self, person: Person, channel: Place) -> bool:
        return await self._inner.may_review(person, channel)

    async def may_administer(self, person: Person, group: Place) -> bool:
        return await self._inner.may_administer(person, group)

    async def problems(self) -> list[str]:
        return await self._inner.problems()

    async def carry_out(self, order: Order) -> Outcome:
        kind = order.effect.kind
        if kind is EffectKind.HIDE:
            self._doom.reached("before the act")
        outcome = await self._inner.carry_out(order)
        match kind:
            case EffectKind.HIDE:
                self._doom.reached("after the act, before its record")
            case EffectKind.RESTORE:
                self._doom.reached("after the restore, before its record")
            case EffectKind.CARD:
                self._doom.reached("card posted, not recorded")
        return outcome


class DoomedStore:
    """Kills before or after the commit of a transaction that recorded a certain fact."""

    BEFORE = {  # noqa: RUF012
        "case.opened": "case recorded, not committed",
        "case.decided": "mid-decision, not committed",
        "effect.done": "outcome recorded, not committed",
    }
    AFTER = {  # noqa: RUF012
        "case.opened": "case committed, effects not offered",
        "case.decided": "decision committed, effects not offered",
    }

    def __init__(self, inner: Store, doom: Doom) -> None:
        self._inner, self._doom = inner, doom

    def reading(self) -> Any:
        return self._inner.reading()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        seen: set[str] = set()
        async with self._inner.transaction() as tx:
            tx.audit = _Listening(tx.audit, seen)  # type: ignore[assignment]
            yield tx
            for action in seen & self.BEFORE.keys():
                self._doom.reached(self.BEFORE[action])
        for action in seen & self.AFTER.keys():
            self._doom.reached(self.AFTER[action])


class _Listening:
    def __init__(self, inner: Any, seen: set[str]) -> None:
        self._inner, self._seen = inner, seen

    async def append(self, community_id: str, at: Any, fact: Fact) -> AuditEntry:
        self._seen.add(fact.action)
        entry: AuditEntry = await self._inner.append(community_id, at, fact)
        return entry

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def tampered(outside: Outside, doom: Doom) -> Outside:
    """The parts with a killer before each."""
    assert outside.scorer is not None
    return replace(
        outside,
        inbox=DoomedInbox(outside.inbox, doom),
        scorer=DoomedScorer(outside.scorer, doom),
        store=DoomedStore(outside.store, doom),
        adapters={name: DoomedAdapter(each, doom) for name, each in outside.adapters.items()},
    )


SCORERS = {"words": open_words_scorer, "model": open_settings_scorer}


async def main(stage: str, scorer: str = "words") -> None:
    """Run until SIGTERM, or until doom."""
    settings = read_settings()
    logs.set_up("INFO", "json")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    doom = Doom(stage)
    async with running(
        settings,
        Role.ALL,
        lambda line: None,
        tamper=lambda outside: tampered(outside, doom),
        scorer=SCORERS[scorer],
    ) as started:
        settle()
        print(started.url, flush=True)
        await stop.wait()


if __name__ == "__main__":
    event_loop.run(main(*sys.argv[1:]))
