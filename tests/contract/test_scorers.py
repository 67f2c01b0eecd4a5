"""One suite, every scorer: each engine over each kind of model, opened as the app opens it."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.domain.errors import CannotStart, ScorerUnavailable
from bot.domain.ports import Scorer
from bot.domain.scores import Label, Scores
from bot.scoring.batching import BatchingScorer
from bot.scoring.loading import ENGINES
from bot.scoring.opening import open_scorer
from bot.scoring.process import EngineProcess
from bot.scoring.windows import MAX_STRETCHES
from tests.factories.checkpoints import INSULT, a_checkpoint
from tests.fakes.redis_server import eventually

# The first test of each model converts it, which takes minutes on a busy machine.
pytestmark = [pytest.mark.timeout(400), pytest.mark.asyncio(loop_scope="module")]
SUBJECTS = [
    *((engine, model) for engine in ENGINES for model in ("roberta", "mini")),
    ("torch", "bert"),  # `mini` is one: what a conversion would cost here, it shows as well
]
PADDING = "good morning all nice game today "


@dataclass(frozen=True, slots=True)
class Subject:
    """A scorer and the sizes of the calls it made."""

    scorer: BatchingScorer
    calls: list[int]


@dataclass(frozen=True, slots=True)
class Home:
    """A model and the data folder that it was first opened in, where the fast engine keeps it."""

    model: str
    config: Path | None
    data: Path


@pytest.fixture(scope="module")
def homes(
    tmp_path_factory: pytest.TempPathFactory, converted_models: Path
) -> Callable[[str], Home]:
    @functools.cache
    def home(model: str) -> Home:
        if model == "mini":
            return Home(model, None, converted_models.parent)
        data = tmp_path_factory.mktemp(model)
        tiny = a_checkpoint(data, architecture=model)
        return Home(str(tiny.path), tiny.folder, data)

    return home


@pytest_asyncio.fixture(params=SUBJECTS, ids="-".join, scope="module", loop_scope="module")
async def served(
    request: pytest.FixtureRequest, homes: Callable[[str], Home]
) -> AsyncIterator[Subject]:
    engine, model = request.param
    home = homes(model)
    calls: list[int] = []
    scorer = await open_scorer(home.model, engine, home.data, home.config, calls.append)
    yield Subject(scorer, calls)
    await scorer.close()


@pytest.fixture
def subject(served: Subject) -> Subject:
    served.calls.clear()
    return served


@pytest.fixture
def scorer(subject: Subject) -> Scorer:
    return subject.scorer


def insult(scores: Scores) -> float:
    return scores.by_label[Label.INSULT]


async def test_an_insult_scores_above_a_greeting(scorer: Scorer) -> None:
    [rude, nice] = await scorer.score([f"you are {INSULT}", "good morning all"])
    assert insult(rude) > 0.5 > insult(nice)


async def test_every_text_has_scores_of_the_models_labels_in_order(scorer: Scorer) -> None:
    texts = ["hello", f"{INSULT}", PADDING * 40, "", "hello", f"{INSULT} you", " \n\t"]
    together = await scorer.score(texts)
    assert len(together) == len(texts)
    assert len({frozenset(each.by_label) for each in together}) == 1
    for text, scores in zip(texts, together, strict=True):
        [alone] = await scorer.score([text])
        for label, score in scores.by_label.items():
            assert score == pytest.approx(alone.by_label[label], abs=1e-3)


async def test_an_insult_at_the_end_of_ten_thousand_characters_is_found(scorer: Scorer) -> None:
    padding = PADDING * (10_000 // len(PADDING) + 1)
    [clean, rude] = await scorer.score([padding, padding + f"you are {INSULT}"])
    assert insult(rude) > 0.5 > insult(clean)


async def test_a_megabyte_is_scored_in_few_windows_and_marked(subject: Subject) -> None:
    [scores] = await subject.scorer.score(["a" * 1_000_000 + f" you are {INSULT}"])
    assert not scores.complete
    assert sum(subject.calls) <= MAX_STRETCHES + 1


async def test_no_texts_have_no_scores(scorer: Scorer) -> None:
    assert await scorer.score([]) == []


@pytest.mark.parametrize(
    "text",
    [
        "\ud800\udfff",
        "\x00",
        "\ufffe\uffff",
        "\u200b" * 50,
        "\u202e" + INSULT,
        "👩‍👩‍👧" * 40,
        "Z̸̢̛͓" * 60,
    ],
    ids=["surrogates", "nul", "no characters", "zero width", "bidi", "joined", "stacked"],
)
async def test_broken_and_odd_unicode_is_scored(scorer: Scorer, text: str) -> None:
    [scores] = await scorer.score([text])
    assert scores.by_label


async def test_many_at_once_share_the_models_calls(subject: Subject) -> None:
    texts = [f"hello number {number}" for number in range(60)]
    answers = await asyncio.gather(*(subject.scorer.score([text]) for text in texts))
    assert sum(subject.calls) == 60
    assert len(subject.calls) < 60
    assert all(insult(scores) < 0.9 for [scores] in answers)


async def test_it_bears_its_models_name(scorer: Scorer) -> None:
    assert scorer.model in {"mini", "tiny.ckpt"}


# Each engine once: what crashes or hangs is the process around it, whichever model it holds.
@pytest.mark.parametrize(
    "served", [("fast", "mini"), ("torch", "bert")], ids="-".join, indirect=True
)
@pytest.mark.parametrize("fault", ["SIGSEGV", "SIGKILL", "SIGSTOP"])
async def test_a_model_that_crashes_or_hangs_calls_nothing_clean_says_so_and_is_back_by_itself(
    subject: Subject, fault: str
) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            engine = subject.scorer._engine
            assert isinstance(engine, EngineProcess)
            subject.scorer._call_timeout_s = 2.0
            os.kill(engine.pid, signal.Signals[fault])
            with pytest.raises(ScorerUnavailable):
                await subject.scorer.score(["hello", "world"])
            await eventually(lambda: subject.scorer.ok)
            subject.scorer._call_timeout_s = 60.0
            [scores] = await subject.scorer.score([f"you are {INSULT}"])
            assert insult(scores) > 0.5
    lost = [each for each in logs if each["event"] == "scorer.lost"]
    assert [each["log_level"] for each in lost] == ["error"] * 3
    said = "no answer within 2 s" if fault == "SIGSTOP" else fault
    assert all(said in each["why"] for each in lost)


async def test_closed_it_calls_nothing_clean(homes: Callable[[str], Home]) -> None:
    home = homes("mini")
    scorer = await open_scorer(home.model, "fast", home.data)
    assert scorer.ok
    await scorer.close()
    assert not scorer.ok
    with pytest.raises(ScorerUnavailable):
        await scorer.score(["hello"])


async def test_an_engine_that_there_is_not_is_refused_with_those_that_there_are(
    tmp_path: Path,
) -> None:
    with pytest.raises(CannotStart, match="SCORING_ENGINE=warp: need one of fast, torch"):
        await open_scorer("mini", "warp", tmp_path)
