"""Intents and how they ended: what will be done is on record before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    String,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.codec import read_effect, write_effect
from bot.domain.cards import Done
from bot.domain.effects import Effect, EffectKind, Intent, Outcome, Result
from bot.domain.messages import Place
from bot.domain.repositories import Started
from bot.storage.columns import new_id
from bot.storage.session import Session
from bot.storage.tables import cases, intents
from bot.storage.unreadable import readable

# Not when it was put on record: who carries it out may have a clock that is a little behind.
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_OPEN = intents.c.closed_at.is_(None)
_DEEDS = "deeds"
_BROUGHT_BACK = (EffectKind.RESTORE.value, Result.DONE.value)
_NOTICES = "notices"


def _blocked() -> ColumnElement[bool]:
    earlier = intents.alias("earlier")
    return exists().where(
        earlier.c.case_id == intents.c.case_id,
        _waits_for(intents.c.lane, earlier.c.lane),
        earlier.c.sequence < intents.c.sequence,
        earlier.c.closed_at.is_(None),
    )


def _waits_for(lane: ColumnElement[str], earlier: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(lane == earlier, and_(lane == _NOTICES, earlier == _DEEDS))


_FREE = and_(
    _OPEN,
    or_(intents.c.leased_until.is_(None), intents.c.leased_until <= bindparam("now")),
    intents.c.not_before <= bindparam("now"),
    ~_blocked(),
)

# Built once: building them anew took longer than the database does.
_START = (
    update(intents)
    .where(intents.c.id == bindparam("of"), _FREE)
    .values(
        attempt=intents.c.attempt + 1,
        leased_until=bindparam("until"),
        leased_by=bindparam("by"),
    )
    .returning(*intents.c)
)
_CLOSE = (
    update(intents)
    .where(intents.c.id == bindparam("of"), _OPEN)
    .values(
        closed_at=bindparam("now"),
        leased_until=None,
        result=bindparam("as_"),
        reason=bindparam("why"),
        ref=bindparam("made"),
    )
    .returning(intents.c.case_id, intents.c.lane, intents.c.sequence)
)
_WAITED = (
    select(intents)
    .where(
        intents.c.case_id == bindparam("of"),
        _waits_for(intents.c.lane, bindparam("ended", type_=String)),
        intents.c.sequence > bindparam("after"),
        _OPEN,
        ~_blocked(),
    )
    .order_by(intents.c.sequence)
)
_DUE = (
    select(intents)
    .where(_FREE)
    .order_by(intents.c.lane != _DEEDS, intents.c.sequence)
    .limit(bindparam("most"))
)

_DONE = (
    select(intents)
    .where(intents.c.case_id == bindparam("of"), intents.c.kind != EffectKind.CARD.value)
    .order_by(intents.c.sequence)
)
_PENDING = select(
    exists().where(
        intents.c.case_id == bindparam("of"),
        intents.c.kind == bindparam("kind"),
        intents.c.platform == bindparam("platform"),
        intents.c.group_id == bindparam("group"),
        intents.c.channel_id == bindparam("channel"),
        intents.c.leased_until.is_(None),
        _OPEN,
    )
)
_OF_KIND = and_(intents.c.case_id == bindparam("of"), intents.c.kind == bindparam("kind"))
_NEWEST_FIRST = intents.c.sequence.desc()
_IN_GROUP = and_(
    intents.c.platform == bindparam("platform"), intents.c.group_id == bindparam("group")
)
_RESTORED_AS = (
    select(intents.c.ref)
    .where(_OF_KIND, _IN_GROUP, intents.c.ref.is_not(None))
    .order_by(_NEWEST_FIRST)
    .limit(1)
)
_KEPT_AS = (
    select(intents.c.ref)
    .where(_OF_KIND, intents.c.ref.is_not(None))
    .order_by(_NEWEST_FIRST)
    .limit(1)
)
_OWN_SEQUENCE = (
    select(intents.c.sequence).where(intents.c.id == bindparam("before")).scalar_subquery()
)
_ENDED_BEFORE = (
    select(intents.c.result)
    .where(_OF_KIND, intents.c.sequence < _OWN_SEQUENCE)
    .order_by(_NEWEST_FIRST)
    .limit(1)
)
_HIDDEN_OR_BACK = (
    select(intents.c.kind, intents.c.result)
    .where(
        intents.c.case_id == bindparam("of"),
        intents.c.kind.in_([EffectKind.HIDE.value, EffectKind.RESTORE.value]),
        intents.c.sequence < _OWN_SEQUENCE,
    )
    .order_by(_NEWEST_FIRST)
)
_HELD_FOR_ANOTHER = (
    select(intents.c.effect)
    .join(cases, cases.c.id == intents.c.case_id)
    .where(
        cases.c.community_id == bindparam("in_"),
        cases.c.author_platform == bindparam("platform"),
        cases.c.author_id == bindparam("author"),
        cases.c.id != bindparam("but"),
        cases.c.decision == bindparam("kind"),
        intents.c.kind == bindparam("kind"),
        _IN_GROUP,
        intents.c.result.in_((Result.DONE.value, Result.GONE.value)),
    )
)


class SqlOutbox:
    """Fits `repositories.Outbox`.

    Within a case the intents of one lane are carried out one after another, in the order in
    which they were put on record. Deeds change what the group sees and who may speak: they wait
    for deeds alone. Notices tell people of deeds, so they wait for both. Each place's cards are a
    lane, and neither wait nor are waited for.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(
        self, community_id: str, effects: Sequence[Effect], now: datetime
    ) -> list[Intent]:
        """Put effects on record to be done, in this order.

        Raises InvalidValue when the community or a case is not on record.
        """
        added = [Intent(new_id(), community_id, effect, now) for effect in effects]
        if added:
            await self._session.run(insert(intents), [_row(intent) for intent in added])
        return added

    async def start(self, intent_id: str, now: datetime, lease_s: float, by: str) -> Started | None:
        """Take an intent up for `lease_s` seconds; None when there is nothing to do now."""
        taken = await self._session.run(
            _START,
            {"of": intent_id, "now": now, "until": now + timedelta(seconds=lease_s), "by": by},
        )
        row = taken.one_or_none()
        return None if row is None else Started(_intent(row), row.attempt)

    async def close(self, intent_id: str, outcome: Outcome, now: datetime) -> list[Intent] | None:
        """Record how an intent ended; returns the intents of its case that may be started now
        because of it. None when it is closed already, or was never on record."""
        ended = {
            "of": intent_id,
            "now": now,
            "as_": outcome.result.value,
            "why": outcome.reason,
            "made": outcome.ref,
        }
        row = (await self._session.run(_CLOSE, ended)).one_or_none()
        if row is None:
            return None
        waited = {"of": row.case_id, "ended": row.lane, "after": row.sequence}
        return [*readable(await self._session.run(_WAITED, waited), _intent)]

    async def postpone(self, intent_id: str, until: datetime, reason: str) -> None:
        """Give an intent back, to be tried again at `until`; a closed one stays closed."""
        await self._session.run(
            update(intents)
            .where(intents.c.id == intent_id, _OPEN)
            .values(leased_until=None, not_before=until, reason=reason)
        )

    async def give_back(self, by: str) -> list[Intent]:
        """End every lease that `by` holds; returns their intents."""
        ended = await self._session.run(
            update(intents)
            .where(intents.c.leased_by == by, intents.c.leased_until.is_not(None), _OPEN)
            .values(leased_until=None)
            .returning(*intents.c)
        )
        return [*readable(ended, _intent)]

    async def due(self, now: datetime, limit: int) -> list[Intent]:
        """Open intents that nobody is working on and that may be tried now: deeds before all
        else, the oldest first; without those that cannot be read."""
        found = await self._session.run(_DUE, {"now": now, "most": limit})
        return [*readable(found, _intent)]

    async def done(self, case_id: str) -> list[Done]:
        """What was done, or is under way, for a case, cards left out, the oldest first."""
        return [_done(row) for row in await self._session.run(_DONE, {"of": case_id})]

    async def pending(self, case_id: str, kind: EffectKind, place: Place) -> bool:
        """Whether an intent of this kind for this case and place waits, not yet taken up."""
        values = {
            "of": case_id,
            "kind": kind.value,
            "platform": place.platform,
            "group": place.group,
            "channel": place.channel,
        }
        return bool((await self._session.run(_PENDING, values)).scalar_one())

    async def ended_before(self, intent: Intent, kind: EffectKind) -> Result | None:
        """How the newest intent of this kind ended that its case had before this one."""
        values = {"of": intent.effect.case_id, "kind": kind.value, "before": intent.id}
        found = (await self._session.run(_ENDED_BEFORE, values)).scalar_one_or_none()
        return None if found is None else Result(found)

    async def never_hidden(self, intent: Intent) -> bool:
        """Whether every hide was refused that an intent's case had before it, since its message was
        last brought back."""
        values = {"of": intent.effect.case_id, "before": intent.id}
        rows = (await self._session.run(_HIDDEN_OR_BACK, values)).all()
        since = takewhile(lambda row: tuple(row) != _BROUGHT_BACK, rows)
        ended = {row.result for row in since if row.kind == EffectKind.HIDE.value}
        return ended == {Result.REFUSED.value}

    async def holds_for_another(self, intent: Intent, kind: EffectKind, now: datetime) -> bool:
        """Whether another case has this done to the same person there, and that still holds."""
        effect, person = intent.effect, intent.effect.person
        if person is None:
            return False
        values = {
            "in_": intent.community_id,
            "platform": effect.place.platform,
            "group": effect.place.group,
            "author": person.id,
            "but": effect.case_id,
            "kind": kind.value,
        }
        rows = await self._session.run(_HELD_FOR_ANOTHER, values)
        ends = [read_effect(row.effect).until for row in rows]
        return any(until is None or until > now for until in ends)

    async def restored_as(self, case_id: str, group: Place) -> str | None:
        """The platform's id of the newest repost of the case's message in this group."""
        values = {
            "of": case_id,
            "kind": EffectKind.RESTORE.value,
            "platform": group.platform,
            "group": group.group,
        }
        return (await self._session.run(_RESTORED_AS, values)).scalar_one_or_none()

    async def kept_as(self, case_id: str) -> str | None:
        """The adapter's reference to what it put aside before it hid the case's message; None
        where it put nothing aside."""
        values = {"of": case_id, "kind": EffectKind.HIDE.value}
        return (await self._session.run(_KEPT_AS, values)).scalar_one_or_none()

    async def depth(self) -> dict[str, int]:
        """How many intents are open, by platform."""
        number = func.count().label("number")
        wanted = select(intents.c.platform, number).where(_OPEN).group_by(intents.c.platform)
        return {row.platform: int(row.number) for row in await self._session.run(wanted)}


def lane_of(effect: Effect) -> str:
    """What an effect is done in turn with; see `SqlOutbox`."""
    if effect.kind is EffectKind.CARD:
        return f"cards in {effect.place}"
    return _NOTICES if effect.kind in (EffectKind.NOTIFY, EffectKind.WARN) else _DEEDS


def _row(intent: Intent) -> dict[str, Any]:
    effect = intent.effect
    return {
        "id": intent.id,
        "community_id": intent.community_id,
        "case_id": effect.case_id,
        "lane": lane_of(effect),
        "kind": effect.kind.value,
        "platform": effect.place.platform,
        "group_id": effect.place.group,
        "channel_id": effect.place.channel,
        "effect": write_effect(effect),
        "created_at": intent.created_at,
        "not_before": _AT_ONCE,
        "attempt": 0,
        "leased_by": "",
        "reason": "",
    }


def _intent(row: Row[Any]) -> Intent:
    return Intent(row.id, row.community_id, read_effect(row.effect), row.created_at)


def _done(row: Row[Any]) -> Done:
    result = None if row.result is None else Result(row.result)
    return Done(EffectKind(row.kind), result, row.reason, row.closed_at or row.created_at)
