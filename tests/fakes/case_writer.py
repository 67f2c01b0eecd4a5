"""A process that records cases until it is killed, for tests of what a kill leaves behind.

    python -m tests.fakes.case_writer DATABASE_URL commit|hold

`commit`: prints each case's number once its transaction is over. `hold`: prints the first one's
number in the middle of its transaction and stays there.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count

from bot.storage import SqlStore
from tests.factories import NOW, a_message, an_opened_case
from tests.factories.records import COMMUNITY, an_evidence


async def write(url: str, mode: str) -> None:
    store = await SqlStore.open(url)
    for number in count(1):
        opened = an_opened_case(case_id=f"case-{number}", message=a_message(id=str(number)))
        async with store.transaction() as tx:
            await tx.cases.add(opened.case, an_evidence("x" * 20_000))
            await tx.audit.append(COMMUNITY, NOW, opened.facts[0])
            await tx.outbox.add(COMMUNITY, opened.effects, NOW)
            if mode == "hold":
                print(number, flush=True)
                await asyncio.sleep(600)
        print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(write(*sys.argv[1:]))
