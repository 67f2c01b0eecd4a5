"""An intake entry that could not be judged however often it was tried: a human's to decide."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from bot import codec
from bot.domain.errors import UnreadablePayload
from bot.domain.judging import judge_unscored
from bot.domain.messages import Author, Message, Person, Place
from bot.domain.ports import Clockwork
from bot.domain.repositories import Store
from handlers.verdict import VerdictHandler

log = structlog.get_logger(__name__)


class DeadLetterHandler:
    """Makes a case of what intake gave up on."""

    def __init__(self, *, store: Store, verdicts: VerdictHandler, now: Clockwork) -> None:
        self._store = store
        self._verdicts = verdicts
        self._now = now

    async def bury(self, payload: bytes, fields: Mapping[str, str], why: str) -> None:
        """Open a case for a dead letter.

        payload: the entry as it was written, which may be the very thing that cannot be read.
        fields: `platform`, `group` and `message`, written beside the payload for this moment.
        Raises StorageUnavailable: the entry stays where it is.
        """
        message = self._message(payload, fields)
        async with self._store.reading() as tx:
            community = await tx.communities.by_group(message.place.platform, message.place.group)
            policy = await tx.policies.in_force(community.id) if community else None
        if community is None or policy is None:
            log.error("dead letter of a group that nobody bound", message=message.key, why=why)
            return
        log.error("dead letter becomes a case", message=message.key, why=why)
        judgement = judge_unscored(message, policy, f"could not be judged: {why}")
        tally = self._verdicts.tell(judgement)
        if not judgement.allowed:
            await self._verdicts.record([judgement], community, policy)
        self._verdicts.count([tally])

    def _message(self, payload: bytes, fields: Mapping[str, str]) -> Message:
        try:
            return codec.read_message(payload)
        except UnreadablePayload:
            now = self._now()
            platform = fields.get("platform", "unknown")
            return Message(
                place=Place(platform, fields.get("group", "")),
                id=fields.get("message", ""),
                author=Author(Person(platform, ""), punishable=False),
                parts=(),
                posted_at=now,
                received_at=now,
            )
