from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.judging import Judgement
from bot.domain.policy import Action, Policy, Thresholds
from bot.domain.scores import Label, Scores
from bot.domain.signals import Listed, Scored, Signal
from bot.domain.terms import Term
from bot.replay.entries import Post
from bot.replay.summary import STEPS, LabelSummary, Span
from bot.replay.tally import EDGES, MOST_SEVERE, Tally, step_of
from bot.replay.timeline import KEPT, SHOWN, Timeline
from tests.factories import a_message, a_policy

START = datetime(2024, 3, 1, 10, 30, tzinfo=UTC)
LABELS = (Label.TOXICITY, Label.THREAT, Label.INSULT)
HUNDREDTHS = st.integers(0, STEPS).map(lambda step: step / STEPS)
SCORES = st.builds(
    lambda values, complete: Scores(dict(zip(LABELS, values, strict=True)), complete=complete),
    st.tuples(*[st.floats(0.0, 1.0) | HUNDREDTHS] * len(LABELS)),
    st.booleans(),
)
LISTED = st.sampled_from([(), (Listed("weed", hide=False),), (Listed("rot", hide=True),)])


def tallied(policy: Policy, many: list[tuple[Signal, ...]]) -> Tally:
    tally = Tally(policy)
    for number, signals in enumerate(many):
        message = a_message(f"text {number}")
        tally.judged(Post(message), Judgement(message, signals, policy.judge(signals)))
    return tally


# The page computes the same from the same figures; its test compares the page with this.
def moved(one: LabelSummary, review: int, hide: int) -> tuple[int, int]:
    allowed, reviewed, hidden = one.rest
    hide_now = sum(hidden) + sum(allowed[hide:]) + sum(reviewed[hide:])
    raised = sum(hidden) + sum(reviewed) + sum(allowed[review:])
    return raised - hide_now, hide_now


@given(
    st.lists(st.tuples(SCORES, LISTED), max_size=30),
    st.integers(1, STEPS),
    st.integers(1, STEPS),
    st.sampled_from(LABELS),
)
def test_other_thresholds_of_one_label_are_foretold_exactly(many, one_end, other_end, label):
    """What the histograms foretell is what the policy itself says with those thresholds."""
    policy = a_policy(deny=(Term("weed"),))
    signals = [(*listed, Scored(scores, "m")) for scores, listed in many]
    tally = tallied(policy, signals)
    review, hide = sorted((one_end, other_end))
    limits = {**policy.thresholds, label: Thresholds(review / STEPS, hide / STEPS)}
    other = a_policy(thresholds=limits, deny=policy.deny)
    actions = [other.judge(each).action for each in signals]
    foretold = moved(tally.labels()[label], review, hide) if many else (0, 0)
    assert foretold == (actions.count(Action.REVIEW), actions.count(Action.HIDE))


@given(st.lists(st.tuples(SCORES, LISTED), min_size=1, max_size=30))
def test_the_figures_of_a_label_are_those_of_its_scores(many):
    policy = a_policy(deny=(Term("weed"),))
    tally = tallied(policy, [(*listed, Scored(scores, "m")) for scores, listed in many])
    scores = [each.by_label[Label.THREAT] for each, _ in many]
    one = tally.labels()[Label.THREAT]
    assert (one.count, one.max) == (len(scores), max(scores))
    assert one.mean == pytest.approx(sum(scores) / len(scores))
    assert one.over_review == sum(score >= 0.3 for score in scores)
    assert one.over_hide == sum(score >= 0.7 for score in scores)
    for share, figure in ((0.5, one.p50), (0.9, one.p90), (0.99, one.p99)):
        within = sum(step_of(score) <= step_of(figure) for score in scores)
        below = sum(step_of(score) < step_of(figure) for score in scores)
        assert within >= share * len(scores) > below or below == 0
    assert (one.review, one.hidden) == (
        tally.actions[Action.REVIEW],
        tally.actions[Action.HIDE],
    )


@given(st.floats(0.0, 1.0) | HUNDREDTHS)
def test_a_score_lies_in_the_step_whose_edge_it_reaches(score):
    step = step_of(score)
    assert EDGES[step] <= score
    assert step == STEPS or score < EDGES[step + 1]


def test_a_label_without_thresholds_raises_nothing_and_says_so():
    tally = tallied(a_policy(), [(Scored(Scores({Label.OBSCENE: 1.0}), "m"),)])
    one = tally.labels()[Label.OBSCENE]
    assert (one.over_review, one.over_hide, one.review, one.hidden) == (None, None, 0, 0)


def test_the_most_severe_are_few_the_worst_first_and_each_text_once():
    policy, tally = a_policy(), Tally(a_policy())
    for number in range(5 * MOST_SEVERE):
        signals = (Scored(Scores({Label.TOXICITY: 0.5 + number / 1000}), "m"),)
        for _ in range(2):
            message = a_message(f"text {number}")
            tally.judged(Post(message), Judgement(message, signals, policy.judge(signals)))
    found = [one.message.text for one in tally.severe()]
    assert found == [f"text {5 * MOST_SEVERE - 1 - place}" for place in range(MOST_SEVERE)]
    assert {one.seen for one in tally.severe()} == {2}


def test_a_hidden_message_is_more_severe_than_a_reviewed_one_whatever_their_scores():
    tally = tallied(
        a_policy(),
        [
            (Scored(Scores({Label.TOXICITY: 0.89}), "m"),),
            (Scored(Scores({Label.THREAT: 0.75}), "m"),),
            (Scored(Scores({Label.TOXICITY: 0.1}), "m"),),
        ],
    )
    assert [one.message.text for one in tally.severe()] == ["text 1", "text 0"]


def a_timeline(*times: datetime) -> Timeline:
    timeline = Timeline()
    for at in times:
        timeline.add(at, Action.HIDE)
    return timeline


def test_a_short_history_is_told_by_the_hour_with_the_silent_hours():
    span, bars = a_timeline(START, START + timedelta(hours=2)).bars()
    assert span is Span.HOUR
    assert [bar.messages for bar in bars] == [1, 0, 1]
    assert bars[0].start == START.replace(minute=0)


def test_a_longer_history_is_told_by_the_day():
    span, bars = a_timeline(START, START + timedelta(days=30)).bars()
    assert (span, len(bars)) == (Span.DAY, 31)
    assert sum(bar.hidden for bar in bars) == 2


@pytest.mark.parametrize(
    ("days", "span"), [(SHOWN + 1, Span.WEEK), (8 * SHOWN, Span.MONTH), (40 * SHOWN, Span.YEAR)]
)
def test_a_very_long_history_is_told_in_bars_that_fit_on_a_page(days, span):
    found, bars = a_timeline(START, START + timedelta(days=days)).bars()
    assert found is span
    assert len(bars) <= SHOWN
    assert bars[0].messages == bars[-1].messages == 1


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=60))
def test_no_times_are_too_far_apart(times):
    span, bars = a_timeline(*times).bars()
    assert sum(bar.messages for bar in bars) == len(times)
    assert [bar.start for bar in bars] == sorted({bar.start for bar in bars})
    assert span in Span


def test_a_timeline_keeps_a_bounded_number_of_counts():
    timeline = Timeline()
    for hour in range(0, 24 * 365 * 30, 5):
        timeline.add(START + timedelta(hours=hour), Action.ALLOW)
        assert len(timeline._counts) <= KEPT
    assert sum(bar.messages for bar in timeline.bars()[1]) == len(range(0, 24 * 365 * 30, 5))
