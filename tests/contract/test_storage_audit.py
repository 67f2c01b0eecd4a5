"""The audit log on record: never forked, never changed, and changes show."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit import AuditEntry, Broken, Fact, first_break
from bot.domain.errors import InvalidValue, NotFound
from bot.domain.repositories import Transaction
from bot.storage import SqlStore
from bot.storage.engines import database_url as parsed
from bot.storage.engines import writing_engine
from bot.storage.errors import database_errors
from tests.factories import NOW
from tests.factories.records import COMMUNITY, a_community

A_FACT = Fact("case.opened", "system", "case-1", 3, {"reason": "insult 0.91", "enforced": True})


@pytest.fixture(autouse=True)
async def community(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.add(a_community())


async def chain(tx: Transaction, community_id: str = COMMUNITY) -> list[AuditEntry]:
    return [entry async for entry in tx.audit.entries(community_id)]


async def test_what_was_done_about_a_case_is_found_in_its_order(store: SqlStore) -> None:
    facts = [Fact(f"step {n}", "system", f"case-{n % 2}") for n in range(24)]
    async with store.transaction() as tx:
        for fact in facts:
            await tx.audit.append(COMMUNITY, NOW, fact)
        await tx.communities.add(
            a_community(id="other", name="other", groups=(), review_channels=())
        )
        await tx.audit.append("other", NOW, Fact("elsewhere", "system", "case-1"))
    async with store.reading() as tx:
        found = await tx.audit.of_case(COMMUNITY, "case-1")
    assert [each.fact for each in found] == facts[1::2]


async def broken(store: SqlStore) -> Broken | None:
    async with store.reading() as tx:
        return first_break(await chain(tx), await tx.audit.head(COMMUNITY))


async def run(url: str, *statements: str) -> None:
    """As somebody with the database's password would."""
    engine = writing_engine(parsed(url))
    try:
        with database_errors():
            async with engine.begin() as connection:
                for statement in statements:
                    await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def without_triggers(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        return
    for name in ("update", "delete", "replace"):
        await connection.execute(text(f"DROP TRIGGER audit_entries_no_{name}"))


async def tampered(url: str, statement: str) -> None:
    """As somebody who owns the database could."""
    engine = writing_engine(parsed(url))
    async with engine.begin() as connection:
        await without_triggers(connection)
        await connection.execute(text(statement))
    await engine.dispose()


async def test_facts_come_back_as_they_were_put_on_record(store: SqlStore) -> None:
    details = {
        "int": 2**53 + 1,
        "float": 0.1 + 0.2,
        "whole": 1.0,
        "flag": False,
        "none": None,
        "text": 'Ünïcode \u202e 👩‍👩‍👧 \x00 \ud800 "quoted"',
    }
    facts = [A_FACT, Fact("effect.done", "playground:noor", details=details)]
    async with store.transaction() as tx:
        appended = [
            await tx.audit.append(COMMUNITY, NOW + timedelta(microseconds=n), fact)
            for n, fact in enumerate(facts)
        ]
    async with store.reading() as tx:
        assert await chain(tx) == appended
        assert [entry.fact for entry in appended] == facts
        assert await tx.audit.head(COMMUNITY) == (2, appended[1].hash)
    assert await broken(store) is None


async def test_an_empty_log_has_no_head(store: SqlStore) -> None:
    async with store.reading() as tx:
        assert await tx.audit.head(COMMUNITY) is None
        assert await tx.audit.head("nowhere") is None
        assert await chain(tx) == []


async def test_a_community_that_is_not_on_record_has_no_log(store: SqlStore) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        async with store.transaction() as tx:
            await tx.audit.append("nowhere", NOW, A_FACT)


async def test_a_chain_is_never_forked_by_those_who_append_at_once(
    store: SqlStore, database_url: str
) -> None:
    others = [await SqlStore.open(database_url) for _ in range(2)]

    async def append(at: SqlStore) -> None:
        async with at.transaction() as tx:
            await tx.audit.append(COMMUNITY, NOW, A_FACT)
            await tx.audit.append(COMMUNITY, NOW, A_FACT)

    ended = await asyncio.gather(
        *(append(at) for at in [store, *others] * 7), return_exceptions=True
    )
    for other in others:
        await other.close()
    assert ended == [None] * 21
    async with store.reading() as tx:
        assert [entry.sequence for entry in await chain(tx)] == list(range(1, 43))
    assert await broken(store) is None


async def test_communities_have_chains_of_their_own(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.add(a_community(id="c2", name="other", groups=(), review_channels=()))
        await tx.audit.append(COMMUNITY, NOW, A_FACT)
        entry = await tx.audit.append("c2", NOW, A_FACT)
        assert entry.sequence == 1
        assert await chain(tx, "c2") == [entry]


async def test_a_long_chain_is_streamed_whole(store: SqlStore) -> None:
    async with store.transaction() as tx:
        for _ in range(1203):
            await tx.audit.append(COMMUNITY, NOW, A_FACT)
    async with store.reading() as tx:
        seen = 0
        async for entry in tx.audit.entries(COMMUNITY):
            seen += 1
            assert entry.sequence == seen
    assert seen == 1203


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'somebody else'",
        "DELETE FROM audit_entries",
        "INSERT INTO audit_entries SELECT * FROM audit_entries",
    ],
)
async def test_the_database_refuses_to_change_an_entry(
    store: SqlStore, database_url: str, statement: str
) -> None:
    async with store.transaction() as tx:
        await tx.audit.append(COMMUNITY, NOW, A_FACT)
    with pytest.raises(InvalidValue):
        await run(database_url, statement)
    assert await broken(store) is None


async def test_an_entry_cannot_be_replaced_or_cut_off_in_the_databases_own_ways(
    store: SqlStore, database_url: str
) -> None:
    async with store.transaction() as tx:
        await tx.audit.append(COMMUNITY, NOW, A_FACT)
    ways = {
        "sqlite": "REPLACE INTO audit_entries SELECT * FROM audit_entries",
        "postgresql": "TRUNCATE audit_entries",
    }
    with pytest.raises(InvalidValue, match="never"):
        await run(database_url, ways[parsed(database_url).drivername])
    assert await broken(store) is None


@pytest.mark.parametrize(
    ("statement", "sequence", "why"),
    [
        ("UPDATE audit_entries SET actor = 'x' WHERE sequence = 2", 2, "changed"),
        ("UPDATE audit_entries SET details = '{}' WHERE sequence = 3", 3, "changed"),
        ("DELETE FROM audit_entries WHERE sequence = 2", 2, "missing"),
        ("DELETE FROM audit_entries WHERE sequence = 4", 4, "should end at entry 4"),
    ],
)
async def test_who_goes_round_the_triggers_is_found_out(
    store: SqlStore, database_url: str, statement: str, sequence: int, why: str
) -> None:
    async with store.transaction() as tx:
        for _ in range(4):
            await tx.audit.append(COMMUNITY, NOW, A_FACT)
    assert await broken(store) is None
    await tampered(database_url, statement)
    found = await broken(store)
    assert found is not None
    assert found.sequence == sequence
    assert why in found.why
