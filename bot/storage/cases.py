"""Cases and their evidence, on record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, insert, select, update

from bot.codec import read_evidence, write_evidence, write_verdict
from bot.domain.cards import Record
from bot.domain.cases import SANCTIONS, Case, DecisionKind, Status
from bot.domain.errors import NotFound, StalePress
from bot.domain.messages import Person, Place, key_stem
from bot.domain.repositories import Evidence
from bot.storage.case_rows import read, standing, written
from bot.storage.session import Session
from bot.storage.tables import OPEN, cases, communities
from bot.storage.tables import evidence as evidence_
from bot.storage.unreadable import readable

_RUN_OUT_AT_ONCE = 100

# Built once: building them anew took longer than the database does.
_CASE = select(cases).where(cases.c.id == bindparam("of"))
_LOCKED = _CASE.with_for_update(key_share=True)
_EVIDENCE = select(evidence_.c.evidence).where(evidence_.c.case_id == bindparam("of"))
_RECORD = (
    select(cases.c.decision, func.count().label("number"))
    .where(
        cases.c.community_id == bindparam("in_"),
        cases.c.author_platform == bindparam("platform"),
        cases.c.author_id == bindparam("author"),
        cases.c.id != bindparam("before"),
    )
    .group_by(cases.c.decision)
)
_COUNT = (
    update(communities)
    .where(communities.c.id == bindparam("of"))
    .values(cases_opened=communities.c.cases_opened + bindparam("step"))
    .returning(communities.c.cases_opened)
)


class SqlCases:
    """Fits `repositories.Cases`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, case: Case, evidence: Evidence) -> Case | None:
        """Record a new case; returns it numbered, one above the community's last. None when its
        message has a case already.

        Raises NotFound for a community that is not on record.
        """
        numbered = replace(case, number=await self._count(case.community_id, 1))
        added = await self._session.run(
            self._session.insert(cases).on_conflict_do_nothing(
                index_elements=["community_id", "message_key"]
            ),
            written(numbered),
        )
        if added.rowcount == 0:
            await self._count(case.community_id, -1)
            return None
        await self._session.run(
            insert(evidence_), {"case_id": case.id, "evidence": write_evidence(evidence)}
        )
        return numbered

    async def get(self, case_id: str) -> Case:
        """Raises NotFound."""
        return await self._one(_CASE, case_id, {"of": case_id})

    async def lock(self, case_id: str) -> Case:
        """As get, and nobody else changes the case until this transaction ends.

        On SQLite a transaction has the whole database to itself from its start.
        """
        return await self._one(_LOCKED, case_id, {"of": case_id})

    async def lock_of(self, community_id: str, message_key: str) -> Case:
        """The case of this revision of a message, locked. Raises NotFound."""
        wanted = select(cases).where(
            cases.c.community_id == community_id, cases.c.message_key == message_key
        )
        return await self._one(wanted.with_for_update(key_share=True), f"of {message_key}")

    async def by_number(self, community_id: str, number: int) -> Case:
        """Raises NotFound."""
        wanted = select(cases).where(cases.c.community_id == community_id, cases.c.number == number)
        return await self._one(wanted, f"number {number} of community {community_id}")

    async def by_message(self, community_id: str, group: Place, message_id: str) -> Case | None:
        """The newest case of a message, whichever its revision; None where it has none."""
        wanted = select(cases).where(
            cases.c.community_id == community_id,
            cases.c.message_id == message_id,
            # Not by its present whereabouts: in a group that moved, a former message's number is
            # another one's.
            cases.c.message_key.startswith(key_stem(group, message_id), autoescape=True),
        )
        # Put in order here: to do so itself, SQLite would read all cases of the community.
        return max(await self._all(wanted), key=lambda case: case.number, default=None)

    async def strengthen(self, case: Case, evidence: Evidence) -> None:
        """Record a case's verdict anew, with the evidence that led to it."""
        await self._session.run(
            update(cases).where(cases.c.id == case.id).values(verdict=write_verdict(case.verdict))
        )
        await self._session.run(
            update(evidence_)
            .where(evidence_.c.case_id == case.id)
            .values(evidence=write_evidence(evidence))
        )

    async def save(self, case: Case) -> None:
        """Record how a case stands now.

        Raises StalePress when the case on record is of this generation already: somebody else
        changed it since it was read. Raises NotFound.
        """
        saved = await self._session.run(
            update(cases)
            .where(cases.c.id == case.id, cases.c.generation < case.generation)
            .values(standing(case))
        )
        if saved.rowcount == 0:
            on_record = await self.get(case.id)
            raise StalePress(
                f"case {case.id} is at generation {on_record.generation} on record, "
                f"so generation {case.generation} comes too late"
            )

    async def evidence(self, case_id: str) -> Evidence | None:
        """None once erased. Raises UnreadablePayload."""
        payload = (await self._session.run(_EVIDENCE, {"of": case_id})).scalar_one_or_none()
        return None if payload is None else read_evidence(payload)

    async def kept_since(self, community_id: str, before: datetime, limit: int) -> list[Case]:
        """The cases that were decided before then and whose evidence is still there."""
        return await self._all(
            select(cases)
            .join(evidence_, evidence_.c.case_id == cases.c.id)
            .where(cases.c.community_id == community_id, cases.c.decided_at < before)
            .order_by(cases.c.decided_at)
            .limit(limit)
        )

    async def erase_evidence(self, case_id: str) -> None:
        """Erase what was said, and the files kept with it, for ever; that there was a case
        stays."""
        await self._session.run(delete(evidence_).where(evidence_.c.case_id == case_id))

    async def listed(
        self, community_id: str | None = None, status: Status | None = None, limit: int = 1000
    ) -> list[Case]:
        """Cases by filter, the newest first; without those that cannot be read."""
        wanted = select(cases).order_by(cases.c.opened_at.desc(), cases.c.number.desc())
        if community_id is not None:
            wanted = wanted.where(cases.c.community_id == community_id)
        if status is not None:
            wanted = wanted.where(cases.c.status == status.value)
        return await self._all(wanted.limit(limit))

    async def opened(self, community_id: str) -> AsyncIterator[Case]:
        """Every open case that can be read, streamed."""
        wanted = select(cases).where(cases.c.community_id == community_id, OPEN)
        async for row in self._session.stream(wanted):
            for case in readable([row], read):
                yield case

    async def count(self, status: Status) -> int:
        """How many cases of all communities have this status."""
        return await self._number(cases.c.status == status.value)

    async def claims_run_out(self, now: datetime) -> list[Case]:
        """Open cases whose claim ended without a decision, the longest past first, at most 100
        at once."""
        return await self._all(
            select(cases)
            # A decision ends the claim: to ask for open cases too would have SQLite read them all.
            .where(cases.c.claim_until <= now)
            .order_by(cases.c.claim_until)
            .limit(_RUN_OUT_AT_ONCE)
        )

    async def fell_due(self, after: datetime, until: datetime) -> int:
        """How many cases that are still open fell due after `after` and by `until`."""
        return await self._number(
            cases.c.status == Status.OPEN.value, cases.c.due_at > after, cases.c.due_at <= until
        )

    async def record_of(self, community_id: str, author: Person, before: Case) -> Record:
        """What is known of an author from cases other than this one."""
        values = {
            "in_": community_id,
            "platform": author.platform,
            "author": author.id,
            "before": before.id,
        }
        rows = await self._session.run(_RECORD, values)
        ended = {row.decision: int(row.number) for row in rows}
        return Record(
            cases=sum(ended.values()),
            restored=ended.get(DecisionKind.RESTORE, 0),
            kept_hidden=ended.get(DecisionKind.KEEP_HIDDEN, 0),
            sanctioned=sum(ended.get(kind, 0) for kind in SANCTIONS),
        )

    async def _count(self, community_id: str, step: int) -> int:
        # Holds the community's row until the transaction ends, so numbers have no gaps.
        counted = await self._session.run(_COUNT, {"of": community_id, "step": step})
        number: int | None = counted.scalar_one_or_none()
        if number is None:
            raise NotFound(f"community {community_id}")
        return number

    async def _one(
        self, wanted: Select[Any], named: str, values: Mapping[str, Any] | None = None
    ) -> Case:
        row = (await self._session.run(wanted, values)).one_or_none()
        if row is None:
            raise NotFound(f"case {named}")
        return read(row)

    async def _all(self, wanted: Select[Any]) -> list[Case]:
        return [*readable(await self._session.run(wanted), read)]

    async def _number(self, *where: ColumnElement[bool]) -> int:
        counted = await self._session.run(select(func.count()).select_from(cases).where(*where))
        return int(counted.scalar_one())
