"""In which order reviewers meet their cases."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from bot.domain.cases import Case
from bot.domain.policy import Action

STILL_VISIBLE = 2.0
HEAD_START = timedelta(hours=6)


def urgency(case: Case) -> float:
    """Where a case stands in the review queue: the lower, the sooner. In seconds since 1970.

    severity × reach × age × deadline, in a form that stays in order while time passes, so that
    the queue need never be sorted again. A case stands where it would if it had been opened
    earlier than it was: by up to some hours for severity (doubled while the message can still
    be read in its group), growing with the logarithm of reach; and never later than what would
    leave a tenth of its time to the deadline.
    """
    severity = case.verdict.severity
    if not case.hidden and case.verdict.action is not Action.ALLOW:
        severity *= STILL_VISIBLE
    head_start = HEAD_START * severity * (1.0 + math.log10(max(1, case.reach)))
    allowed = case.due_at - case.opened_at
    latest = _seconds(case.due_at - allowed / 10) - HEAD_START.total_seconds()
    return min(_seconds(case.opened_at - head_start), latest)


def _seconds(at: datetime) -> float:
    return at.timestamp()
