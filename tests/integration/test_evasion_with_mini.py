"""Evasion against the bundled model: what is hidden is found, what is ordinary stays so."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bench.attacks import ATTACKS, attacked
from bot.domain.scores import Label
from bot.scoring.evasion import FoldingScorer
from bot.scoring.explanation import explain
from bot.scoring.folding import Folding, folded
from bot.scoring.opening import open_scorer

INSULT = "you are a stupid idiot, shut up you worthless piece of shit"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scorer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FoldingScorer]:
    inner = await open_scorer("mini", "torch", tmp_path_factory.mktemp("data"))
    yield FoldingScorer(inner)
    await inner.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("attack", sorted(ATTACKS))
async def test_an_insult_is_found_under_every_attack(scorer: FoldingScorer, attack: str) -> None:
    scores = await scorer.score(attacked(attack, INSULT))
    assert max(each.by_label[Label.TOXICITY] for each in scores) > 0.6


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_read_behind_a_friendly_message_is_friendly(scorer: FoldingScorer) -> None:
    friendly = "thank you so much, have a lovely evening"
    read = {folded(attacked(attack, friendly)[0]) for attack in ATTACKS if "pad" not in attack}
    for scores in await scorer.score(sorted(read)):
        assert scores.by_label[Label.TOXICITY] < 0.6


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("attack", ["spacing", "spacing, one to a line", "emoji letters"])
async def test_a_friendly_message_that_is_spelled_out_is_friendly(
    scorer: FoldingScorer, attack: str
) -> None:
    for friendly in ("thank you so much, have a lovely evening", "where is the meeting tomorrow"):
        for scores in await scorer.score(attacked(attack, friendly)):
            assert scores.by_label[Label.TOXICITY] < 0.6


@pytest.mark.asyncio(loop_scope="module")
async def test_the_words_behind_a_score_are_named(scorer: FoldingScorer) -> None:
    words = await explain("good morning you st0p1d 1diot, see you", scorer, Label.INSULT)
    assert ("idiot", Folding.LEET) in {(each.word.strip(","), each.folding) for each in words[:2]}
