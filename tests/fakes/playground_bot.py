"""A bot small enough to hold in memory: the real core behind the playground, without its flow.

It judges with the core's own policy and cases; only its scorer is a list of words, and
nothing of it is kept when it stops.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bot.adapters.playground import LOBBY, REVIEW, Playground
from bot.domain.cards import Button, Card, Done, Press, Record, presses
from bot.domain.cases import Case, Change, decide, open_case, release, take, undo
from bot.domain.effects import Effect, EffectKind, Intent, Outcome
from bot.domain.errors import PressRefused, StalePress
from bot.domain.judging import judge_all
from bot.domain.messages import Message, Person, Place
from bot.domain.policy import Action, Mode, Policy, Thresholds
from bot.domain.ports import Figures, Lane, Order, PressReply
from bot.domain.scores import Label, Scores
from bot.domain.signals import Scored
from config.phrases import LocalePhrases

WORDS = {
    Label.TOXICITY: {"idiot": 0.97, "shut up": 0.95, "pathetic": 0.96, "lol": 0.55},
    Label.INSULT: {"idiot": 0.93, "silly": 0.72, "stupid": 0.72},
    Label.OBSCENE: {"idiot": 0.22, "damn": 0.66},
}


class WordScorer:
    """Scores by words; everything else gets a little of each label."""

    model = "words"

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        return [word_scores(text) for text in texts]


def word_scores(text: str) -> Scores:
    """The worst word's score for each label; a little of every label for the rest."""
    base = (len(text) % 7) / 100 + 0.004
    scores = {label: base / (nth + 1) for nth, label in enumerate(Label)}
    for label, words in WORDS.items():
        found = [score for word, score in words.items() if word in text.lower()]
        scores[label] = max([scores[label], *found])
    return Scores(scores)


def presets() -> dict[str, Policy]:
    """Four policies to choose from."""

    def preset(name: str, mode: Mode, review: float, hide: float) -> Policy:
        return Policy(name, 1, mode, {label: Thresholds(review, hide) for label in Label})

    return {
        "observe": preset("observe", Mode.OBSERVE, 0.6, 0.9),
        "lenient": preset("lenient", Mode.ACT, 0.8, 0.97),
        "balanced": preset("balanced", Mode.ACT, 0.6, 0.9),
        "strict": preset("strict", Mode.ACT, 0.4, 0.75),
    }


@dataclass
class _File:
    """All that the bot knows of one case."""

    case: Case
    message: Message
    scores: Scores | None
    done: list[Done] = field(default_factory=list)
    ref: str | None = None
    confirming: Person | None = None


class FakeBot:
    """Inbox, Desk, Rules and figures of one playground."""

    def __init__(self, playground: Playground) -> None:
        self.playground = playground
        self.policy = presets()["balanced"]
        self.taken_in: list[Message] = []
        self._keys: set[str] = set()
        self._files: dict[str, _File] = {}
        self._buttons: dict[str, tuple[str, int, Press]] = {}
        self._ids = itertools.count(1)
        self._actions: list[Action] = []
        self._times: list[float] = []

    # ---------------------------------------------------------------- inbox

    async def put(self, message: Message) -> None:
        self.taken_in.append(message)
        if message.key in self._keys:
            return
        self._keys.add(message.key)
        [judgement] = await judge_all([message], self.policy, WordScorer())
        self.playground.watcher.judged(message, judgement.signals, judgement.verdict)
        if judgement.verdict is None:
            return
        self._actions.append(judgement.verdict.action)
        if judgement.verdict.action is Action.ALLOW:
            return
        case_id = f"case-{next(self._ids)}"
        change = open_case(
            case_id, "community", message, judgement.verdict, self.policy, datetime.now(UTC)
        )
        scores = next((each.scores for each in judgement.signals if isinstance(each, Scored)), None)
        numbered = replace(change.case, number=len(self._files) + 1)
        self._files[case_id] = _File(numbered, message, scores)
        await self._act(change.effects)
        if judgement.verdict.action is Action.HIDE:
            self._times.append((datetime.now(UTC) - message.posted_at).total_seconds())
        await self._draw(case_id)

    # ---------------------------------------------------------------- desk

    async def press(self, button_id: str, presser: Person, place: Place) -> PressReply:
        if not await self.playground.adapter.may_review(presser, place):
            return PressReply("press.not_a_reviewer", accepted=False)
        if button_id not in self._buttons:
            return PressReply("press.stale", accepted=False)
        case_id, generation, press = self._buttons[button_id]
        file = self._files[case_id]
        try:
            change = self._change(file.case, presser, press, generation)
        except PressRefused as exc:
            return PressReply(exc.reply, tuple(exc.fields.items()), accepted=False)
        file.case = change.case
        file.confirming = presser if press is Press.BAN else None
        await self._act(change.effects)
        await self._draw(case_id)
        replies = {
            Press.BAN: "press.confirm_ban",
            Press.CONFIRM_BAN: "press.done_ban",
            Press.CANCEL: "press.cancelled",
            Press.UNDO: "press.undone",
        }
        return PressReply(replies.get(press, f"press.done_{press}"))

    def _change(self, case: Case, by: Person, press: Press, generation: int) -> Change:
        now = datetime.now(UTC)
        match press:
            case Press.BAN:
                return take(case, by, generation, self.policy, now)
            case Press.CANCEL:
                return release(case, by, generation, now)
            case Press.UNDO:
                return undo(case, by, generation, now)
        if press.decision is None:
            raise StalePress("no such press")
        return decide(case, by, press.decision, generation, self.policy, now)

    # ---------------------------------------------------------------- rules and figures

    async def current(self, group: Place) -> Policy:
        assert group == LOBBY
        return self.policy

    async def change(self, group: Place, policy: Policy, by: Person) -> Policy:
        assert group == LOBBY
        self.policy = replace(policy, version=self.policy.version + 1)
        return self.policy

    async def figures(self) -> Figures:
        times = sorted(self._times)
        return Figures(
            messages=len(self._actions),
            allowed=self._actions.count(Action.ALLOW),
            review=self._actions.count(Action.REVIEW),
            hide=self._actions.count(Action.HIDE),
            cases_open=sum(file.case.decision is None for file in self._files.values()),
            intake_depth=0,
            effects_depth=0,
            time_to_action=(times[len(times) // 2], times[-1]) if times else None,
            decision=(0.006, 0.011) if self._actions else None,
            model="words",
            scorer_ok=True,
        )

    # ---------------------------------------------------------------- acting

    async def order(self, effect: Effect, **given: object) -> Outcome:
        """Have the playground do one effect under an intent of its own."""
        intent = Intent(f"intent-{next(self._ids)}", "community", effect, datetime.now(UTC))
        return await self.playground.adapter.carry_out(Order(intent, 1, **given))  # type: ignore[arg-type]

    async def _act(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            outcome = await self.order(effect)
            done = Done(effect.kind, outcome.result, outcome.reason, datetime.now(UTC))
            self._files[effect.case_id].done.append(done)

    async def _draw(self, case_id: str) -> None:
        file = self._files[case_id]
        buttons = []
        for press in presses(file.case, confirming_ban=file.confirming is not None):
            button_id = f"{case_id}-{file.case.generation}-{press}"
            self._buttons[button_id] = (case_id, file.case.generation, press)
            buttons.append(Button(button_id, press))
        card = Card(
            file.case,
            file.message,
            file.scores,
            Record(cases=max(0, file.case.number - 1), kept_hidden=max(0, file.case.number - 1)),
            tuple(file.done),
            tuple(buttons),
            file.ref,
            file.confirming,
        )
        outcome = await self.order(Effect(EffectKind.CARD, case_id, REVIEW), card=card)
        file.ref = outcome.ref or file.ref


@dataclass(frozen=True)
class Served:
    """A playground with a bot behind it, on a loopback port."""

    url: str
    bot: FakeBot


@asynccontextmanager
async def served_playground(folder: Path) -> AsyncIterator[Served]:
    """A playground in `folder` with a FakeBot at work, as long as the block lasts."""
    playground = Playground(folder, LocalePhrases())
    bot = FakeBot(playground)
    app = web.Application()
    playground.attach(
        app, rules=bot, figures=bot.figures, presets=presets(), hosts=["chat.example"]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    listening = asyncio.create_task(playground.adapter.run(bot, bot))
    try:
        yield Served(f"http://127.0.0.1:{port}", bot)
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await runner.cleanup()
        playground.close()
