"""The whole flow beside a plain loop over Detoxify: `python -m bench.flow`.

Ours is the real bot, wired by app: messages go into intake on an embedded Redis that syncs every
write, come out to a worker, are scored by the same checkpoint, judged, and where the policy says
so recorded in SQLite and ordered to be hidden. The baseline scores the same texts in a loop over
`Detoxify.predict`, one at a time, and does nothing else. Both run in one process, in turns. Texts
that repeat are scored once while ours remembers them, as they are when it serves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

from bench.texts import texts
from bot import event_loop
from bot.app import Outside, running
from bot.clock import utc_now
from bot.domain.effects import EffectKind, Outcome, Result
from bot.domain.messages import Author, Message, Part, PartKind, Person, Place
from bot.domain.ports import Desk, Inbox, Order
from bot.memory import settle
from bot.observability import logs
from bot.storage import SqlStore
from config.policies import preset
from config.roles import Role
from config.settings import Settings
from handlers.community import bind_community, create_community

MODELS = Path("data/bench/models")
GROUP = Place("bench", "group")
REVIEW = Place("bench", "review")


class BenchAdapter:
    """A platform that posts as it is told and notes when it was asked to hide."""

    platform = "bench"

    def __init__(self) -> None:
        self.inbox: Inbox | None = None
        self.hidden_at: dict[str, float] = {}
        self.ready = asyncio.Event()

    async def run(self, inbox: Inbox, desk: Desk) -> None:
        self.inbox = inbox
        self.ready.set()
        await asyncio.Event().wait()

    async def carry_out(self, order: Order) -> Outcome:
        if order.effect.kind is EffectKind.HIDE and order.effect.message_id is not None:
            self.hidden_at[order.effect.message_id] = time.perf_counter()
        return Outcome(Result.DONE, ref="1")

    async def may_review(self, person: Person, channel: Place) -> bool:
        return True

    async def problems(self) -> list[str]:
        return []


class Verdicts:
    """When each message was judged."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}

    def judged(self, message: Message, signals: object, verdict: object) -> None:
        self.at[message.id] = time.perf_counter()


async def flow(
    said: Sequence[str], per_second: float | None, model: str, engine: str
) -> dict[str, float]:
    """Put texts in, all at once or at a steady rate; figures of the way to verdict and hide."""
    adapter, verdicts = BenchAdapter(), Verdicts()
    with _data_folder() as folder:
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            AMAN_DATA_DIR=folder,
            detoxify_model=model,
            scoring_engine=engine,
            port=0,
        )
        async with running(
            settings,
            Role.ALL,
            lambda line: None,
            tamper=lambda outside: _with(outside, adapter, verdicts),
        ):
            await _bind(settings)
            await adapter.ready.wait()
            for warm in range(20):
                await _put(adapter, f"warm-{warm}", "hello there", f"member-{warm}")
            await _until(lambda: len(verdicts.at) == 20)
            settle()
            verdicts.at.clear()
            return await _offer(adapter, verdicts, said, per_second)


@contextmanager
def _data_folder() -> Iterator[Path]:
    """A new one, but for the models: they are converted once for all rounds."""
    MODELS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to(MODELS.resolve())
        yield Path(folder)


async def _offer(
    adapter: BenchAdapter, verdicts: Verdicts, said: Sequence[str], per_second: float | None
) -> dict[str, float]:
    put_at: dict[str, float] = {}
    since = time.perf_counter()
    for nth, text in enumerate(said):  # each says two things in a row, which are read together too
        if per_second:
            await asyncio.sleep(max(0.0, since + nth / per_second - time.perf_counter()))
        put_at[str(nth)] = time.perf_counter()
        await _put(adapter, str(nth), text, f"member-{nth // 2}")
    await _until(lambda: len(verdicts.at) == len(said))
    took = max(verdicts.at.values()) - since
    await asyncio.sleep(1.0)
    judged = sorted(verdicts.at[key] - at for key, at in put_at.items())
    hidden = sorted(at - put_at[key] for key, at in adapter.hidden_at.items() if key in put_at)
    figures = {
        "messages_per_second": len(said) / took,
        "verdict_p50_ms": 1000 * median(judged),
        "verdict_p99_ms": 1000 * _p99(judged),
        "hidden": float(len(hidden)),
    }
    if len(hidden) > 1:
        figures |= {
            "hide_p50_ms": 1000 * median(hidden),
            "hide_p99_ms": 1000 * _p99(hidden),
        }
    return figures


def plain(said: Sequence[str], model: str) -> dict[str, float]:
    """The same texts through `Detoxify.predict`, one at a time."""
    from bot.scoring.checkpoints import load
    from bot.scoring.reference import open_reference

    with tempfile.TemporaryDirectory() as folder:
        detoxify = open_reference(load(model, Path(folder), None)).detoxify
    detoxify.predict("hello there")
    times = []
    for text in said:
        since = time.perf_counter()
        detoxify.predict(text)
        times.append(time.perf_counter() - since)
    return {
        "messages_per_second": len(said) / sum(times),
        "verdict_p50_ms": 1000 * median(times),
        "verdict_p99_ms": 1000 * _p99(sorted(times)),
    }


def _with(outside: Outside, adapter: BenchAdapter, verdicts: Verdicts) -> Outside:
    return replace(outside, adapters={"bench": adapter}, watcher=verdicts)


async def _bind(settings: Settings) -> None:
    store = await SqlStore.open(settings.database)
    async with store.transaction() as tx:
        community = await create_community(tx, "bench", preset("balanced"), "bench", utc_now)
        await bind_community(tx, community, "bench", utc_now, groups=[GROUP], reviews=[REVIEW])
    await store.close()


async def _put(adapter: BenchAdapter, message_id: str, text: str, who: str) -> None:
    assert adapter.inbox is not None
    now = utc_now()
    author = Author(Person("bench", who))
    part = Part(PartKind.TEXT, text)
    await adapter.inbox.put(Message(GROUP, message_id, author, (part,), now, now))


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def _p99(ordered: Sequence[float]) -> float:
    return quantiles(ordered, n=100, method="inclusive")[98]


def main() -> None:
    """Run both in turns and print the medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--engine", default="fast")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=50.0, help="messages a second, when paced")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logs.set_up("ERROR")
    said, what = texts(options.count)
    paced = said[: int(10 * options.rate)]
    rounds: dict[str, list[dict[str, float]]] = {"Detoxify.predict": [], "flow": [], "paced": []}
    for _ in range(options.rounds):
        rounds["Detoxify.predict"].append(plain(said, options.model))
        rounds["flow"].append(event_loop.run(flow(said, None, options.model, options.engine)))
        rounds["paced"].append(
            event_loop.run(flow(paced, options.rate, options.model, options.engine))
        )
    medians = {
        name: {key: median(each.get(key, 0.0) for each in seen) for key in seen[0]}
        for name, seen in rounds.items()
    }
    print(f"{what}, model {options.model}, medians of {options.rounds} rounds")
    for name, figures in medians.items():
        print(f"  {name:18}", "  ".join(f"{key} {value:,.1f}" for key, value in figures.items()))
    ratio = (
        medians["flow"]["messages_per_second"] / medians["Detoxify.predict"]["messages_per_second"]
    )
    print(f"  whole flow over the plain loop: {ratio:.2f}×")
    print(f"  paced: {options.rate:.0f} messages a second offered for 10 s")
    if options.json:
        options.json.write_text(json.dumps({"what": what, "medians": medians, "ratio": ratio}))


if __name__ == "__main__":
    main()
