"""Wiring: which parts there are, what each is given, how they start and stop."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from aiohttp import web

from bot import codec
from bot.adapters.platform import Given, Memory, Platform, folder
from bot.clock import utc_now
from bot.domain.errors import CannotStart
from bot.domain.messages import Message
from bot.domain.ports import Adapter, Inbox, Lane, Scorer, Watcher
from bot.domain.repositories import Store
from bot.observability.health import Health, Model
from bot.observability.metrics import Metrics
from bot.observability.room import no_room
from bot.scoring.batching import BatchingScorer
from bot.scoring.coverage import coverage_of
from bot.scoring.evasion import FoldingScorer
from bot.scoring.explanation import explain
from bot.scoring.folding.parting import read_words
from bot.scoring.opening import open_scorer
from bot.storage import SqlStore, upgrade
from bot.streams.albums import RedisAlbums
from bot.streams.budgets import RedisBudgets
from bot.streams.bursts import RedisBursts
from bot.streams.connection import assert_durable, connect
from bot.streams.consumer import Consumer, DeadLetter, Delivery
from bot.streams.effects import GROUP as ADAPTERS
from bot.streams.effects import EffectStream, effect_streams, read_intent_id
from bot.streams.embedded import EmbeddedServer
from bot.streams.facts import RedisFacts
from bot.streams.intake import GROUP as WORKERS
from bot.streams.intake import STREAM as INTAKE
from bot.streams.intake import URGENT as INTAKE_URGENT
from bot.streams.intake import Intake
from bot.streams.link_codes import RedisLinkCodes
from bot.streams.marks import RedisMarks
from bot.streams.names import stable_name
from bot.streams.review_queue import RedisReviewQueue
from bot.streams.revisions import RedisRevisions
from bot.streams.unfinished import RedisUnfinished
from bot.web import assert_free, listen, status_route, web_app
from config.phrases import LocalePhrases, translations
from config.policies import DEFAULT, PRESETS, preset
from config.roles import Role
from config.settings import Account, Settings
from handlers.command import CommandHandler
from handlers.community import bind_community, create_community
from handlers.dead_letter import DeadLetterHandler
from handlers.desk import FrontDesk
from handlers.effect import EffectHandler
from handlers.explanation import Explainer
from handlers.linking import LinkingHandler
from handlers.message import MessageHandler
from handlers.press import PressHandler
from handlers.report import ReportHandler
from handlers.rights import Rights
from handlers.rules import RulesHandler
from handlers.settings import SettingsMenu
from handlers.standing import StandingHandler
from handlers.sweep import Sweeper
from handlers.verdict import VerdictHandler
from handlers.window import Window

if TYPE_CHECKING:  # loaded by the processes that serve it, no others
    from bot.adapters.playground import Playground

log = structlog.get_logger(__name__)

T = TypeVar("T")

CANCEL_AGAIN_S = 15.0
"""Longer than any part of the bot takes to finish what is under way."""

MESSAGES_AT_ONCE = 128
"""At most, when so many wait: what a batch costs by itself is then shared by more of them."""

EFFECTS_AT_ONCE = 8
"""In each lane of a platform: one that is answered late holds up no other."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The parts behind which the world lies. A test may put something of its own before them."""

    store: Store
    scorer: Scorer | None
    adapters: Mapping[str, Adapter]
    inbox: Inbox
    watcher: Watcher | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A bot that is at work.

    url: where it serves HTTP, None where this role does not. page: whether the playground is there.
    """

    url: str | None
    page: bool


Say = Callable[[str], None]
Tamper = Callable[[Outside], Outside]
OpenScorer = Callable[[Settings, Metrics], Awaitable[BatchingScorer]]


async def open_settings_scorer(settings: Settings, metrics: Metrics) -> BatchingScorer:
    """The scorer that the settings ask for. Raises CannotStart."""
    return await open_scorer(
        settings.detoxify_model,
        settings.scoring_engine,
        settings.data_dir,
        settings.detoxify_config_path,
        metrics.batch,
        metrics.looked_up,
    )


@asynccontextmanager
async def running(
    settings: Settings,
    role: Role,
    say: Say,
    *,
    tamper: Tamper = lambda outside: outside,
    scorer: OpenScorer = open_settings_scorer,
) -> AsyncIterator[Started]:
    """A bot at work for as long as the block lasts; a part that dies ends the block.

    say: told what is being done while it starts, a line a step.
    tamper, scorer: for tests, which put killers between the parts and need no real model.
    Raises CannotStart with what to mend.
    """
    async with AsyncExitStack() as stack:
        bot = _Bot(settings, role, say, stack)
        await bot.open(tamper, scorer)
        url = await bot.serve()
        async with asyncio.TaskGroup() as tasks:
            at_work = [tasks.create_task(work, name=name) for name, work in bot.tasks().items()]
            try:
                yield Started(url, page=bot.has_page)
            finally:
                say("stopping: what is under way is finished first")
                await _end(at_work)


async def _end(work: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks until all have ended. Once is not always enough: a library that waits by
    `asyncio.wait_for` loses a cancellation on Python 3.11 if it comes in the same moment as what
    is waited for."""
    left = set(work)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)


class _Bot:
    """One process's parts."""

    def __init__(self, settings: Settings, role: Role, say: Say, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._role = role
        self._say = say
        self._stack = stack
        self._metrics = Metrics()
        self._name = ""
        self._playground: Playground | None = None
        self._platforms: dict[str, Platform] = {}

    @property
    def has_page(self) -> bool:
        """Whether it serves the playground."""
        return self._playground is not None

    def _has(self, *roles: str) -> bool:
        return self._role is Role.ALL or self._role in roles

    # ------------------------------------------------------------ opening

    async def open(self, tamper: Tamper, open_the_scorer: OpenScorer) -> None:
        _check_role(self._settings, self._role)
        self._settings.make_data_dir()
        if self._has(Role.WEB):
            await assert_free(self._settings.host, self._settings.port)
        self._name = stable_name(self._settings.data_dir / "processes", self._role)
        loading = self._beside(self._load(open_the_scorer)) if self._has(Role.WORKER) else None
        url = await self._open_redis()
        self._redis = connect(url)
        self._stack.push_async_callback(self._redis.aclose)
        await assert_durable(self._redis)
        self._intake = Intake(self._redis)
        store = await self._open_storage()
        # Before the model is waited for: a wrong token is not to be told of after its conversion.
        adapters = await self._open_adapters(store)
        scorer = await loading if loading is not None else None
        outside = tamper(Outside(store, scorer, adapters, self._intake, self._watcher()))
        self._store, self._scorer = outside.store, outside.scorer
        self._adapters, self._inbox = outside.adapters, outside.inbox
        self._watching = outside.watcher
        self._wire()
        await self._carrier.resume()
        if self._playground is not None:
            await self._settle_playground()

    def _beside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin what takes a while; it ends with the bot."""
        task = asyncio.create_task(work)
        self._stack.push_async_callback(_end, [task])
        return task

    async def _open_redis(self) -> str:
        if self._settings.redis_url:
            self._say("Redis: the server that REDIS_URL names")
            return self._settings.redis_url
        if self._role is not Role.ALL:
            raise CannotStart(
                f"role {self._role} shares its work with other processes through Redis: set "
                "REDIS_URL, or run everything in one process with --role all"
            )
        server = EmbeddedServer(self._settings.data_dir / "redis")
        self._say(f"Redis: an embedded server, its data in {server.folder}")
        url = await server.start()
        self._stack.push_async_callback(server.stop)
        return url

    async def _open_storage(self) -> SqlStore:
        kind = "the database that DATABASE_URL names" if self._settings.database_url else "SQLite"
        self._say(f"database: {kind}, brought to this release's form")
        await upgrade(self._settings.database)
        most_kept = self._settings.kept_files_mb * 1024 * 1024
        store = await SqlStore.open(self._settings.database, most_kept)
        self._stack.push_async_callback(store.close)
        self._storage_problems = store.problems
        return store

    async def _load(self, open_the_scorer: OpenScorer) -> Scorer:
        settings = self._settings
        self._say(f"scorer: loading {settings.detoxify_model} ({settings.scoring_engine})")
        since = monotonic()
        # They take a second, which the loop has not, and another core than the model.
        words = asyncio.create_task(asyncio.to_thread(read_words))
        reading = asyncio.create_task(
            asyncio.to_thread(coverage_of, settings.detoxify_model, settings.data_dir)
        )
        scorer = await open_the_scorer(settings, self._metrics)
        self._stack.push_async_callback(scorer.close)
        self._coverage = await reading
        await words
        self._scorer_problem: Callable[[], str | None] = lambda: scorer.problem
        self._say(f"scorer: ready after {monotonic() - since:.1f} s")
        return FoldingScorer(scorer)

    async def _open_adapters(self, store: Store) -> dict[str, Adapter]:
        for name, account in self._settings.accounts.items():
            # What a platform calls by itself comes to whoever serves HTTP.
            if self._has(name) or (self._has(Role.WEB) and self._settings.public_url):
                platform = self._open_platform(name, account, store)
                if self._has(name) or platform.routes():
                    self._say(f"platform: {name.capitalize()}")
                    self._stack.push_async_callback(platform.close)
                    await platform.log_in()
                    self._platforms[name] = platform
        if not self._settings.accounts and self._has(Role.WEB):
            self._playground = self._open_playground()
            return {self._playground.adapter.platform: self._playground.adapter}
        return {**self._platforms}

    def _open_platform(self, name: str, account: Account, store: Store) -> Platform:
        redis = self._redis
        return folder(name).open_platform(
            Given(
                token=account.token,
                base_url=account.base_url,
                public_url=self._settings.public_url,
                memory=Memory(
                    RedisBudgets(redis),
                    RedisRevisions(redis),
                    RedisAlbums(redis),
                    RedisMarks(redis),
                    RedisFacts(redis),
                    RedisUnfinished(redis),
                ),
                store=store,
                phrases=LocalePhrases(),
                translations=translations(),
                now=utc_now,
            )
        )

    def _open_playground(self) -> Playground:
        from bot.adapters.playground import Playground

        self._say("platform: the playground, since no token is set")
        playground = Playground(self._settings.data_dir / "playground", LocalePhrases(), utc_now)
        self._stack.callback(playground.close)
        return playground

    async def _settle_playground(self) -> None:
        """The playground's community, made at its first start."""
        from bot.adapters.playground import LOBBY, REVIEW

        async with self._store.transaction() as tx:
            if await tx.communities.by_group(LOBBY.platform, LOBBY.group) is None:
                community = await create_community(
                    tx, "playground", preset("balanced"), "system", utc_now
                )
                await bind_community(
                    tx, community, "system", utc_now, groups=[LOBBY], reviews=[REVIEW]
                )

    def _wire(self) -> None:
        store, metrics = self._store, self._metrics
        self._effects = EffectStream(self._redis)
        self._queue = RedisReviewQueue(self._redis)
        window = Window(store, self._queue, self._effects, utc_now)
        self._desk = self._front_desk(window)
        self._carrier = EffectHandler(
            store=store,
            adapters=self._adapters,
            effects=self._effects,
            now=utc_now,
            metrics=metrics,
            name=self._name,
        )
        self._sweeper = Sweeper(
            store=store,
            effects=self._effects,
            queue=self._queue,
            window=window,
            now=utc_now,
            metrics=metrics,
        )
        if self._scorer is not None:
            scorer = self._scorer
            self._explainer = Explainer(
                store=store,
                explain=lambda text, label: explain(text, scorer, label),
                effects=self._effects,
                now=utc_now,
            )
            verdicts = VerdictHandler(
                store=store,
                effects=self._effects,
                queue=self._queue,
                window=window,
                now=utc_now,
                metrics=metrics,
                explainer=self._explainer,
                watcher=self._watching,
            )
            self._messages = MessageHandler(
                store=store,
                scorer=self._scorer,
                verdicts=verdicts,
                bursts=RedisBursts(self._redis),
                coverage=self._coverage,
            )
            self._dead = DeadLetterHandler(store=store, verdicts=verdicts, now=utc_now)

    def _front_desk(self, window: Window) -> FrontDesk:
        store, rights = self._store, Rights(self._adapters)
        presets = {name: preset(name) for name in PRESETS}
        return FrontDesk(
            PressHandler(
                store=store,
                adapters=self._adapters,
                effects=self._effects,
                queue=self._queue,
                window=window,
                now=utc_now,
            ),
            ReportHandler(
                store=store,
                budgets=RedisBudgets(self._redis),
                waiting=self._intake,
                queue=self._queue,
                window=window,
                now=utc_now,
            ),
            CommandHandler(
                store=store,
                rights=rights,
                linking=LinkingHandler(
                    store=store, codes=RedisLinkCodes(self._redis), rights=rights, now=utc_now
                ),
                menu=SettingsMenu(store=store, presets=presets, now=utc_now),
                first_policy=presets[DEFAULT],
                scorer=self._scorer,
                now=utc_now,
            ),
            StandingHandler(store=store, window=window, now=utc_now),
        )

    def _health(self) -> Health:
        scorer = self._scorer
        return Health(
            metrics=self._metrics,
            store=self._store,
            database=self._storage_problems,
            room=self._room,
            intake=self._intake,
            effects=self._effects,
            adapters=self._adapters,
            platforms={*self._settings.accounts, *self._adapters},
            model=Model(scorer.model, self._scorer_problem) if scorer is not None else None,
        )

    def _room(self) -> str | None:
        settings = self._settings
        elsewhere = settings.redis_url and settings.database_url
        return None if elsewhere else no_room(settings.data_dir)

    def _watcher(self) -> Watcher | None:
        return self._playground.watcher if self._playground else None

    # ------------------------------------------------------------ at work

    def tasks(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What runs for as long as the bot lives, by name."""
        work: dict[str, Coroutine[Any, Any, None]] = {}
        if self._has(Role.WORKER):
            work["intake"] = self._intake_consumer(INTAKE, Lane.ORDINARY).run()
            work["intake urgent"] = self._intake_consumer(INTAKE_URGENT, Lane.URGENT).run()
            work["sweep"] = self._sweeper.run()
            work["explain"] = self._explainer.run()
        for platform, adapter in self._adapters.items():
            work[f"listen {platform}"] = adapter.run(self._inbox, self._desk)
            if platform in self._settings.accounts and not self._has(platform):
                continue  # carried out by the process whose role that is
            lanes = effect_streams(platform)
            for n in range(EFFECTS_AT_ONCE):
                work[f"act {platform} urgent {n}"] = self._effect_consumer(lanes.urgent, n).run()
                work[f"act {platform} {n}"] = self._effect_consumer(lanes.ordinary, n).run()
        return work

    def _intake_consumer(self, stream: str, lane: Lane) -> Consumer[Message]:
        async def judge(deliveries: Sequence[Delivery[Message]]) -> Collection[str]:
            finished = await self._messages.judge([each.value for each in deliveries], lane)
            return [each.id for each, done in zip(deliveries, finished, strict=True) if done]

        async def bury(letter: DeadLetter) -> None:
            problem = self._scorer_problem()
            why = f"{letter.why} ({problem})" if problem else letter.why
            await self._dead.bury(letter.payload, letter.fields, why)

        return Consumer(
            self._redis,
            stream,
            WORKERS,
            self._name,
            codec.read_message,
            judge,
            bury,
            batch=MESSAGES_AT_ONCE,
        )

    def _effect_consumer(self, stream: str, number: int) -> Consumer[str]:
        async def carry_out(deliveries: Sequence[Delivery[str]]) -> Collection[str]:
            for each in deliveries:
                await self._carrier.carry_out(each.value)
            return [each.id for each in deliveries]

        async def bury(letter: DeadLetter) -> None:
            # The intent itself stands in storage, from where a sweep offers it again.
            log.error("offer of an intent set aside", entry=letter.id, why=letter.why)

        return Consumer(
            self._redis,
            stream,
            ADAPTERS,
            f"{self._name}-{number}",
            read_intent_id,
            carry_out,
            bury,
            batch=1,
        )

    # ------------------------------------------------------------ the HTTP side

    async def serve(self) -> str | None:
        """Serve HTTP, if this role must, has something to serve or PORT is set; returns the
        address."""
        brought = [route for each in self._platforms.values() for route in each.routes()]
        needed = self._has(Role.WEB)
        if not (needed or brought or "port" in self._settings.model_fields_set):
            return None
        health = self._health()
        app = web_app(metrics=self._metrics, health=health)
        settings = self._settings
        if self._playground is not None:
            rules = RulesHandler(store=self._store, now=utc_now)
            self._playground.attach(
                app,
                rules=rules,
                figures=health.figures,
                presets={name: preset(name) for name in PRESETS},
                hosts=[settings.host, *([settings.public_url] if settings.public_url else [])],
            )
        else:
            brought.append(status_route(health))
        app.add_routes(brought)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        try:
            return await listen(runner, settings.host, settings.port)
        except CannotStart as exc:
            if needed:
                raise
            log.warning("this process serves no HTTP", why=str(exc))
            return None


def _check_role(settings: Settings, role: Role) -> None:
    """A platform's own role has nothing to do without its token. Raises CannotStart."""
    if role not in (Role.ALL, Role.WORKER, Role.WEB, *settings.accounts):
        raise CannotStart(f"role {role}: set {role.upper()}_BOT_TOKEN to the token of the bot")


async def platform_problems(settings: Settings, store: Store) -> list[str]:
    """What is wrong with the platforms, for a program that only looks.

    Raises CannotStart, PlatformError.
    """
    found = []
    for name, account in settings.accounts.items():
        found += await folder(name).diagnose(
            account.token, account.base_url, store, LocalePhrases()
        )
    return found
