"""What a policy would have made of a community's recent cases: shown before it is saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.cases import Case, DecisionKind
from bot.domain.policy import Action, Policy
from bot.domain.repositories import Evidence
from bot.domain.signals import Listed


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What rules make of cases. restored: those that they hide and reviewers restored."""

    hidden: int
    restored: int
    review: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Of the same cases, what became of them and what would have.

    Messages that were allowed are not kept: of those the new rules may find more.
    """

    cases: int
    was: Outcomes
    would_be: Outcomes


def preview(policy: Policy, judged: Iterable[tuple[Case, Evidence]]) -> Preview:
    """Judge cases again by what is known of them: the scores they had, what was told of them, and
    the policy's own lists and exemptions."""
    seen = [(case, case.verdict.action, _again(policy, evidence)) for case, evidence in judged]
    return Preview(
        len(seen),
        was=_outcomes([(case, was) for case, was, _ in seen]),
        would_be=_outcomes([(case, would_be) for case, _, would_be in seen]),
    )


def _again(policy: Policy, evidence: Evidence) -> Action:
    message = evidence.message
    if policy.exempts(message) is not None:
        return Action.ALLOW
    listed = policy.listed(policy.text_to_judge(message))
    rest = [each for each in evidence.signals if not isinstance(each, Listed)]
    return policy.judge([*listed, *rest]).action


def _outcomes(judged: Iterable[tuple[Case, Action]]) -> Outcomes:
    by_action: dict[Action, list[Case]] = {action: [] for action in Action}
    for case, action in judged:
        by_action[action].append(case)
    hidden = by_action[Action.HIDE]
    return Outcomes(
        hidden=len(hidden),
        restored=sum(
            case.decision is not None and case.decision.kind is DecisionKind.RESTORE
            for case in hidden
        ),
        review=len(by_action[Action.REVIEW]),
        allowed=len(by_action[Action.ALLOW]),
    )
