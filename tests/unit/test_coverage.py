"""What a model's languages do not cover, and what a policy makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from py3langid.langid import LanguageIdentifier

from bot import codec
from bot.domain.judging import judge_all
from bot.domain.policy import Action
from bot.domain.ports import Lane
from bot.domain.repositories import Evidence
from bot.domain.scores import Label, Scores
from bot.domain.signals import Scored, Uncovered, Unjudged
from bot.domain.terms import Term
from bot.scoring.coverage import LANGUAGES, Coverage, coverage_of
from bot.scoring.languages import open_identifier
from bot.scoring.models import MINI, PUBLISHED
from tests.factories import a_message, a_policy


@pytest.fixture(scope="module")
def identifier(tmp_path_factory: pytest.TempPathFactory) -> LanguageIdentifier:
    return open_identifier(tmp_path_factory.mktemp("languages"))


@pytest.fixture(scope="module")
def english(identifier: LanguageIdentifier) -> Coverage:
    return Coverage(frozenset({"en"}), identifier)


@pytest.fixture(scope="module")
def seven(identifier: LanguageIdentifier) -> Coverage:
    return Coverage(LANGUAGES["multilingual"], identifier)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("तुम बहुत बुरे हो", "Devanagari"),
        ("ты идиот", "Cyrillic"),
        ("أنت غبي جدا", "Arabic"),
        ("你是个白痴", "Cjk"),
        ("hello my friend, तुम बुरे हो", "Devanagari"),
        ("du bist so ein Vollidiot, geh nach Hause", "de"),
        ("eres un idiota y nadie te quiere aquí", "es"),
        ("tu es vraiment un imbécile, dégage d'ici", "fr"),
        ("jesteś głupi jak but, spadaj stąd", "pl"),
        ("dasar bodoh kamu, pergi saja dari sini", "id"),
    ],
)
def test_a_language_that_an_english_model_does_not_know_is_named(
    english: Coverage, text: str, language: str
) -> None:
    assert english(text) == Uncovered(language)


def test_romanised_hindi_is_known_not_to_be_english(english: Coverage) -> None:
    # No detector at hand knows its name; that it is not English is what matters.
    assert english("tera dimag kharab hai kya, chal bhag yahan se") is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok lol",
        "gg ez",
        "you are a complete idiot and everybody here knows it",
        "shut up and get off this server you moron",
        "omg i cant believe u did that, wtf is wrong with u",
        "Visit https://beispiel.example/das-ist-deutsch/und-lang @hans_mueller",
        "```\nfor (int i = 0; i < n; i++) sum += x[i];\n```",
        "y o u   a r e   a n   i d i o t   a n d   a   f o o l",
        "I had a crème brûlée at the café with señor Müller, it was lovely",
        "😂😂😂 so funny, the Greek letter π is 3.14",
        "Naïveté is underrated",
    ],
)
def test_english_and_what_is_too_short_to_tell_counts_as_covered(
    english: Coverage, text: str
) -> None:
    assert english(text) is None


@pytest.mark.parametrize(
    "text", ["ты просто идиот, уходи отсюда", "eres un idiota y nadie te quiere aquí"]
)
def test_a_model_of_seven_languages_covers_each_of_them(seven: Coverage, text: str) -> None:
    assert seven(text) is None


def test_a_model_of_seven_languages_does_not_cover_an_eighth(seven: Coverage) -> None:
    assert seven("तुम बहुत बुरे हो") == Uncovered("Devanagari")
    assert seven("jesteś głupi jak but, spadaj stąd") == Uncovered("pl")


def test_a_megabyte_is_told_by_its_beginning(english: Coverage) -> None:
    assert english("तुम बहुत बुरे हो " * 60_000) == Uncovered("Devanagari")


def test_the_languages_of_every_model_known_by_name_are_known() -> None:
    assert set(LANGUAGES) == {MINI, *PUBLISHED}


def test_a_model_of_ones_own_has_no_known_coverage(tmp_path: Path) -> None:
    assert coverage_of("our-own.ckpt", tmp_path) is None
    assert isinstance(coverage_of("mini", tmp_path), Coverage)


class Calm:
    model = "calm"

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        return [Scores({Label.TOXICITY: 0.4}) for _ in texts]


async def test_an_uncovered_language_alone_is_allowed_and_said_to_be_unknown(
    english: Coverage,
) -> None:
    [judgement] = await judge_all([a_message("ты идиот")], a_policy(), Calm(), english)
    assert Uncovered("Cyrillic") in judgement.signals
    assert judgement.verdict is not None
    assert judgement.verdict.action is Action.ALLOW
    assert "does not know this language (Cyrillic)" in judgement.verdict.reason


async def test_an_uncovered_language_with_a_listed_term_is_reviewed(english: Coverage) -> None:
    policy = a_policy(deny=(Term("идиот"),))
    [judgement] = await judge_all([a_message("ты идиот")], policy, Calm(), english)
    assert judgement.verdict is not None
    assert judgement.verdict.action is Action.REVIEW


async def test_covered_text_and_unknown_coverage_bring_no_signal(english: Coverage) -> None:
    [covered] = await judge_all([a_message("hello there")], a_policy(), Calm(), english)
    [unknown] = await judge_all([a_message("ты идиот")], a_policy(), Calm())
    assert [type(each) for each in covered.signals] == [Scored]
    assert [type(each) for each in unknown.signals] == [Scored]


@pytest.mark.parametrize(
    ("signal", "action"),
    [
        (Scored(Scores({Label.TOXICITY: 0.95}), "mini"), Action.HIDE),
        (Scored(Scores({Label.TOXICITY: 0.6}), "mini"), Action.REVIEW),
        (Unjudged("the scorer is down"), Action.REVIEW),
    ],
)
def test_an_uncovered_language_never_makes_a_verdict_milder(
    signal: Scored | Unjudged, action: Action
) -> None:
    verdict = a_policy().judge([Uncovered("hi"), signal])
    assert verdict.action is action
    assert verdict == a_policy().judge([signal])


def test_an_uncovered_language_is_kept_with_the_evidence() -> None:
    evidence = Evidence(a_message(), (Uncovered("hi"),))
    assert codec.read_evidence(codec.write_evidence(evidence)) == evidence
