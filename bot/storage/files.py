"""Files of hidden messages, kept with their cases."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from bot.domain.files import KeptFile
from bot.storage.session import Session
from bot.storage.tables import kept_files

_ITS_OWN = kept_files.c.case_id == bindparam("of")
_NUMBERS = select(kept_files.c.number).where(_ITS_OWN)
_TOTAL = select(func.coalesce(func.sum(kept_files.c.size), 0))  # an index alone is read for it
_FILES = select(kept_files).where(_ITS_OWN).order_by(kept_files.c.number)


MOST_TOGETHER = 1024 * 1024 * 1024
"""Bytes, where nobody says otherwise."""


class SqlFiles:
    """Fits `repositories.Files`. They go with the evidence, by a foreign key.

    most: bytes that all of them may have together. On PostgreSQL several that are kept at once may
    go beyond it by what they have; SQLite keeps one after another.
    """

    def __init__(self, session: Session, most: int) -> None:
        self._session = session
        self._most = most

    async def put(self, case_id: str, file: KeptFile) -> bool:
        """Keep a file; False where there is no room for it. Raises InvalidValue where what was
        said is erased, or never was."""
        if len(file.content) > await self.room():
            return False
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
        return True

    async def total(self) -> int:
        """Bytes of all files of all cases; reads no content."""
        return int((await self._session.run(_TOTAL)).scalar_one())

    async def room(self) -> int:
        """Bytes that may still be kept; below 0 where more is kept than may be by now."""
        return self._most - await self.total()

    async def numbers(self, case_id: str) -> frozenset[int]:
        """Which files of a case are kept; reads no content."""
        return frozenset((await self._session.run(_NUMBERS, {"of": case_id})).scalars())

    async def of(self, case_id: str) -> list[KeptFile]:
        """The files of a case, in their message's order."""
        rows = await self._session.run(_FILES, {"of": case_id})
        return [KeptFile(row.number, row.kind, row.name, row.content) for row in rows]
