"""Sentences that somebody sent as several messages, as a history tells of them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from bot.domain.bursts import MOST, WITHIN, joined, may_be_part
from bot.domain.judging import Judgement
from bot.domain.messages import Message
from bot.domain.policy import Policy
from bot.replay.entries import UNNAMED, Post

_Author = tuple[str, str]


class Sentences:
    """What each author said within the last seconds of a history, in the order that it tells.

    Live, Redis keeps the same for all workers (`RedisBursts`).
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._said: defaultdict[_Author, deque[Message]] = defaultdict(lambda: deque(maxlen=MOST))

    def wholes(self, posts: Sequence[Post]) -> list[Message | None]:
        """Of each message the sentence that it ends; None where it stands by itself."""
        return [self._whole(post) for post in posts]

    def _whole(self, post: Post) -> Message | None:
        message = post.message
        named = post.dated and message.author.person.id != UNNAMED
        if not (named and may_be_part(message)) or self._policy.exempts(message):
            return None
        said = self._said[_author(message)]
        whole = joined(message, said)
        said.append(message)
        return whole

    def settle(self, judgements: Sequence[Judgement]) -> None:
        """Forget what has its verdict, and whoever has been silent for too long."""
        for judgement in judgements:
            if not judgement.allowed:
                self._said.pop(_author(judgement.message), None)
        now = max((each[-1].posted_at for each in self._said.values()), default=None)
        for author, said in [*self._said.items()]:
            if now is not None and now - said[-1].posted_at > WITHIN:
                del self._said[author]


def _author(message: Message) -> _Author:
    return str(message.place), str(message.author.person)
