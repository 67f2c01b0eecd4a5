"""Polls, as bots send them and as everybody gets them back."""

from __future__ import annotations

from typing import Any

from .clock import iso
from .errors import wrong

Json = dict[str, Any]
_MOST_ANSWERS, _ANSWER_LENGTH, _LONGEST_HOURS = 10, 55, 768


def poll_of(given: Json, now: float) -> Json:
    """Check a poll that was sent and give the one that people see."""
    answers = given["answers"]
    if not 1 <= len(answers) <= _MOST_ANSWERS:
        raise wrong("poll.answers", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length.")
    for number, answer in enumerate(answers):
        if len(answer["poll_media"].get("text") or "") > _ANSWER_LENGTH:
            at = f"poll.answers.{number}.poll_media.text"
            raise wrong(at, "BASE_TYPE_MAX_LENGTH", "Must be 55 or fewer in length.")
    hours = given.get("duration") or 24
    if not 1 <= hours <= _LONGEST_HOURS:
        raise wrong("poll.duration", "NUMBER_TYPE_MAX", "Must be between 1 and 768 hours.")
    return {
        "question": {"text": given["question"].get("text") or ""},
        "answers": [
            {"answer_id": number, "poll_media": {"text": answer["poll_media"].get("text") or ""}}
            for number, answer in enumerate(answers, 1)
        ],
        "expiry": iso(now + hours * 3600),
        "allow_multiselect": bool(given.get("allow_multiselect")),
        "layout_type": 1,
        "results": {"is_finalized": False, "answer_counts": []},
    }
