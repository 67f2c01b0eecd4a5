"""What the batching scorer asks of whoever runs an engine for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from bot.domain.errors import AmanError
from bot.domain.scores import Label
from bot.scoring.windows import Reading

T = TypeVar("T")


class EngineFault(Exception):
    """The engine raised, ended, or gave what is no score. Its text names the fault, never the
    message that was being scored."""


class EngineHung(EngineFault):
    """The engine did not come back in time."""


class Host(Protocol):
    """A loaded engine, run where neither its work nor its faults stop the event loop."""

    tokens_a_call: int
    pads: bool
    """See `Engine`."""

    ended: asyncio.Future[str]
    """Done once the engine is no more, with the reason."""

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        """Cut texts into what the engine reads at once; one reading a text, in order.

        texts: without halves of surrogate pairs. Raises EngineFault.
        """
        ...

    async def score(self, windows: Sequence[str]) -> list[Mapping[Label, float]]:
        """Score windows in one call; see `Engine.score_batch`. Raises EngineFault."""
        ...

    async def close(self) -> None:
        """End the engine, whatever it is doing. Who still waits for it gets EngineFault."""
        ...


def attempt(work: Callable[[], T]) -> T:
    """Do what a model or a tokenizer does. Whatever it raises becomes EngineFault."""
    try:
        return work()
    except AmanError as exc:
        raise EngineFault(str(exc)) from exc
    # A panic in a tokenizer's native code is a BaseException; interrupts never reach an engine.
    except BaseException as exc:
        raise EngineFault(type(exc).__name__) from exc
