"""What became of each message, for the page to show: the latest judgements, in memory only."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.adapters.playground.bell import Bell
from bot.adapters.playground.errors import PLATFORM
from bot.domain.messages import Message
from bot.domain.policy import Action, Verdict
from bot.domain.scores import Scores
from bot.domain.signals import Scored, Signal

KEPT = 500


@dataclass(frozen=True, slots=True)
class Judged:
    """How one revision of a message was judged. Holds no text.

    revision: None where the message was judged as a part of a sentence, which tells none.
    action: None where nobody judged it, for the policy exempts it.
    """

    message: str
    revision: int | None
    action: Action | None
    reason: str
    enforced: bool
    scores: dict[str, float]
    policy_version: int | None


class Scoreboard:
    """The latest KEPT judgements. Fits `ports.Watcher`."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._latest: OrderedDict[int, Judged] = OrderedDict()
        self._count = 0

    def judged(self, message: Message, signals: Sequence[Signal], verdict: Verdict | None) -> None:
        """Remember a judgement of a message in the playground, and of all that it continues."""
        if message.place.platform != PLATFORM or self._in_a_sentence(message):
            return
        judged = Judged(
            message=message.id,
            revision=message.revision,
            action=verdict.action if verdict else None,
            reason=verdict.reason if verdict else "",
            enforced=verdict.enforced if verdict else True,
            scores=_scores(signals),
            policy_version=verdict.policy_version if verdict else None,
        )
        self._keep(judged)
        for part in message.continues:
            self._keep(replace(judged, message=part, revision=None))
        self._bell.ring()

    def _in_a_sentence(self, message: Message) -> bool:
        """Whether a sentence with this message was judged before the message by itself, as
        happens where all came at once; the sentence is what counts."""
        return message.revision == 0 and any(
            each.message == message.id and each.revision is None for each in self._latest.values()
        )

    def _keep(self, judged: Judged) -> None:
        self._count += 1
        self._latest[self._count] = judged
        while len(self._latest) > KEPT:
            self._latest.popitem(last=False)

    def since(self, seen: int) -> tuple[int, list[Judged]]:
        """The judgements after the first `seen`, and how many there have been in all."""
        return self._count, [each for nth, each in self._latest.items() if nth > seen]


def _scores(signals: Sequence[Signal]) -> dict[str, float]:
    merged = Scores()
    for signal in signals:
        if isinstance(signal, Scored):
            merged = merged.merged(signal.scores)
    return {str(label): score for label, score in merged.by_label.items()}
