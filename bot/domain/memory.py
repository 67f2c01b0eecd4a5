"""What is remembered for minutes or days, shared by all processes, and not for good.

Lost, it costs a repetition, a wait or a press that is pressed again, never a case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.domain.messages import Message, Person, Place


@dataclass(frozen=True, slots=True)
class Budget:
    """So many in any so long: `most` within `within_s` seconds, counted under `name`.

    cost: how many of them one taking takes; at most `most`.
    """

    name: str
    most: int
    within_s: float
    cost: int = 1


class Budgets(Protocol):
    """Counts what is spent of budgets. All methods raise FlowUnavailable."""

    async def take(self, budgets: Sequence[Budget]) -> float:
        """Take its cost of each budget, or nothing of any: seconds until all can be taken, 0.0
        once taken."""
        ...

    async def close(self, name: str, for_s: float) -> None:
        """Give nothing of this name's budget for so many seconds, whatever is left of it; for
        longer where it is closed for longer already."""
        ...


class Revisions(Protocol):
    """Knows what every message last said. All methods raise FlowUnavailable."""

    async def next_revision(self, message: Message) -> int | None:
        """The number that an edited message's text bears; None where the text is what it was.
        The same text asked again bears the same number until it is noted."""
        ...

    async def revision_of(self, message: Message) -> int:
        """The number that an edited message's text bears, be it one that was noted already."""
        ...

    async def note(self, message: Message) -> None:
        """Remember what the message says, now that it is taken in."""
        ...

    async def number(self, message: Message) -> int:
        """The number that a text bears, noted before it is taken in: texts that differ bear
        different ones, whichever process asks. The first that is known of bears the message's own
        revision, which is also the least that any bears."""
        ...


class Bursts(Protocol):
    """Keeps the short messages of the last seconds. All methods raise FlowUnavailable."""

    async def note(self, messages: Sequence[Message]) -> list[list[Message]]:
        """Remember messages for seconds; for each, in order, what its author said in the same
        place within `bursts.WITHIN` of it and was remembered before it. One round trip for all."""
        ...

    async def forget(self, messages: Sequence[Message]) -> None:
        """Forget all that the authors of these messages said in their places."""
        ...


class Albums(Protocol):
    """Keeps an album's parts until all have come, and for two days after, since one of them may be
    reported alone. All methods raise FlowUnavailable."""

    async def add(self, part: Message) -> None:
        """Keep one part. When this returns the part is on disk."""
        ...

    async def whole(self, quiet_s: float) -> list[list[Message]]:
        """Albums to which nothing was added for so long, their parts in order."""
        ...

    async def drop(self, parts: Sequence[Message]) -> None:
        """Wait no longer with parts that are taken in; a part that came meanwhile stays."""
        ...

    async def of(self, part: Message) -> list[Message]:
        """All parts of a part's album, in order; none where it is not known, or not any more."""
        ...

    async def name(self, album: Message) -> str:
        """The id that an album goes by for as long as it is known: that of the album which was
        first asked with. A part that comes late may stand before all others, and changes it not."""
        ...


class Marks(Protocol):
    """Knows up to which message of each channel all were taken in, on platforms whose messages'
    ids only grow. All methods raise FlowUnavailable."""

    async def of(self, group: Place) -> Mapping[str, int]:
        """The newest message's id by channel; empty for a group never seen."""
        ...

    async def note(self, group: Place, newest: Mapping[str, int]) -> None:
        """Remember newest messages by channel. A mark never goes back."""
        ...


class Facts(Protocol):
    """Keeps what a platform said of its groups, as its adapter writes it: a bot of many groups
    that starts again need not ask for all of them before it can judge. All methods raise
    FlowUnavailable."""

    async def of(self, group: Place) -> bytes | None:
        """What was kept of a group; None where nothing is."""
        ...

    async def keep(self, group: Place, told: bytes, for_: timedelta) -> None:
        """Keep what was said of a group, for so long."""
        ...

    async def forget(self, group: Place) -> None:
        """Keep nothing of a group."""
        ...


class Unfinished(Protocol):
    """Keeps what was begun, over the bot's end, until it is finished. All methods raise
    FlowUnavailable."""

    async def keep(self, kind: str, id_: str, note: str) -> None:
        """Keep something. kind: what it is, and whose. note: what is needed to take it up again.
        When this returns it is on disk."""
        ...

    async def drop(self, kind: str, id_: str) -> None:
        """Forget what is finished, be it kept or not."""
        ...

    async def left(self, kind: str) -> Mapping[str, str]:
        """All of a kind that is kept, by its id: what is under way now, in whatever process, and
        what a bot's end cut off."""
        ...


@dataclass(frozen=True, slots=True)
class LinkCode:
    """What a one-time code stands for: this admin links a review channel for this group."""

    group: Place
    by: Person


class LinkCodes(Protocol):
    """One-time codes. All methods raise FlowUnavailable."""

    async def make(self, link: LinkCode, for_s: float) -> str:
        """A code that holds for so many seconds: letters and digits, hard to guess."""
        ...

    async def take(self, code: str) -> LinkCode | None:
        """What a code stands for, once; None for one that was never made, ran out or is used."""
        ...
