"""What became of each message, as JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bot.domain.judging import Judgement
from bot.replay.output import output_file
from bot.replay.tally import scores_of

_encoder = msgspec.json.Encoder()


@contextmanager
def decisions_file(path: Path, *, with_text: bool) -> Iterator[Callable[[Judgement], object]]:
    """Open a file for verdicts, one JSON object a line; what this yields writes one.

    A line holds `message_id`, `verdict`, `reason` and `scores`; what was said only `with_text`.
    A message without a verdict, which the policy exempts, has no line.
    Raises InvalidValue when the file cannot be written.
    """
    with output_file(path) as write:
        yield lambda judgement: write(_line(judgement, with_text))


def _line(judgement: Judgement, with_text: bool) -> bytes:
    if judgement.verdict is None:
        return b""
    line: dict[str, object] = {
        "message_id": judgement.message.id,
        "verdict": judgement.verdict.action,
        "reason": judgement.verdict.reason,
        "scores": scores_of(judgement).by_label,
    }
    if with_text:
        line["text"] = judgement.message.text
    return _encoder.encode(line) + b"\n"
