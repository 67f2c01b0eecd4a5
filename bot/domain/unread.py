"""What stands in for a policy on record that cannot be read, damaged or of a newer release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.policy import Action, Exemptions, Mode, Policy, Verdict
from bot.domain.signals import Signal


@dataclass(frozen=True, slots=True)
class UnreadPolicy(Policy):
    """Nobody knows whom the policy exempts and what it hides: whatever is said is a reviewer's to
    judge, and nothing is done by itself."""

    def __post_init__(self) -> None:
        """It has no rule, which no policy that people make may lack."""

    def judge(self, signals: Sequence[Signal]) -> Verdict:
        """Review, however low the scores are."""
        verdict = Policy.judge(self, signals)
        if verdict.action is Action.REVIEW:
            return replace(verdict, enforced=True)
        why = f"policy version {self.version} cannot be read; {verdict.reason}"
        return replace(verdict, action=Action.REVIEW, reason=why, enforced=True)


def unread(version: int) -> UnreadPolicy:
    """What stands in for this version."""
    return UnreadPolicy(
        name="unreadable",
        version=version,
        mode=Mode.OBSERVE,
        thresholds={},
        exemptions=Exemptions(roles=frozenset()),
        keep_evidence=timedelta(days=36_500),  # until it is known how long
    )


MEND = "finish the upgrade, restore a backup, or make a new version with `aman policy import`"
