"""What the cases say, with nothing left out that would make it look better."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.cases import Case, DecisionKind, decide
from bot.domain.policy import Action
from bot.domain.scores import Label, Scores
from bot.domain.statistics import statistics, suggest
from tests.factories import NOOR, NOW, a_policy, an_opened_case


def a_decided_case(kind: DecisionKind, after: timedelta = timedelta(minutes=1)) -> Case:
    opened = an_opened_case().case
    return decide(opened, NOOR, kind, 0, a_policy(), NOW + after).case


def test_a_case_that_nobody_took_up_counts_with_all_its_waiting() -> None:
    quick = [a_decided_case(DecisionKind.WARN) for _ in range(9)]
    forgotten = an_opened_case().case
    summed = statistics([*quick, forgotten], NOW + timedelta(days=3))
    assert summed.waiting is not None
    assert summed.waiting.longest == timedelta(days=3).total_seconds()
    assert (summed.open, summed.overdue) == (1, 1)


def test_the_restored_share_is_of_what_was_hidden_at_once() -> None:
    kinds = [DecisionKind.RESTORE, DecisionKind.BAN, DecisionKind.WARN, DecisionKind.KEEP_HIDDEN]
    reviewed = an_opened_case(Action.REVIEW).case
    reviewed = decide(reviewed, NOOR, DecisionKind.RESTORE, 0, a_policy(), NOW).case
    summed = statistics([*map(a_decided_case, kinds), reviewed], NOW)
    assert summed.restored_share == 0.25
    assert summed.decisions[DecisionKind.RESTORE] == 2


def test_a_community_without_cases_has_no_times_rather_than_good_ones() -> None:
    summed = statistics([], NOW)
    assert summed.waiting is None
    assert summed.restored_share is None


def _decided(score: float, kind: DecisionKind) -> tuple[Case, Scores]:
    return a_decided_case(kind), Scores({Label.INSULT: score})


def test_a_threshold_is_suggested_where_reviewers_uphold_nearly_all() -> None:
    seen = [_decided(0.55, DecisionKind.RESTORE)] * 30 + [_decided(0.8, DecisionKind.WARN)] * 30
    [insult] = suggest(seen)
    assert (insult.hide, insult.upheld) == (0.6, 1.0)


def test_few_decisions_suggest_nothing() -> None:
    [insult] = suggest([_decided(0.8, DecisionKind.WARN)] * 19)
    assert insult.hide is None


def test_open_cases_teach_nothing() -> None:
    case = replace(an_opened_case().case)
    assert suggest([(case, Scores({Label.INSULT: 0.9}))]) == []
