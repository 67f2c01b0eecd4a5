"""What a policy would have made of the cases that there were."""

from __future__ import annotations

from bot.domain.cases import Case, DecisionKind, decide
from bot.domain.policy import Action, Exemptions, Thresholds
from bot.domain.preview import Outcomes, preview
from bot.domain.repositories import Evidence
from bot.domain.scores import Label, Scores
from bot.domain.signals import Listed, Reported, Scored, Signal
from bot.domain.terms import Term
from tests.factories import NOOR, NOW, a_message, a_policy, an_opened_case


def hidden(*signals: Signal, text: str = "hello there") -> tuple[Case, Evidence]:
    """A case that was hidden on these signals."""
    message = a_message(text)
    return an_opened_case(Action.HIDE, message=message).case, Evidence(message, signals)


def restored(*signals: Signal) -> tuple[Case, Evidence]:
    case, evidence = hidden(*signals)
    return decide(case, NOOR, DecisionKind.RESTORE, 0, a_policy(), NOW).case, evidence


def toxic(score: float) -> Scored:
    return Scored(Scores({Label.TOXICITY: score}), "mini")


def test_cases_are_counted_by_what_the_new_thresholds_make_of_their_scores() -> None:
    policy = a_policy(thresholds={Label.TOXICITY: Thresholds(0.5, 0.8)})
    seen = preview(
        policy, [hidden(toxic(0.9)), restored(toxic(0.85)), restored(toxic(0.6)), hidden(toxic(0))]
    )
    assert seen.cases == 4
    assert seen.was == Outcomes(hidden=4, restored=2, review=0, allowed=0)
    assert seen.would_be == Outcomes(hidden=2, restored=1, review=1, allowed=1)


def test_the_new_lists_count_and_the_old_ones_do_not() -> None:
    policy = a_policy(deny=(Term("cabbage", hide=True),))
    judged = [hidden(Listed("hello", hide=True), toxic(0.0)), hidden(toxic(0.0), text="cabbage")]
    assert preview(policy, judged).would_be == Outcomes(hidden=1, restored=0, review=0, allowed=1)


def test_what_members_told_still_goes_to_reviewers() -> None:
    judged = [hidden(toxic(0.0), Reported("playground:lena"))]
    assert preview(a_policy(), judged).would_be.review == 1


def test_whom_the_new_policy_exempts_is_allowed() -> None:
    author = a_message().author.person.id
    policy = a_policy(exemptions=Exemptions(members=frozenset({author})))
    assert preview(policy, [hidden(toxic(0.99))]).would_be.allowed == 1
