"""What a community's cases say about its moderation, open ones counted in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from bot.domain.cases import Case, DecisionKind
from bot.domain.policy import Action
from bot.domain.scores import Label, Scores

ENOUGH = 20
TRUSTED = 0.95


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long cases wait for a decision, in seconds. What is still open counts with the time
    it has waited so far: leaving it out would hide just the cases that nobody took up."""

    median: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """One community's cases."""

    cases: int
    hidden_at_once: int
    open: int
    overdue: int
    decisions: Mapping[DecisionKind, int]
    restored_share: float | None
    """Of the decided cases that were hidden at once, the share that reviewers restored."""
    waiting: Waiting | None


def statistics(cases: Sequence[Case], now: datetime) -> Statistics:
    """Sum up a community's cases as they stand at `now`."""
    decided = [(case, case.decision) for case in cases if case.decision]
    at_once = [(case, decision) for case, decision in decided if case.verdict.action is Action.HIDE]
    restored = sum(decision.kind is DecisionKind.RESTORE for _, decision in at_once)
    waits = sorted(
        ((case.decision.at if case.decision else now) - case.opened_at).total_seconds()
        for case in cases
    )
    return Statistics(
        cases=len(cases),
        hidden_at_once=sum(case.verdict.action is Action.HIDE for case in cases),
        open=len(cases) - len(decided),
        overdue=sum(not case.decision and now >= case.due_at for case in cases),
        decisions={
            kind: sum(decision.kind is kind for _, decision in decided) for kind in DecisionKind
        },
        restored_share=restored / len(at_once) if at_once else None,
        waiting=Waiting(median(waits), waits[int(0.95 * (len(waits) - 1))], waits[-1])
        if waits
        else None,
    )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What reviewers' decisions say of one label's hide threshold.

    decided: decided cases that bear this label's score.
    hide: the lowest threshold from which reviewers upheld at least `TRUSTED` of the cases;
        None where there is none, or fewer than `ENOUGH` decisions above every threshold.
    upheld: the share upheld from there on.
    """

    label: Label
    decided: int
    hide: float | None
    upheld: float | None


def suggest(decided: Iterable[tuple[Case, Scores]]) -> list[Suggestion]:
    """Suggest hide thresholds from decided cases and their scores, a label a suggestion.

    A decision other than Restore upholds. Thresholds are tried from 0.05 to 0.95 in steps of
    0.05. Cases exist only above the review threshold, so nothing is said about what lies below.
    """
    by_label: dict[Label, list[tuple[float, bool]]] = {}
    for case, scores in decided:
        if case.decision is None:
            continue
        upheld = case.decision.kind is not DecisionKind.RESTORE
        for label, score in scores.by_label.items():
            by_label.setdefault(label, []).append((score, upheld))
    return [_suggestion(label, seen) for label, seen in sorted(by_label.items())]


def _suggestion(label: Label, seen: Sequence[tuple[float, bool]]) -> Suggestion:
    for step in range(1, 20):
        threshold = step / 20
        above = [upheld for score, upheld in seen if score >= threshold]
        if len(above) < ENOUGH:
            break
        share = sum(above) / len(above)
        if share >= TRUSTED:
            return Suggestion(label, len(seen), threshold, share)
    return Suggestion(label, len(seen), None, None)
