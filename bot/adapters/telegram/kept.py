"""Where copies of a message's files stand, as a hide's outcome bears it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Self

from bot.adapters.telegram.files import Reference
from bot.domain.messages import Attachment

_NOT_COPIED = "-"


@dataclass(frozen=True, slots=True)
class Kept:
    """Copies of files in a review channel.

    chat: the review channel's id.
    refs: of each of the message's files, in their order, the copy's own; None where there is none.
    """

    chat: str
    refs: tuple[Reference | None, ...]

    def __str__(self) -> str:
        """ "chat ref ref …"; a file of which there is no copy is "-"."""
        return " ".join((self.chat, *(str(each or _NOT_COPIED) for each in self.refs)))

    @classmethod
    def read(cls, ref: str) -> Self:
        """As it was written down."""
        chat, *refs = ref.split(" ")
        return cls(chat, tuple(None if r == _NOT_COPIED else Reference.read(r) for r in refs))

    @classmethod
    def of(cls, chat: int, files: Sequence[Attachment], copies: Mapping[int, Attachment]) -> Self:
        """copies: by the number, from 0, of the file that each is a copy of."""
        found = (copies.get(number) for number in range(len(files)))
        return cls(str(chat), tuple(None if f is None else Reference.read(f.ref) for f in found))

    @property
    def message(self) -> str:
        """The id of the first copy's message."""
        return next(each.message for each in self.refs if each is not None)

    def has(self, number: int) -> bool:
        """Whether there is a copy of this file, counted from 0."""
        return number < len(self.refs) and self.refs[number] is not None

    def joined(self, others: Self) -> Self:
        """These copies and, of files that have none here, the others in the same chat."""
        pairs = zip_longest(self.refs, others.refs)
        return replace(self, refs=tuple(own or other for own, other in pairs))

    def copies(self, files: Sequence[Attachment]) -> list[Attachment]:
        """The message's files by their copies' ids, where there are such, else by their own."""
        return [self._copy(number, file) for number, file in enumerate(files)]

    def _copy(self, number: int, file: Attachment) -> Attachment:
        copy = self.refs[number] if number < len(self.refs) else None
        if copy is None:
            return file
        own = Reference.read(file.ref)  # whether it is covered is the author's choice, not ours
        return replace(file, ref=str(replace(own, message=copy.message, ids=copy.ids)))
