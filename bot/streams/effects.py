"""Effects on their way to a platform.

Each platform has two streams, each with a consumer of its own, so that a hide never waits for a
card: not in the stream, and not behind one that is being posted. An entry holds an intent's id
and nothing else; what is to be done stands in storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.domain.effects import EffectKind, Intent
from bot.domain.errors import UnreadablePayload
from bot.streams import lengths
from bot.streams.connection import redis_errors

GROUP = "adapters"

URGENT = frozenset({EffectKind.HIDE, EffectKind.MUTE, EffectKind.KICK, EffectKind.BAN})
"""What protects people now; all else can wait for it."""

LOOKED_THROUGH = 10_000
"""How long a stream may be for it to be known what is missing in it; a longer one has enough to
do."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The names of a platform's two streams."""

    urgent: str
    ordinary: str


def effect_streams(platform: str) -> Lanes:
    """Where a platform's effects wait."""
    return Lanes(f"{{aman}}:effects:{platform}:urgent", f"{{aman}}:effects:{platform}")


def read_intent_id(payload: bytes) -> str:
    """The intent's id in an entry's payload. Raises UnreadablePayload."""
    try:
        intent_id = payload.decode("ascii")
    except UnicodeDecodeError as exc:
        raise UnreadablePayload(f"an intent's id of {len(payload)} bytes is not text") from exc
    if not intent_id:
        raise UnreadablePayload("an intent's id is empty")
    return intent_id


class EffectStream:
    """Offers intents to their platforms (`ports.EffectStream`)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def publish(self, intents: Sequence[Intent]) -> None:
        """Offer intents that are already on record: all of them, or none.

        Raises FlowUnavailable; offered again, an intent may come twice, and is started once.
        """
        if not intents:
            return
        with redis_errors():
            async with self._redis.pipeline(transaction=True) as together:
                for intent in intents:
                    together.xadd(_stream(intent), {"payload": intent.id})
                await together.execute()

    async def offer_again(self, intents: Sequence[Intent]) -> list[Intent]:
        """Offer those of these intents that are not on offer, such as what was lost on its way or
        waited for its time; returns them. What waits in a stream already would only make the
        stream longer. Raises FlowUnavailable."""
        missing: list[Intent] = []
        for stream in {_stream(each) for each in intents}:
            with redis_errors():
                entries = await self._redis.xrange(stream, count=LOOKED_THROUGH) or []
            if len(entries) < LOOKED_THROUGH:
                waiting = {fields[b"payload"] for _, fields in entries if fields}
                missing += [
                    each
                    for each in intents
                    if _stream(each) == stream and each.id.encode() not in waiting
                ]
        await self.publish(missing)
        return missing

    async def depth(self, platform: str) -> int:
        """How many intents are offered and not finished. Raises FlowUnavailable."""
        lanes = effect_streams(platform)
        return await lengths.depth(self._redis, lanes.urgent) + await lengths.depth(
            self._redis, lanes.ordinary
        )

    async def oldest_s(self, platform: str) -> float:
        """Seconds that the oldest of them has waited; 0.0 for none. Raises FlowUnavailable."""
        lanes = effect_streams(platform)
        return max(
            await lengths.oldest_s(self._redis, lanes.urgent),
            await lengths.oldest_s(self._redis, lanes.ordinary),
        )


def _stream(intent: Intent) -> str:
    lanes = effect_streams(intent.effect.place.platform)
    return lanes.urgent if intent.effect.kind in URGENT else lanes.ordinary
