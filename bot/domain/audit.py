"""The audit log: append-only, each entry bound to the one before it by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.domain.errors import InvalidValue

GENESIS = "0" * 64
Detail = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was done, as the core reports it.

    action: what, in the design's terms ("case.opened", "effect.done").
    actor: who: "system" or "platform:id".
    details: ids, numbers and reasons, never what people wrote.
    """

    action: str
    actor: str
    case_id: str | None = None
    policy_version: int | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A fact on record: its place in its community's chain, and the hash that binds it there."""

    community_id: str
    sequence: int
    at: datetime
    fact: Fact
    previous: str
    hash: str


def next_entry(
    community_id: str, sequence: int, previous: str, at: datetime, fact: Fact
) -> AuditEntry:
    """The entry that records `fact` after the one whose hash is `previous`.

    sequence: 1 for a community's first, whose `previous` is GENESIS.
    """
    if at.tzinfo is None:
        raise InvalidValue("an audit entry needs a time with its zone")
    digest = _digest(community_id, sequence, at, fact, previous)
    return AuditEntry(community_id, sequence, at, fact, previous, digest)


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain stops being true."""

    sequence: int
    why: str


class ChainCheck:
    """Checks one community's chain, entry by entry from its start, in constant memory."""

    def __init__(self) -> None:
        self.entries = 0
        self._previous = GENESIS

    def add(self, entry: AuditEntry) -> Broken | None:
        """Check the next entry; None when it is as it was written. Stop at the first break."""
        self.entries += 1
        if entry.sequence != self.entries:
            return Broken(self.entries, f"entry {self.entries} is missing")
        if entry.previous != self._previous:
            return Broken(self.entries, "does not follow from the entry before it")
        digest = _digest(entry.community_id, self.entries, entry.at, entry.fact, self._previous)
        if entry.hash != digest:
            return Broken(self.entries, "was changed after it was written")
        self._previous = entry.hash
        return None

    def end(self, head: tuple[int, str] | None) -> Broken | None:
        """Check that the log ends where it should.

        head: sequence and hash of the newest entry as kept elsewhere; without it a chain that
        was cut at its end cannot be told from a whole one.
        """
        if head is not None and head != (self.entries, self._previous):
            return Broken(self.entries + 1, f"the log should end at entry {head[0]}")
        return None


def first_break(
    entries: Iterable[AuditEntry], head: tuple[int, str] | None = None
) -> Broken | None:
    """Check a whole chain at once; None when every entry is as it was written."""
    check = ChainCheck()
    for entry in entries:
        if broken := check.add(entry):
            return broken
    return check.end(head)


def _digest(community_id: str, sequence: int, at: datetime, fact: Fact, previous: str) -> str:
    written = json.dumps(
        [
            1,  # the form of this record, so that a later form can be told apart
            community_id,
            sequence,
            at.astimezone(UTC).isoformat(timespec="microseconds"),
            fact.action,
            fact.actor,
            fact.case_id,
            fact.policy_version,
            dict(fact.details),
            previous,
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(written.encode("ascii")).hexdigest()
