"""The thread that a model runs in."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.domain.errors import AmanError

T = TypeVar("T")


class EngineFault(Exception):
    """The engine raised, or gave what is no score. Its text names the fault, never the message
    that was being scored."""


class EngineHung(EngineFault):
    """The engine did not come back in time; its thread is lost."""


def attempt(work: Callable[[], T]) -> T:
    """Do what a model or a tokenizer does. Whatever it raises becomes EngineFault."""
    try:
        return work()
    except AmanError as exc:
        raise EngineFault(str(exc)) from exc
    # A panic in a tokenizer's native code is a BaseException; interrupts never reach a thread.
    except BaseException as exc:
        raise EngineFault(type(exc).__name__) from exc


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    done: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class EngineThread:
    """One thread of our own, because a pool's threads are waited for when the process ends: a
    model that hangs would keep it from ending."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="scoring", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread still runs; one that was stopped while it hung does."""
        return self._thread.is_alive()

    async def run(self, work: Callable[[], T], timeout_s: float | None = None) -> T:
        """Run `work` in the thread, after what was given to it before.

        Raises EngineFault; EngineHung after `timeout_s` (None: never).
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, done, loop))
        try:
            async with asyncio.timeout(timeout_s):
                return await done
        except TimeoutError as exc:
            raise EngineHung(f"no answer within {timeout_s:g} s") from exc

    def stop(self) -> None:
        """Let the thread end as soon as it has done what it is doing."""
        self._jobs.put(None)

    async def stopped(self, within_s: float) -> None:
        """Stop, and wait for the end of it for up to `within_s` seconds."""
        self.stop()
        await asyncio.to_thread(self._thread.join, within_s)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                _do(job)
            except RuntimeError:  # the loop is closed: nobody is left to tell
                return
            del job  # what waits for work must not keep the last model in memory


def _do(job: _Job) -> None:
    result: Any = None
    fault: EngineFault | None = None
    try:
        result = attempt(job.work)
    except EngineFault as exc:
        fault = exc
    job.loop.call_soon_threadsafe(_settle, job.done, result, fault)


def _settle(done: asyncio.Future[Any], result: Any, fault: EngineFault | None) -> None:
    if done.done():  # whoever asked has gone, or has given up on this thread
        return
    if fault is not None:
        done.set_exception(fault)
    else:
        done.set_result(result)
