"""The scorer that sees through evasion."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import ScorerUnavailable
from bot.domain.ports import Lane
from bot.domain.scores import Label, Scores
from bot.scoring.evasion import AT_ONCE, LONGEST, FoldingScorer

ZERO_WIDTH = "\u200b".join("so glad you came")
BAD = {"idiot": Label.INSULT, "slut": Label.OBSCENE}


class WordScorer:
    """Knows words, spelled as they are, and remembers what it was asked."""

    model = "words"

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        self.calls.append(list(texts))
        return [
            Scores({label: 0.9 if word in text else 0.1 for word, label in BAD.items()})
            for text in texts
        ]


@pytest.mark.parametrize(
    "text", ["you id1ot", "you i d i o t", "yоu іdіоt", "||id||iot", "ｉｄｉｏｔ"]
)
async def test_a_hidden_insult_scores_as_the_plain_one(text: str) -> None:
    scorer = FoldingScorer(WordScorer())
    assert await scorer.score([text]) == await scorer.score(["you idiot"])


async def test_every_reading_counts() -> None:
    [scores] = await FoldingScorer(WordScorer()).score(["s1ut and 1diot"])
    assert scores.by_label == {Label.INSULT: 0.9, Label.OBSCENE: 0.9}


async def test_what_folding_garbles_is_still_judged_as_it_was_written() -> None:
    class Literal(WordScorer):
        async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
            return [Scores({Label.THREAT: 0.8 if "sh00t" in text else 0.0}) for text in texts]

    [scores] = await FoldingScorer(Literal()).score(["I will sh00t"])
    assert scores.by_label == {Label.THREAT: 0.8}


@pytest.mark.parametrize(
    "text", ["s o  g l a d  y o u  c a m e", "s\no\n\ng\nl\na\nd\n\nh\ni", "🆂🅾 🅶🅻🅰🅳 🆈🅾🆄 🅲🅰🅼🅴"]
)
async def test_of_what_is_spelled_out_only_what_it_spells_counts(text: str) -> None:
    class Startled(WordScorer):
        """Takes the way of writing itself for a sign."""

        async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
            return [
                Scores({Label.INSULT: 0.0 if "so glad" in text.lower() else 0.9}) for text in texts
            ]

    [scores] = await FoldingScorer(Startled()).score([text])
    assert scores.by_label == {Label.INSULT: 0.0}


@pytest.mark.parametrize(
    "text", ["k y s", "s o  g l a d  y o u  came", "1 2 3 4 5 6 7 8 9", "💩" * 9, ZERO_WIDTH]
)
async def test_what_a_model_may_know_as_it_stands_is_judged_as_it_stands(text: str) -> None:
    inner = WordScorer()
    await FoldingScorer(inner).score([text])
    assert text in inner.calls[0]


async def test_all_texts_and_their_readings_are_one_call_in_order() -> None:
    inner = WordScorer()
    scores = await FoldingScorer(inner).score(["hello", "1diot", "bye"])
    assert [each.by_label[Label.INSULT] for each in scores] == [0.1, 0.9, 0.1]
    [call] = inner.calls
    assert call == ["hello", "idiot", "1diot", "bye"]


async def test_ordinary_text_is_scored_once() -> None:
    inner = WordScorer()
    texts = ["Nigeria beat 3 teams 2:1", "see https://example.org/a1", "नमस्ते", ""]
    await FoldingScorer(inner).score(texts)
    assert inner.calls == [texts]


async def test_nothing_to_score_is_no_error() -> None:
    assert await FoldingScorer(WordScorer()).score([]) == []


async def test_much_text_is_folded_in_a_thread_with_the_same_result() -> None:
    [scores] = await FoldingScorer(WordScorer()).score(["padding " * (LONGEST // 8) + "1diot"])
    assert scores == Scores({Label.INSULT: 0.1, Label.OBSCENE: 0.1}, complete=False)
    [scores] = await FoldingScorer(WordScorer()).score(["pad " * (AT_ONCE // 3) + "1diot"])
    assert scores.complete
    assert scores.by_label[Label.INSULT] == 0.9


async def test_what_is_too_long_to_fold_is_marked_for_a_human() -> None:
    inner = WordScorer()
    text = "1diot " * (LONGEST // 6 + 1)
    [scores] = await FoldingScorer(inner).score([text])
    assert not scores.complete
    assert text in inner.calls[0]
    assert not any("idiot" in each for each in inner.calls[0])


class Diluted(WordScorer):
    """Sees an insult only among few words, as models do."""

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        return [
            Scores({Label.INSULT: 0.9 if 30 * text.count("idiot") > len(text.split()) else 0.1})
            for text in texts
        ]


@pytest.mark.parametrize("insult", ["you idiot", "you 1diot", "you i d i o t"])
@pytest.mark.parametrize("padded", ["{0} {1}", "{1} {0}", "{1}{0} {1}"])
async def test_padding_hides_no_insult(insult: str, padded: str) -> None:
    padding = "words that mean nothing at all " * 170
    [scores] = await FoldingScorer(Diluted()).score([padded.format(insult, padding)])
    assert scores.by_label == {Label.INSULT: 0.9}


async def test_what_the_inner_scorer_did_not_read_whole_stays_so() -> None:
    class Partly(WordScorer):
        async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
            return [Scores({Label.INSULT: 0.2}, complete=False) for _ in texts]

    [scores] = await FoldingScorer(Partly()).score(["hello"])
    assert not scores.complete


async def test_no_judgement_from_the_inner_scorer_is_none_from_this_one() -> None:
    class Gone(WordScorer):
        async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
            raise ScorerUnavailable("the model is gone")

    with pytest.raises(ScorerUnavailable, match="the model is gone"):
        await FoldingScorer(Gone()).score(["1diot"])


def test_the_model_on_record_is_the_inner_one() -> None:
    assert FoldingScorer(WordScorer()).model == "words"


@given(st.lists(st.text("aidot10 .|\u200bі", max_size=12), max_size=4))
async def test_a_score_is_never_below_that_of_the_text_as_written(texts: list[str]) -> None:
    raw = await WordScorer().score(texts)
    seen = await FoldingScorer(WordScorer()).score(texts)
    for before, after in zip(raw, seen, strict=True):
        assert all(after.by_label[label] >= score for label, score in before.by_label.items())
