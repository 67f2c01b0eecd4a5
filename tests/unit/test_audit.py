"""The audit chain: what was written stays as it was, or the break is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit import GENESIS, AuditEntry, Fact, first_break, next_entry
from bot.domain.errors import InvalidValue
from tests.factories import NOW


def a_chain(length: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for n in range(1, length + 1):
        previous = entries[-1].hash if entries else GENESIS
        fact = Fact("case.opened", "system", f"case-{n}", 1, {"n": n, "share": n / 3})
        entries.append(next_entry("c1", n, previous, NOW + timedelta(seconds=n), fact))
    return entries


def head(entries: list[AuditEntry]) -> tuple[int, str]:
    return entries[-1].sequence, entries[-1].hash


def test_a_chain_as_it_was_written_has_no_break() -> None:
    entries = a_chain(5)
    assert first_break(entries, head(entries)) is None
    assert first_break([]) is None


@given(st.integers(0, 6), st.sampled_from(["actor", "action", "details", "case_id", "at"]))
def test_any_changed_entry_is_found_where_it_stands(index: int, what: str) -> None:
    entries = a_chain(7)
    changed = entries[index]
    if what == "at":
        changed = replace(changed, at=changed.at + timedelta(microseconds=1))
    else:
        value: object = {"n": -1} if what == "details" else "forged"
        changed = replace(changed, fact=replace(changed.fact, **{what: value}))
    entries[index] = changed
    broken = first_break(entries)
    assert broken is not None
    assert broken.sequence == index + 1


@given(st.integers(0, 5))
def test_a_removed_entry_is_found(index: int) -> None:
    entries = a_chain(7)
    del entries[index]
    broken = first_break(entries)
    assert broken is not None
    assert broken.sequence == index + 1


def test_a_chain_cut_at_its_end_is_found_by_its_head() -> None:
    entries = a_chain(4)
    broken = first_break(entries[:-1], head(entries))
    assert broken is not None


def test_a_chain_rewritten_from_one_entry_on_is_found_by_its_head() -> None:
    entries = a_chain(4)
    forged = next_entry("c1", 4, entries[2].hash, NOW, Fact("nothing", "system"))
    assert first_break([*entries[:3], forged], head(entries)) is not None


def test_the_hash_does_not_depend_on_the_zone_that_a_time_is_told_in() -> None:
    kolkata = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    fact = Fact("x", "system")
    assert (
        next_entry("c", 1, GENESIS, NOW, fact).hash
        == next_entry("c", 1, GENESIS, kolkata, fact).hash
    )


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidValue):
        next_entry("c", 1, GENESIS, datetime(2026, 1, 1), Fact("x", "system"))
