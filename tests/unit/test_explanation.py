"""Which words drove a score."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import ClassVar

import pytest

from bot.domain.errors import ScorerUnavailable
from bot.domain.ports import Lane
from bot.domain.scores import Label, Scores
from bot.scoring.evasion import FoldingScorer
from bot.scoring.explanation import AT_ONCE, MOST_WORDS, REST, explain
from bot.scoring.folding import Folding

WEIGHTS = {"idiot": 0.6, "stupid": 0.3, "bitch": 0.7, "not": -0.2, "slut": 0.8}


class SumScorer:
    """Adds up what the words weigh, and remembers how much it was asked."""

    model = "sum"

    def __init__(self) -> None:
        self.calls: list[int] = []

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        self.calls.append(len(texts))
        return [Scores({Label.INSULT: self._score(text.split())}) for text in texts]

    def _score(self, words: Sequence[str]) -> float:
        return min(1.0, max(0.0, sum(WEIGHTS.get(word.strip(",."), 0.0) for word in words)))


async def explained(text: str) -> list[tuple[str, float, Folding | None]]:
    weights = await explain(text, FoldingScorer(SumScorer()), Label.INSULT)
    return [(each.word, round(each.weight, 2), each.folding) for each in weights]


async def test_the_words_that_drove_the_score_come_the_weightiest_first() -> None:
    assert await explained("you stupid idiot there") == [
        ("idiot", 0.6, None),
        ("stupid", 0.3, None),
    ]


async def test_words_that_calm_or_mean_nothing_are_left_out() -> None:
    assert await explained("you are not an idiot") == [("idiot", 0.6, None)]
    assert await explained("good morning") == []


async def test_words_of_which_each_suffices_are_both_named() -> None:
    assert {word for word, _, _ in await explained("bitch and slut and bitch")} == {"bitch", "slut"}


async def test_a_word_is_named_once_however_often_it_stands_there() -> None:
    assert [word for word, _, _ in await explained("idiot idiot")] == ["idiot"]


@pytest.mark.parametrize(
    ("text", "folding"),
    [
        ("you i d i o t", Folding.SPACING),
        ("you 1diot", Folding.LEET),
        ("you іdіоt", Folding.LOOKALIKES),
        ("you 1 d i 0 t", Folding.LEET),
        ("you i\u200bdiot", Folding.UNSEEN),
    ],
)
async def test_a_hidden_word_is_named_with_what_hid_it(text: str, folding: Folding) -> None:
    assert await explained(text) == [("idiot", 0.6, folding)]


async def test_a_word_of_the_second_reading_is_named_with_what_hid_it() -> None:
    assert await explained("a s1ut") == [("slut", 0.8, Folding.LEET)]


async def test_plain_words_beside_hidden_ones_are_called_plain() -> None:
    assert await explained("stupid 1diot") == [
        ("idiot", 0.6, Folding.LEET),
        ("stupid", 0.3, None),
    ]


@pytest.mark.parametrize("before", [0, 30, 300, 3_000])
async def test_in_a_long_text_the_part_that_matters_is_found_at_a_bounded_cost(before: int) -> None:
    scorer = SumScorer()
    text = f"{'calm ' * before}you idiot {'calm ' * 200}"
    [found] = await explain(text, scorer, Label.INSULT)
    assert found.word == "idiot"
    assert sum(scorer.calls) <= 4 * (2 * MOST_WORDS + 1)
    assert max(scorer.calls) <= AT_ONCE


async def test_nothing_is_explained_where_there_are_no_words_or_no_such_label() -> None:
    assert await explained("") == []
    assert await explained(" \n") == []
    assert await explain("idiot", SumScorer(), Label.THREAT) == ()


async def test_a_scorer_that_is_gone_is_said_to_be() -> None:
    class Gone(SumScorer):
        async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
            raise ScorerUnavailable("the model is gone")

    with pytest.raises(ScorerUnavailable):
        await explain("you idiot", Gone(), Label.INSULT)


async def test_most_of_the_models_time_is_left_to_messages() -> None:
    class Slow(SumScorer):
        lanes: ClassVar[set[Lane]] = set()
        busy_s = 0.0

        async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
            since = monotonic()
            await asyncio.sleep(0.01)
            self.lanes.add(lane)
            self.busy_s += monotonic() - since
            return await super().score(texts)

    scorer, since = Slow(), monotonic()
    assert await explain("you idiot and all your friends", scorer, Label.INSULT)
    assert scorer.lanes == {Lane.LATER}
    assert monotonic() - since >= scorer.busy_s * (1 + REST) * 0.9
