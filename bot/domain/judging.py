"""From messages to verdicts: the one way, for live messages and for replayed ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.messages import Message
from bot.domain.policy import Action, Policy, Verdict
from bot.domain.ports import Lane, Scorer
from bot.domain.signals import Scored, Signal, Uncovered, Unjudged

Coverage = Callable[[str], Uncovered | None]
"""Says of a text which language it is in, where that is one that the model does not know."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one message.

    verdict: None where the policy exempts it; `exempt` then says why.
    """

    message: Message
    signals: tuple[Signal, ...]
    verdict: Verdict | None
    exempt: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether nothing follows from it."""
        return self.verdict is None or self.verdict.action is Action.ALLOW


async def judge_all(
    messages: Sequence[Message],
    policy: Policy,
    scorer: Scorer,
    coverage: Coverage | None = None,
    lane: Lane = Lane.ORDINARY,
) -> list[Judgement]:
    """Judge messages under one policy; one judgement a message, in order.

    What is exempt is not scored. A message without any text (a picture alone) is allowed:
    there is nothing in it that a model of text could judge.
    coverage: None where nobody knows the model's languages; all text then counts as covered.
    Raises ScorerUnavailable.
    """
    exempt = [policy.exempts(message) for message in messages]
    texts = [
        "" if why else policy.text_to_judge(message)
        for message, why in zip(messages, exempt, strict=True)
    ]
    wanted = [text for text in texts if text.strip()]
    scores = iter(await scorer.score(wanted, lane=lane) if wanted else [])
    judgements = []
    for message, text, why in zip(messages, texts, exempt, strict=True):
        if why:
            judgements.append(Judgement(message, (), None, why))
            continue
        signals: list[Signal] = [*policy.listed(text)]
        if text.strip():
            signals.append(Scored(next(scores), scorer.model))
            if coverage is not None and (uncovered := coverage(text)) is not None:
                signals.append(uncovered)
        judgements.append(_judged(message, signals, policy))
    return judgements


def judge_unscored(message: Message, policy: Policy, why: str) -> Judgement:
    """Judge a message that no model scored: by the lists, and for the rest by a human."""
    if exempt := policy.exempts(message):
        return Judgement(message, (), None, exempt)
    listed = policy.listed(policy.text_to_judge(message))
    return _judged(message, [*listed, Unjudged(why)], policy)


def _judged(message: Message, signals: Sequence[Signal], policy: Policy) -> Judgement:
    verdict = policy.judge(signals) if signals else policy.nothing_to_judge()
    return Judgement(message, tuple(signals), verdict)
