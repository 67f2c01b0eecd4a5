"""A history goes through the real pipeline, and nothing is acted on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.domain.bursts import read_together
from bot.domain.judging import Coverage, Judgement, judge_all
from bot.domain.policy import Action, Policy
from bot.domain.ports import Scorer
from bot.replay.entries import Aside, Entry, Fault, Post, Skipped
from bot.replay.export import Export
from bot.replay.sentences import Sentences
from bot.replay.summary import Summary
from bot.replay.tally import Tally

CHUNK = 512
MAX_NAMED = 100
"""How many files are named of those that are left out, or break off."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay has come. read, total: bytes of the export as it lies on disk."""

    read: int
    total: int
    messages: int


async def replay(
    export: Export,
    scorer: Scorer,
    policy: Policy,
    *,
    coverage: Coverage | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_decision: Callable[[Judgement], object] | None = None,
) -> Summary:
    """Judge every message of an export as it would be judged live.

    coverage: as `judge_all` takes it.
    on_progress: told after every CHUNK of records.
    on_decision: given each judgement that bears a verdict, in the order of the export.
    A file that breaks off ends there; what was read counts, and the summary names the fault.
    Raises ScorerUnavailable.
    """
    tally, sentences, asides = Tally(policy), Sentences(policy), Counter[str]()
    left_out, faults = list[str](), list[str]()
    started = time.perf_counter()
    entries = export.entries()
    messages = 0
    # Reading runs beside the event loop: a slow disk or a large archive stalls nothing else.
    while chunk := await asyncio.to_thread(_take, entries):
        posts = []
        for entry in chunk:
            match entry:
                case Post():
                    posts.append(entry)
                case Skipped(why):
                    tally.skip(why)
                case Aside(why, error):
                    asides[why] += 1
                    if error and len(left_out) < MAX_NAMED:
                        left_out.append(str(error))
                case Fault(error) if len(faults) < MAX_NAMED:
                    faults.append(str(error))
                case Fault():
                    asides["file that breaks off, beyond the first hundred"] += 1
        judgements = await _judged(posts, sentences, policy, scorer, coverage)
        for post, judgement in zip(posts, judgements, strict=True):
            tally.judged(post, judgement)
            if on_decision and judgement.verdict and judgement.signals:
                on_decision(judgement)
        messages = tally.skipped.total() + tally.actions.total()
        if on_progress:
            on_progress(Progress(export.source.read, export.source.total, messages))
    seconds = time.perf_counter() - started
    return _summed_up(export, scorer, policy, tally, asides, left_out, faults, seconds)


async def _judged(
    posts: Sequence[Post],
    sentences: Sentences,
    policy: Policy,
    scorer: Scorer,
    coverage: Coverage | None,
) -> list[Judgement]:
    wholes = sentences.wholes(posts)
    messages = [*(post.message for post in posts), *filter(None, wholes)]
    judged = await judge_all(messages, policy, scorer, coverage)
    alone, rest = judged[: len(posts)], iter(judged[len(posts) :])
    together = [None if whole is None else next(rest) for whole in wholes]
    judgements = [each for each in read_together(alone, together) if each is not None]
    sentences.settle(judgements)
    return judgements


def _take(entries: Iterator[Entry]) -> list[Entry]:
    return list(islice(entries, CHUNK))


def _summed_up(
    export: Export,
    scorer: Scorer,
    policy: Policy,
    tally: Tally,
    asides: Counter[str],
    left_out: list[str],
    faults: list[str],
    seconds: float,
) -> Summary:
    span, timeline = tally.timeline.bars()
    scored, skipped = tally.actions.total(), tally.skipped.total()
    return Summary(
        source=export.name,
        format=" and ".join(export.formats or [export.format.name]),
        policy=policy,
        model=scorer.model,
        messages=scored + skipped,
        scored=scored,
        skipped=skipped,
        allowed=tally.actions[Action.ALLOW],
        review=tally.actions[Action.REVIEW],
        hidden=tally.actions[Action.HIDE],
        seconds=seconds,
        labels=tally.labels(),
        skipped_why=dict(tally.skipped.most_common()),
        asides=dict(asides.most_common()),
        left_out=tuple(left_out),
        faults=tuple(faults),
        unreadable=export.unreadable,
        undated=tally.undated,
        span=span,
        timeline=timeline,
        severe=tally.severe(),
    )
