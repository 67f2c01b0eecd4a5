"""What is asked often reads no more than it must, however many cases there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.domain.repositories import Transaction
from bot.storage import SqlStore
from bot.storage.engines import database_url as parsed
from tests.factories import LOBBY, NOW, REVIEW
from tests.factories.records import COMMUNITY
from tests.fakes.databases import SqliteFiles


async def claims(tx: Transaction) -> object:
    return await tx.cases.claims_run_out(NOW)


async def shown(tx: Transaction) -> object:
    return await tx.cards.with_card(COMMUNITY, REVIEW, 20)


async def opened(tx: Transaction) -> object:
    return [case async for case in tx.cases.opened(COMMUNITY)]


async def history(tx: Transaction) -> object:
    return await tx.audit.of_case(COMMUNITY, "case-1")


async def of_message(tx: Transaction) -> object:
    return await tx.cases.by_message(COMMUNITY, LOBBY, "m1")


async def kept(tx: Transaction) -> object:
    return await tx.files.total()


@pytest.mark.parametrize(
    ("question", "index"),
    [
        (claims, "SEARCH cases USING INDEX ix_cases_claim_until (claim_until<?)"),
        (shown, "SEARCH cases USING INDEX ix_cases_open (community_id=?)"),
        (opened, "SEARCH cases USING INDEX ix_cases_open (community_id=?)"),
        (of_message, "SEARCH cases USING INDEX ix_cases_message_id (message_id=?)"),
        (kept, "SCAN kept_files USING COVERING INDEX ix_kept_files_size"),
        (history, "SEARCH audit_entries USING INDEX ix_audit_entries_case_id (case_id=?)"),
    ],
)
async def test_sqlite_reads_only_what_matters(
    sqlite_files: SqliteFiles, question: Callable[[Transaction], Awaitable[object]], index: str
) -> None:
    url = sqlite_files.fresh()
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    store = await SqlStore.open(url)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        async with store.reading() as tx:
            await question(tx)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        await store.close()
    statement, values = asked[-1]
    with closing(sqlite3.connect(str(parsed(url).database))) as database:
        plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert index in plan
