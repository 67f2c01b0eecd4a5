"""A community at work, without a platform's client: real handlers on a real database and a real
Redis, an adapter that notes what it is asked to do, and a clock that tests move."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from redis.asyncio import Redis

from bot.domain.cards import Card, Press
from bot.domain.cases import Case
from bot.domain.communities import Community
from bot.domain.effects import EffectKind, Outcome, Result
from bot.domain.errors import PlatformError, ScorerUnavailable
from bot.domain.messages import Person, Place
from bot.domain.policy import Policy
from bot.domain.ports import Desk, Inbox, Lane, Order, PressReply
from bot.domain.scores import Label, Scores
from bot.observability.health import Health
from bot.observability.metrics import Metrics
from bot.storage import SqlStore, upgrade
from bot.streams.bursts import RedisBursts
from bot.streams.effects import EffectStream
from bot.streams.intake import Intake
from bot.streams.link_codes import RedisLinkCodes
from bot.streams.review_queue import RedisReviewQueue
from handlers.command import CommandHandler
from handlers.community import bind_community, create_community
from handlers.dead_letter import DeadLetterHandler
from handlers.effect import EffectHandler
from handlers.linking import LinkingHandler
from handlers.message import MessageHandler
from handlers.press import PressHandler
from handlers.rights import Rights
from handlers.settings import SettingsMenu
from handlers.sweep import Sweeper
from handlers.verdict import VerdictHandler
from handlers.window import Window
from tests.factories import LOBBY, NOOR, NOW, REVIEW, SAM, a_message, a_policy
from tests.fakes.redis_server import fresh_redis
from tests.fakes.words_engine import RUDE

THREAT = "you will not live long"


class WordsScorer:
    """Scores by words; out of order while `down` holds, and always for the text in `poison`.

    What is rude only when all its words stand together is THREAT.
    """

    model = "words"

    def __init__(self) -> None:
        self.down = False
        self.poison: str | None = None

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        if self.down or self.poison in texts:
            raise ScorerUnavailable("out of order")
        return [
            Scores(
                {
                    Label.TOXICITY: 0.99
                    if THREAT in text.lower()
                    else max(RUDE.get(word, 0.01) for word in text.lower().split())
                }
            )
            for text in texts
        ]


@dataclass
class NotingAdapter:
    """An adapter that does nothing but note it."""

    platform: str = "playground"
    reviewers: set[str] = field(default_factory=lambda: {NOOR.id, SAM.id})
    orders: list[Order] = field(default_factory=list)
    answer: Callable[[Order], Outcome] | None = None

    async def run(self, inbox: Inbox, desk: Desk) -> None:
        raise NotImplementedError("tests hand messages and presses in themselves")

    async def carry_out(self, order: Order) -> Outcome:
        outcome = self.answer(order) if self.answer else Outcome(Result.DONE, ref="ref-1")
        self.orders.append(order)
        return outcome

    async def may_review(self, person: Person, channel: Place) -> bool:
        if person.name == "unreachable":
            raise PlatformError(self.platform, "does not answer")
        return person.id in self.reviewers

    async def problems(self) -> list[str]:
        return []

    def did(self) -> list[EffectKind]:
        """What was done, cards left out."""
        kinds = [order.effect.kind for order in self.orders]
        return [kind for kind in kinds if kind is not EffectKind.CARD]

    def cards(self) -> list[Card]:
        """The cards as drawn, the newest last."""
        return [order.card for order in self.orders if order.card is not None]


class ModeratedGroup:
    """Everything a test needs of a community at work."""

    def __init__(self, store: SqlStore, redis: Redis, community: Community) -> None:
        self.store, self.redis, self.community = store, redis, community
        self.time = NOW
        self.adapter = NotingAdapter()
        self.scorer = WordsScorer()
        self.metrics = Metrics()
        self.effects = EffectStream(redis)
        self.queue = RedisReviewQueue(redis)
        self.window = Window(store, self.queue, self.effects, self.now)
        self.verdicts = VerdictHandler(
            store=store,
            effects=self.effects,
            queue=self.queue,
            window=self.window,
            now=self.now,
            metrics=self.metrics,
        )
        self.messages = MessageHandler(
            store=store, scorer=self.scorer, verdicts=self.verdicts, bursts=RedisBursts(redis)
        )
        self.dead_letters = DeadLetterHandler(store=store, verdicts=self.verdicts, now=self.now)
        self.desk = PressHandler(
            store=store,
            adapters={"playground": self.adapter},
            effects=self.effects,
            queue=self.queue,
            window=self.window,
            now=self.now,
        )
        self.carrier = EffectHandler(
            store=store,
            adapters={"playground": self.adapter},
            effects=self.effects,
            now=self.now,
            metrics=self.metrics,
            name="test",
        )
        self.sweeper = Sweeper(
            store=store,
            effects=self.effects,
            queue=self.queue,
            window=self.window,
            now=self.now,
            metrics=self.metrics,
        )

    def now(self) -> datetime:
        """The clock, which stands still unless a test moves it."""
        return self.time

    def later(self, by: timedelta) -> None:
        """Let time pass."""
        self.time += by

    async def says(self, text: str, id: str = "m1", **changes: object) -> bool:  # noqa: A002
        """Somebody posts a message; whether it is finished with once it was judged."""
        message = a_message(text, id=id, **changes)
        [finished] = await self.messages.judge([message])
        return finished

    async def act(self) -> None:
        """Carry out whatever may be carried out now."""
        while True:
            async with self.store.reading() as tx:
                due = await tx.outbox.due(self.time, 100)
            if not due:
                return
            for intent in due:
                await self.carrier.carry_out(intent.id)

    async def press(
        self, press: Press, by: Person = NOOR, card: Card | None = None, place: Place = REVIEW
    ) -> PressReply:
        """Press a button of a card, the newest one unless told, and let it take effect."""
        shown = card or self.adapter.cards()[-1]
        [button] = [each.id for each in shown.buttons if each.press is press]
        reply = await self.desk.press(button, by, place)
        await self.act()
        return reply

    async def case(self) -> Case:
        """The one case there is."""
        [case] = await self.cases()
        return case

    async def cases(self) -> list[Case]:
        """All cases, the newest first."""
        async with self.store.reading() as tx:
            return await tx.cases.listed(self.community.id)

    async def facts(self) -> list[str]:
        """What the audit log says was done."""
        async with self.store.reading() as tx:
            return [
                entry.fact.action
                async for entry in tx.audit.entries(self.community.id)
                if entry.fact.case_id is not None
            ]

    async def set_policy(self, policy: Policy) -> None:
        """A new version of the community's policy."""
        async with self.store.transaction() as tx:
            await tx.policies.add(self.community.id, policy, "test", self.time)


@asynccontextmanager
async def moderated_group(
    policy: Policy | None = None, groups: Sequence[Place] = (LOBBY,)
) -> AsyncIterator[ModeratedGroup]:
    """A community with the lobby, or other groups, a review channel and a policy that acts."""
    with tempfile.TemporaryDirectory() as folder:
        await upgrade(str(Path(folder)))
        store = await SqlStore.open(folder)
        async with fresh_redis() as redis:
            async with store.transaction() as tx:
                community = await create_community(
                    tx, "friends", policy or a_policy(), "test", lambda: NOW
                )
                community = await bind_community(
                    tx, community, "test", lambda: NOW, groups=groups, reviews=[REVIEW]
                )
            yield ModeratedGroup(store, redis, community)
        await store.close()


def commands_of(group: ModeratedGroup, adapter: NotingAdapter) -> CommandHandler:
    """What answers commands, rights being asked of this adapter on both platforms."""
    rights = Rights({"playground": adapter, "far": adapter})
    return CommandHandler(
        store=group.store,
        rights=rights,
        linking=LinkingHandler(
            store=group.store, codes=RedisLinkCodes(group.redis), rights=rights, now=group.now
        ),
        menu=SettingsMenu(store=group.store, presets={}, now=group.now),
        first_policy=a_policy(),
        scorer=None,
        now=group.now,
    )


def health_of(group: ModeratedGroup, room: str | None = None) -> Health:
    """The health of a process that has all but a model. room: what is wrong with the disk's."""
    return Health(
        metrics=group.metrics,
        store=group.store,
        database=group.store.problems,
        room=lambda: room,
        intake=Intake(group.redis),
        effects=group.effects,
        adapters={"playground": group.adapter},
        platforms={"playground"},
        model=None,
    )
