"""Files that came with a message, kept with its case."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.messages import readable

WITH_CASE = "case"
"""The `Outcome.ref` of a hide before which files were kept so: no review channel of the message's
own platform holds them. One word, which the releases before, side by side with this one, read as a
place with no copies."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file's content, which lasts as long as what was said.

    number: which of its message's attachments it is, from 0.
    kind: as that attachment's. name: with an ending that tells what it is, where one is known, and
        nothing in it that no header of a request may hold.
    """

    number: int
    kind: str
    name: str
    content: bytes

    def __post_init__(self) -> None:
        name = "".join(each if each.isprintable() else " " for each in readable(self.name))
        object.__setattr__(self, "name", name)
