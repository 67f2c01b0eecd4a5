"""The order in which reviewers meet their cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clocks import Clock
from bot.domain.policy import Action
from bot.domain.urgency import urgency
from tests.factories import NOW, a_message, a_policy, a_verdict, an_opened_case

minutes = st.integers(0, 10_000).map(lambda n: timedelta(minutes=n))


def a_case(severity: float = 0.5, action: Action = Action.REVIEW, **changes: object):  # type: ignore[no-untyped-def]
    message = a_message(reach=changes.pop("reach", 50))
    return an_opened_case(
        verdict=a_verdict(action, severity=severity), message=message, **changes
    ).case


@given(st.floats(0, 1), st.integers(1, 100_000), minutes)
def test_the_older_of_two_equal_cases_comes_first(
    severity: float, reach: int, age: timedelta
) -> None:
    older = a_case(severity, now=NOW - age, reach=reach)
    assert urgency(older) <= urgency(a_case(severity, reach=reach))


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 100_000))
def test_the_more_severe_comes_first(one: float, other: float, reach: int) -> None:
    mild, severe = sorted((one, other))
    assert urgency(a_case(severe, reach=reach)) <= urgency(a_case(mild, reach=reach))


@given(st.floats(0, 1), st.integers(1, 1000), st.integers(1, 1000))
def test_the_wider_read_comes_first(severity: float, one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert urgency(a_case(severity, reach=many)) <= urgency(a_case(severity, reach=few))


def test_what_can_still_be_read_comes_before_what_is_hidden_already() -> None:
    visible, hidden = a_case(0.8), replace(a_case(0.8), hidden=True)
    assert urgency(visible) < urgency(hidden)


def test_no_case_waits_for_ever_behind_severe_newcomers() -> None:
    old = a_case(0.0, now=NOW - timedelta(days=3), reach=1)
    assert urgency(old) < urgency(a_case(1.0, reach=10_000))


def test_a_short_deadline_comes_before_a_long_one() -> None:
    short = a_case(0.1, policy=a_policy(review_within=timedelta(hours=1)))
    assert urgency(short) < urgency(a_case(0.1))


def test_a_clock_tells_its_share_and_breaks_when_due() -> None:
    clock = Clock("review", NOW, NOW + timedelta(hours=10))
    assert clock.elapsed(NOW + timedelta(hours=5)) == 0.5
    assert not clock.breached(NOW + timedelta(hours=9))
    assert clock.breached(NOW + timedelta(hours=10))
    assert clock.left(NOW + timedelta(hours=11)) == timedelta(hours=-1)
