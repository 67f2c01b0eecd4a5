"""What a policy says of signals."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidPolicy, InvalidValue
from bot.domain.messages import Author, Place
from bot.domain.policy import Action, Exemptions, Mode, Thresholds
from bot.domain.scores import Label, Scores
from bot.domain.signals import Listed, Scored, Unjudged
from bot.domain.terms import Term
from tests.factories import NOW, a_message, a_person, a_policy

probabilities = st.floats(0.0, 1.0)
scores_of = st.dictionaries(st.sampled_from(Label), probabilities, min_size=1).map(Scores)
ORDER = [Action.ALLOW, Action.REVIEW, Action.HIDE]


def scored(label: Label, score: float) -> Scored:
    return Scored(Scores({label: score}), "mini")


@pytest.mark.parametrize(
    ("score", "action"),
    [(0.49, Action.ALLOW), (0.5, Action.REVIEW), (0.89, Action.REVIEW), (0.9, Action.HIDE)],
)
def test_a_score_at_a_threshold_has_reached_it(score: float, action: Action) -> None:
    assert a_policy().judge([scored(Label.TOXICITY, score)]).action is action


def test_the_reason_names_label_score_and_threshold() -> None:
    verdict = a_policy().judge([scored(Label.THREAT, 0.71)])
    assert verdict.reason == "threat 0.71, hidden from 0.70"
    assert verdict.label is Label.THREAT


def test_a_label_without_thresholds_raises_no_verdict() -> None:
    assert a_policy().judge([scored(Label.OBSCENE, 1.0)]).action is Action.ALLOW


@given(scores_of, scores_of)
def test_more_evidence_never_makes_a_verdict_milder(one: Scores, other: Scores) -> None:
    policy = a_policy()
    alone = policy.judge([Scored(one, "m")]).action
    together = policy.judge([Scored(one.merged(other), "m")]).action
    assert ORDER.index(together) >= ORDER.index(alone)


@given(scores_of)
def test_the_order_of_signals_does_not_matter(scores: Scores) -> None:
    signals = [Scored(scores, "m"), Listed("x", hide=False), Unjudged("down")]
    policy = a_policy()
    assert policy.judge(signals) == policy.judge(signals[::-1])


@pytest.mark.parametrize(
    "signals",
    [
        [],
        [Unjudged("the scorer is down")],
        [Scored(Scores({}), "m")],
        [Scored(Scores({Label.TOXICITY: 0.1}, complete=False), "m")],
    ],
)
def test_what_could_not_be_judged_is_never_called_clean(signals: list[object]) -> None:
    assert a_policy().judge(signals).action is Action.REVIEW  # type: ignore[arg-type]


def test_an_observing_policy_gives_the_same_verdict_but_does_not_enforce_it() -> None:
    signals = [scored(Label.TOXICITY, 0.95)]
    acting = a_policy().judge(signals)
    observing = a_policy(mode=Mode.OBSERVE).judge(signals)
    assert (acting.action, acting.enforced) == (Action.HIDE, True)
    assert (observing.action, observing.enforced) == (Action.HIDE, False)


def test_every_verdict_bears_the_version_of_its_policy() -> None:
    assert a_policy(version=7).judge([scored(Label.TOXICITY, 0.1)]).policy_version == 7


@pytest.mark.parametrize("nan", [float("nan"), -0.1, 1.1, float("inf")])
def test_a_score_that_is_no_probability_is_refused(nan: float) -> None:
    with pytest.raises(InvalidValue):
        Scores({Label.TOXICITY: nan})


@pytest.mark.parametrize(("review", "hide"), [(0.9, 0.5), (0.0, 0.5), (-1, 1), (0.5, 1.2)])
def test_thresholds_that_cannot_be_are_refused(review: float, hide: float) -> None:
    with pytest.raises(InvalidPolicy, match="need 0 < review <= hide <= 1"):
        Thresholds(review, hide)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 0},
        {"thresholds": {}},
        {"mute_for": timedelta(0)},
        {"deny": tuple(Term(f"w{n}") for n in range(1001))},
    ],
)
def test_a_policy_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy):
        a_policy(**changes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"author": Author(a_person(), is_bot=True)}, "author is a bot"),
        ({"author": Author(a_person(), roles=frozenset({"vip"}))}, "role vip is exempt"),
        ({"author": Author(a_person("kofi"))}, "member is exempt"),
        ({"place": Place("playground", "lobby", "rants")}, "channel rants is exempt"),
        ({"parent": "rants"}, "channel rants is exempt"),
        ({"author": Author(a_person(), joined_at=NOW - timedelta(days=400))}, "tenure"),
    ],
)
def test_exempt_people_and_places_are_not_judged(changes: dict[str, object], why: str) -> None:
    policy = a_policy(
        exemptions=Exemptions(
            roles=frozenset({"vip"}),
            members=frozenset({"kofi"}),
            channels=frozenset({"rants"}),
            tenure=timedelta(days=365),
        )
    )
    said = policy.exempts(a_message(**changes))
    assert said is not None
    assert why in said
    newcomer = Author(a_person(), joined_at=NOW - timedelta(days=3))
    assert policy.exempts(a_message(author=newcomer)) is None
