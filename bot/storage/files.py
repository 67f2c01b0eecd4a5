"""Files of hidden messages, kept with their cases."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from bot.domain.files import KeptFile
from bot.storage.session import Session
from bot.storage.tables import kept_files

_ITS_OWN = kept_files.c.case_id == bindparam("of")
_NUMBERS = select(kept_files.c.number).where(_ITS_OWN)
_FILES = select(kept_files).where(_ITS_OWN).order_by(kept_files.c.number)


class SqlFiles:
    """Fits `repositories.Files`. They go with the evidence, by a foreign key."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put(self, case_id: str, file: KeptFile) -> None:
        """Keep a file. Raises InvalidValue where what was said is erased, or never was."""
        await self._session.run(
            self._session.insert(kept_files).on_conflict_do_nothing(
                index_elements=["case_id", "number"]
            ),
            {
                "case_id": case_id,
                "number": file.number,
                "kind": file.kind,
                "name": file.name,
                "size": len(file.content),
                "content": file.content,
            },
        )

    async def numbers(self, case_id: str) -> frozenset[int]:
        """Which files of a case are kept; reads no content."""
        return frozenset((await self._session.run(_NUMBERS, {"of": case_id})).scalars())

    async def of(self, case_id: str) -> list[KeptFile]:
        """The files of a case, in their message's order."""
        rows = await self._session.run(_FILES, {"of": case_id})
        return [KeptFile(row.number, row.kind, row.name, row.content) for row in rows]
