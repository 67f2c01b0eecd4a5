"""Counting a replay as it goes: memory stays the same however long the history is."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from itertools import accumulate

from bot.domain.judging import Judgement
from bot.domain.policy import Action, Policy, Thresholds, Verdict
from bot.domain.scores import Label, Scores
from bot.domain.signals import Scored
from bot.replay.entries import Post
from bot.replay.summary import STEPS, LabelSummary, Severe
from bot.replay.timeline import Timeline

EDGES = tuple(step / STEPS for step in range(STEPS + 1))
MOST_SEVERE = 50
_WEIGHT = {Action.ALLOW: 0, Action.REVIEW: 1, Action.HIDE: 2}


def step_of(score: float) -> int:
    """The step that a score lies in: as many of its edges as the score reaches, exactly."""
    return bisect_right(EDGES, score) - 1


class LabelTally:
    """One label's scores, as a histogram for each verdict that the rest of the policy gives."""

    def __init__(self, limits: Thresholds | None) -> None:
        self._limits = limits
        self._rest = [[0] * (STEPS + 1) for _ in _WEIGHT]
        self._sum = 0.0
        self._max = 0.0
        self._over_review = 0
        self._over_hide = 0
        self._whole = [0] * len(_WEIGHT)

    def weight(self, score: float) -> int:
        """What this label alone makes of a score: 0 allow, 1 review, 2 hide."""
        if self._limits is None:
            return 0
        return (score >= self._limits.review) + (score >= self._limits.hide)

    def add(self, score: float, rest: int) -> None:
        """Count a score, beside the weight of the verdict without this label."""
        weight = self.weight(score)
        self._rest[rest][step_of(score)] += 1
        self._sum += score
        self._max = max(self._max, score)
        self._over_review += weight >= 1
        self._over_hide += weight >= 2
        self._whole[max(weight, rest)] += 1

    def summary(self) -> LabelSummary:
        """The figures so far."""
        histogram = [sum(each) for each in zip(*self._rest, strict=True)]
        count = sum(histogram)
        allowed, review, hidden = (tuple(each) for each in self._rest)
        return LabelSummary(
            count=count,
            mean=self._sum / count if count else 0.0,
            max=self._max,
            over_review=self._over_review if self._limits else None,
            over_hide=self._over_hide if self._limits else None,
            review=self._whole[1],
            hidden=self._whole[2],
            p50=_quantile(histogram, 0.50),
            p90=_quantile(histogram, 0.90),
            p99=_quantile(histogram, 0.99),
            histogram=tuple(histogram),
            rest=(allowed, review, hidden),
        )


def _quantile(histogram: list[int], share: float) -> float:
    wanted = share * sum(histogram)
    reached = (step for step, below in enumerate(accumulate(histogram)) if below >= wanted)
    return EDGES[next(reached, 0)]


class Tally:
    """All that a replay counts."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._labels: dict[Label, LabelTally] = {}
        self._severe: dict[str, Severe] = {}
        self._mildest = (0, 0.0)
        self.actions: Counter[Action] = Counter()
        self.skipped: Counter[str] = Counter()
        self.undated = 0
        self.timeline = Timeline()

    def skip(self, why: str) -> None:
        """Count a message that is not judged."""
        self.skipped[why] += 1

    def judged(self, post: Post, judgement: Judgement) -> None:
        """Count a message with what became of it."""
        verdict = judgement.verdict
        if verdict is None:
            self.skip(judgement.exempt or "exempt")
        elif not judgement.signals:
            self.skip("no text")
        else:
            self.actions[verdict.action] += 1
            scores = scores_of(judgement)
            self._count_labels(scores, _beside_labels(judgement, self._policy))
            self._keep_if_severe(Severe(post.message, post.dated, verdict, scores))
            if post.dated:
                self.timeline.add(post.message.posted_at, verdict.action)
            else:
                self.undated += 1

    def labels(self) -> Mapping[Label, LabelSummary]:
        """The figures of each label that the model gave, in the model's own order."""
        return {label: tally.summary() for label, tally in self._labels.items()}

    def severe(self) -> list[Severe]:
        """The most severe messages that were not allowed, the worst first, each text once."""
        return sorted(self._severe.values(), key=lambda one: _rank(one.verdict), reverse=True)

    def _count_labels(self, scores: Scores, beside: int) -> None:
        weights = {}
        for label, score in scores.by_label.items():
            if label not in self._labels:
                self._labels[label] = LabelTally(self._policy.thresholds.get(label))
            weights[label] = self._labels[label].weight(score)
        for label, score in scores.by_label.items():
            others = (weight for other, weight in weights.items() if other is not label)
            self._labels[label].add(score, max(beside, *others, 0))

    def _keep_if_severe(self, one: Severe) -> None:
        if one.verdict.action is Action.ALLOW:
            return
        # Equal texts get equal verdicts, so a text that falls out never comes back: its count
        # is right for as long as it is here.
        text = one.message.text
        if text in self._severe:
            first = self._severe[text]
            self._severe[text] = Severe(
                first.message, first.dated, first.verdict, first.scores, first.seen + 1
            )
        elif len(self._severe) < MOST_SEVERE or _rank(one.verdict) > self._mildest:
            self._severe[text] = one
            if len(self._severe) > MOST_SEVERE:
                mildest = min(self._severe, key=lambda each: _rank(self._severe[each].verdict))
                del self._severe[mildest]
            self._mildest = min(_rank(each.verdict) for each in self._severe.values())


def scores_of(judgement: Judgement) -> Scores:
    """The scores among a judgement's signals; none where no model scored."""
    for signal in judgement.signals:
        if isinstance(signal, Scored):
            return signal.scores
    return Scores()


def _rank(verdict: Verdict) -> tuple[int, float]:
    return _WEIGHT[verdict.action], verdict.severity


def _beside_labels(judgement: Judgement, policy: Policy) -> int:
    """The weight of what the policy says of a message apart from its labels' scores."""
    others = [signal for signal in judgement.signals if not isinstance(signal, Scored)]
    weight = _WEIGHT[policy.judge(others).action] if others else 0
    return weight if scores_of(judgement).complete else max(weight, _WEIGHT[Action.REVIEW])
