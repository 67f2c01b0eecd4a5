"""How the bot is doing now: what keeps it from working, and how much waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.domain.cases import Status
from bot.domain.errors import AmanError, FlowUnavailable, StorageUnavailable
from bot.domain.ports import Adapter, Figures
from bot.domain.repositories import Store, Transaction
from bot.domain.unread import MEND, UnreadPolicy
from bot.observability.metrics import Metrics

log = structlog.get_logger(__name__)


class Intake(Protocol):
    """The messages that wait to be judged."""

    async def check(self) -> None:
        """Make sure that a message would be taken in now. Raises FlowUnavailable: why not."""

    async def depth(self) -> int:
        """How many. Raises FlowUnavailable."""

    async def oldest_s(self) -> float:
        """Seconds that the oldest has waited; 0.0 for none. Raises FlowUnavailable."""


class Effects(Protocol):
    """The intents that wait for a platform's adapter."""

    async def depth(self, platform: str) -> int:
        """How many. Raises FlowUnavailable."""

    async def oldest_s(self, platform: str) -> float:
        """Seconds that the oldest has waited; 0.0 for none. Raises FlowUnavailable."""


@dataclass(frozen=True, slots=True)
class Model:
    """The model of this process. problem: why it cannot score now; None when it can."""

    name: str
    problem: Callable[[], str | None]


async def unread_policies(tx: Transaction) -> list[str]:
    """A sentence for each community whose newest policy cannot be read."""
    communities = await tx.communities.all()
    policies = await tx.policies.in_force_of([each.id for each in communities])
    return [
        f"{each.name}: policy version {policy.version} cannot be read, so all that is said there "
        f"goes to reviewers; {MEND}"
        for each in communities
        if isinstance(policy := policies.get(each.id), UnreadPolicy)
    ]


class Health:
    """What the HTTP side tells of the bot.

    database: what keeps the database from taking records, a sentence each.
    room: what is wrong with the room on the disk; None when there is enough.
    adapters: those of this process. platforms: all whose intents wait in this Redis.
    model: None where this process has none.
    """

    def __init__(
        self,
        *,
        metrics: Metrics,
        store: Store,
        database: Callable[[], Awaitable[list[str]]],
        room: Callable[[], str | None],
        intake: Intake,
        effects: Effects,
        adapters: Mapping[str, Adapter],
        platforms: Collection[str],
        model: Model | None,
    ) -> None:
        self._metrics = metrics
        self._store = store
        self._database = database
        self._room = room
        self._intake = intake
        self._effects = effects
        self._adapters = adapters
        self._platforms = platforms
        self._model = model

    @property
    def judges(self) -> bool:
        """Whether messages are judged in this process."""
        return self._model is not None

    async def problems(self) -> list[str]:
        """What keeps the bot from working, a sentence each; none when all is well."""
        found = []
        full = self._room()
        try:
            # On a full disk an append-only Redis ends itself at the next write.
            await (self._intake.depth() if full else self._intake.check())
        except FlowUnavailable as exc:
            found.append(str(exc))
        found += await self._database()
        found += await self._unread_policies()
        if full:
            found.append(full)
        if self._model is not None and (problem := self._model.problem()):
            found.append(problem)
        for platform, adapter in self._adapters.items():
            try:
                found += await adapter.problems()
            except AmanError as exc:
                found.append(f"{platform}: {exc}")
        return found

    async def _unread_policies(self) -> list[str]:
        try:
            async with self._store.reading() as tx:
                return await unread_policies(tx)
        except StorageUnavailable:
            return []  # of which the database's own problems tell

    async def refresh(self) -> None:
        """Bring the gauges up to date; those that cannot be read now keep what they showed."""
        metrics, effects = self._metrics, self._effects
        if self._model is not None:
            metrics.scorer(self._model.name, works=self._model.problem() is None)
        try:
            metrics.queue("intake", await self._intake.depth(), await self._intake.oldest_s())
            async with self._store.reading() as tx:
                metrics.cases_open(await tx.cases.count(Status.OPEN))
                outbox = await tx.outbox.depth()
            for platform in self._platforms:
                depth, oldest_s = await effects.depth(platform), await effects.oldest_s(platform)
                metrics.queue(f"effects:{platform}", depth, oldest_s)
                metrics.queue(f"outbox:{platform}", outbox.get(platform, 0))
        except (FlowUnavailable, StorageUnavailable) as exc:
            log.warning("queues not measured", error=str(exc))

    async def figures(self) -> Figures:
        """The figures that a page shows, as of now."""
        await self.refresh()
        if self._model is None:
            return self._metrics.figures("none", scorer_ok=False)
        return self._metrics.figures(self._model.name, scorer_ok=self._model.problem() is None)
