"""The audit log on record. The database itself refuses to change or delete an entry."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from bot.domain.audit import AuditEntry, Fact, next_entry
from bot.domain.errors import NotFound
from bot.storage.session import Session
from bot.storage.tables import audit_entries, audit_heads

# Built once: building them anew took longer than the database does.
_HELD = (
    select(audit_heads.c.sequence, audit_heads.c.hash)
    .where(audit_heads.c.community_id == bindparam("of"))
    .with_for_update()
)
_OF_CASE = (
    select(audit_entries)
    .where(
        audit_entries.c.community_id == bindparam("in_"), audit_entries.c.case_id == bindparam("of")
    )
    # "+ 0": or SQLite would walk the whole chain, which is in this order already.
    .order_by(audit_entries.c.sequence + 0)
)
_MOVED = (
    update(audit_heads)
    .where(audit_heads.c.community_id == bindparam("of"))
    .values(sequence=bindparam("at"), hash=bindparam("now"))
)


class SqlAudit:
    """Fits `repositories.Audit`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def append(self, community_id: str, at: datetime, fact: Fact) -> AuditEntry:
        """Put a fact on record. Others who append for this community wait until the transaction
        ends, so that a chain never forks.

        Raises NotFound for a community that is not on record.
        """
        head = (await self._session.run(_HELD, {"of": community_id})).one_or_none()
        if head is None:
            raise NotFound(f"community {community_id} has no audit log")
        entry = next_entry(community_id, head.sequence + 1, head.hash, at, fact)
        await self._session.run(insert(audit_entries), _row(entry))
        moved = {"of": community_id, "at": entry.sequence, "now": entry.hash}
        await self._session.run(_MOVED, moved)
        return entry

    async def entries(self, community_id: str) -> AsyncIterator[AuditEntry]:
        """A community's chain from its start, streamed."""
        wanted = (
            select(audit_entries)
            .where(audit_entries.c.community_id == community_id)
            .order_by(audit_entries.c.sequence)
        )
        async for row in self._session.stream(wanted):
            yield _entry(row)

    async def of_case(self, community_id: str, case_id: str) -> list[AuditEntry]:
        """What was done about one case, the oldest first."""
        values = {"in_": community_id, "of": case_id}
        return [_entry(row) for row in await self._session.run(_OF_CASE, values)]

    async def head(self, community_id: str) -> tuple[int, str] | None:
        """Sequence and hash of the newest entry; None for an empty log."""
        wanted = select(audit_heads.c.sequence, audit_heads.c.hash).where(
            audit_heads.c.community_id == community_id, audit_heads.c.sequence > 0
        )
        head = (await self._session.run(wanted)).one_or_none()
        return None if head is None else (head.sequence, head.hash)


def _row(entry: AuditEntry) -> dict[str, Any]:
    fact = entry.fact
    return {
        "community_id": entry.community_id,
        "sequence": entry.sequence,
        "at": entry.at,
        "action": fact.action,
        "actor": fact.actor,
        "case_id": fact.case_id,
        "policy_version": fact.policy_version,
        # Escaped to ASCII, so that even broken Unicode comes back as it was hashed.
        "details": json.dumps(dict(fact.details), ensure_ascii=True),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _entry(row: Row[Any]) -> AuditEntry:
    fact = Fact(row.action, row.actor, row.case_id, row.policy_version, json.loads(row.details))
    return AuditEntry(row.community_id, row.sequence, row.at, fact, row.previous, row.hash)
