"""A case from its opening to its decision and back, against a reference model."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.cards import Press, presses
from bot.domain.cases import (
    SANCTIONS,
    Case,
    Change,
    DecisionKind,
    Status,
    decide,
    judge_told,
    release,
    take,
    undo,
)
from bot.domain.effects import EffectKind
from bot.domain.errors import (
    AlreadyDecided,
    HeldByAnother,
    InvalidValue,
    NothingToUndo,
    PressRefused,
    StalePress,
)
from bot.domain.messages import Author, Person
from bot.domain.policy import Action
from tests.factories import NOOR, NOW, SAM, a_message, a_person, a_policy, a_verdict, an_opened_case

POLICY = a_policy()


def kinds(change: Change) -> list[EffectKind]:
    return [effect.kind for effect in change.effects]


def decided(kind: DecisionKind, action: Action = Action.HIDE) -> Change:
    return decide(an_opened_case(action).case, NOOR, kind, 0, POLICY, NOW)


def test_a_hide_verdict_hides_at_once_and_tells_the_author() -> None:
    change = an_opened_case(Action.HIDE)
    assert kinds(change) == [EffectKind.HIDE, EffectKind.NOTIFY]
    assert change.case.hidden


def test_a_review_verdict_leaves_the_message_to_a_human() -> None:
    change = an_opened_case(Action.REVIEW)
    assert change.effects == ()
    assert not change.case.hidden


def test_an_observing_policy_opens_the_case_and_acts_on_nothing() -> None:
    change = an_opened_case(verdict=a_verdict(Action.HIDE, enforced=False))
    assert change.effects == ()
    assert not change.case.hidden


def test_what_is_allowed_has_no_case() -> None:
    with pytest.raises(InvalidValue):
        an_opened_case(Action.ALLOW)


@pytest.mark.parametrize(
    ("kind", "action", "effects"),
    [
        (DecisionKind.RESTORE, Action.HIDE, [EffectKind.RESTORE, EffectKind.NOTIFY]),
        (DecisionKind.RESTORE, Action.REVIEW, []),
        (DecisionKind.KEEP_HIDDEN, Action.HIDE, []),
        (DecisionKind.KEEP_HIDDEN, Action.REVIEW, [EffectKind.HIDE, EffectKind.NOTIFY]),
        (DecisionKind.WARN, Action.HIDE, [EffectKind.WARN]),
        (DecisionKind.MUTE, Action.REVIEW, [EffectKind.HIDE, EffectKind.NOTIFY, EffectKind.MUTE]),
        (DecisionKind.KICK, Action.HIDE, [EffectKind.KICK]),
        (DecisionKind.BAN, Action.HIDE, [EffectKind.BAN]),
    ],
)
def test_a_decision_does_what_is_missing_and_no_more(
    kind: DecisionKind, action: Action, effects: list[EffectKind]
) -> None:
    assert kinds(decided(kind, action)) == effects


def test_a_mute_ends_after_the_policys_time() -> None:
    [mute] = decided(DecisionKind.MUTE).effects
    assert mute.until == NOW + POLICY.mute_for


@pytest.mark.parametrize(
    ("kind", "effects"),
    [
        (DecisionKind.RESTORE, [EffectKind.HIDE, EffectKind.NOTIFY]),
        (DecisionKind.KEEP_HIDDEN, []),
        (DecisionKind.WARN, [EffectKind.NOTIFY]),
        (DecisionKind.MUTE, [EffectKind.UNMUTE]),
        (DecisionKind.KICK, [EffectKind.NOTIFY]),
        (DecisionKind.BAN, [EffectKind.UNBAN]),
    ],
)
def test_undo_takes_back_all_that_the_decision_did(
    kind: DecisionKind, effects: list[EffectKind]
) -> None:
    before = an_opened_case().case
    after = undo(decided(kind).case, SAM, 1, NOW)
    assert kinds(after) == effects
    assert (after.case.status, after.case.hidden) == (before.status, before.hidden)


def test_the_second_of_two_presses_is_told_who_decided() -> None:
    case = decided(DecisionKind.RESTORE).case
    with pytest.raises(AlreadyDecided) as refused:
        decide(case, SAM, DecisionKind.BAN, 0, POLICY, NOW)
    assert refused.value.fields == {"who": "Noor", "decision": DecisionKind.RESTORE}


def test_a_press_from_an_earlier_generation_is_refused() -> None:
    case = undo(decided(DecisionKind.RESTORE).case, NOOR, 1, NOW).case
    with pytest.raises(StalePress):
        decide(case, SAM, DecisionKind.BAN, 0, POLICY, NOW)


def test_a_claimed_case_is_kept_from_others_until_the_lease_ends() -> None:
    case = take(an_opened_case().case, NOOR, 0, POLICY, NOW).case
    with pytest.raises(HeldByAnother) as refused:
        decide(case, SAM, DecisionKind.RESTORE, 1, POLICY, NOW)
    assert refused.value.fields == {"who": "Noor"}
    later = NOW + POLICY.claim_for
    assert decide(case, SAM, DecisionKind.RESTORE, 1, POLICY, later).case.decision


def test_the_first_holder_is_fenced_off_once_another_took_the_case_over() -> None:
    case = take(an_opened_case().case, NOOR, 0, POLICY, NOW).case
    later = NOW + POLICY.claim_for
    case = take(case, SAM, 1, POLICY, later).case
    with pytest.raises(HeldByAnother):
        decide(case, NOOR, DecisionKind.BAN, 1, POLICY, later)


def test_an_author_who_stands_for_others_is_never_punished() -> None:
    channel = a_message(author=Author(a_person(), punishable=False))
    case = an_opened_case(message=channel).case
    assert presses(case, confirming_ban=False) == (Press.RESTORE, Press.KEEP_HIDDEN)
    for kind in SANCTIONS:
        with pytest.raises(InvalidValue):
            decide(case, NOOR, kind, 0, POLICY, NOW)


class CaseMachine(RuleBasedStateMachine):
    """Any sequence of presses, by anybody, old and new, against the simplest possible model:
    the platform as the effects would leave it, and the list of decisions that counted."""

    opened_by = Action.HIDE

    def __init__(self) -> None:
        super().__init__()
        opened = an_opened_case(self.opened_by)
        self.case: Case = opened.case
        self.now: datetime = NOW
        self.decisions: list[tuple[DecisionKind, bool]] = []
        self.visible = True
        self.muted = self.banned = False
        self.facts = len(opened.facts)
        self._carry_out(opened)

    people = st.sampled_from([NOOR, SAM, a_person("third", "Third")])
    ages = st.integers(0, 2)

    @rule(seconds=st.integers(1, 400))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(who=people, kind=st.sampled_from(DecisionKind), age=ages)
    def decide(self, who: Person, kind: DecisionKind, age: int) -> None:
        held = self.case.claim and self.case.claim.holds_against(who, self.now)
        fits = self.case.decision is None and not held and age == 0
        before = self.visible
        if self._press(fits, lambda g: decide(self.case, who, kind, g, POLICY, self.now), age):
            self.decisions.append((kind, before))

    @rule(who=people, age=ages)
    def take(self, who: Person, age: int) -> None:
        held = self.case.claim and self.case.claim.holds_against(who, self.now)
        fits = self.case.decision is None and not held and age == 0
        self._press(fits, lambda g: take(self.case, who, g, POLICY, self.now), age)

    @rule(who=people, age=ages)
    def release(self, who: Person, age: int) -> None:
        held = self.case.claim and self.case.claim.holds_against(who, self.now)
        fits = self.case.decision is None and not held and age == 0
        self._press(fits, lambda g: release(self.case, who, g, self.now), age)

    @rule(who=people, age=ages)
    def undo(self, who: Person, age: int) -> None:
        fits = self.case.decision is not None and age == 0
        if self._press(fits, lambda g: undo(self.case, who, g, self.now), age):
            _, before = self.decisions.pop()
            assert self.visible == before

    def _press(self, fits: object, act: object, age: int) -> bool:
        generation = self.case.generation - age
        try:
            change: Change = act(generation)  # type: ignore[operator]
        except PressRefused as refused:
            assert not fits, refused
            if isinstance(refused, NothingToUndo):
                assert self.case.decision is None
            return False
        assert fits
        assert change.case.generation == self.case.generation + 1
        self.case = change.case
        self._carry_out(change)
        self.facts += len(change.facts)
        return True

    def _carry_out(self, change: Change) -> None:
        for effect in change.effects:
            match effect.kind:
                case EffectKind.HIDE:
                    assert self.visible, "hidden twice"
                    self.visible = False
                case EffectKind.RESTORE:
                    assert not self.visible, "restored twice"
                    self.visible = True
                case EffectKind.MUTE:
                    self.muted = True
                case EffectKind.UNMUTE:
                    self.muted = False
                case EffectKind.BAN:
                    self.banned = True
                case EffectKind.UNBAN:
                    self.banned = False

    @invariant()
    def the_platform_is_as_the_standing_decision_says(self) -> None:
        kind = self.decisions[-1][0] if self.decisions else None
        assert self.visible == (kind is DecisionKind.RESTORE)
        assert self.muted == (kind is DecisionKind.MUTE)
        assert self.banned == (kind is DecisionKind.BAN)
        assert self.case.hidden == (not self.visible)

    @invariant()
    def a_case_is_decided_once_or_open(self) -> None:
        assert len(self.decisions) <= 1
        assert (self.case.status is Status.DECIDED) == (self.case.decision is not None)
        assert (self.case.decision is not None) == bool(self.decisions)

    @invariant()
    def everything_that_happened_is_a_fact(self) -> None:
        assert self.facts == self.case.generation + 1


CaseMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestCaseMachine = CaseMachine.TestCase


class ToldCaseMachine(CaseMachine):
    """The same for a case that a report opened, whose message is judged at any time afterwards."""

    opened_by = Action.REVIEW

    def __init__(self) -> None:
        super().__init__()
        self.judged = False
        self.stands = True
        self.facts_beside = 0

    @precondition(lambda self: not self.judged)
    @rule()
    def judge(self) -> None:
        self.judged = True
        change = judge_told(self.case, a_verdict(Action.HIDE))
        if self.case.decision is None:
            self.stands = False
            assert change.case.generation == self.case.generation + 1
        else:
            assert change.effects == ()
            self.facts_beside += 1
        self.case = change.case
        self._carry_out(change)
        self.facts += len(change.facts)

    @invariant()
    def the_platform_is_as_the_standing_decision_says(self) -> None:
        kind = self.decisions[-1][0] if self.decisions else None
        assert self.visible == (self.stands if kind is None else kind is DecisionKind.RESTORE)
        assert self.case.hidden == (not self.visible)

    @invariant()
    def everything_that_happened_is_a_fact(self) -> None:
        assert self.facts == self.case.generation + 1 + self.facts_beside


ToldCaseMachine.TestCase.settings = CaseMachine.TestCase.settings
TestToldCaseMachine = ToldCaseMachine.TestCase
