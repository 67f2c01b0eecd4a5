"""The connection to Redis, and what its errors mean to Aman."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import structlog
from redis import exceptions as errors
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from bot.domain.errors import CannotStart, FlowUnavailable

TIMEOUT_S = 5.0
"""How long an answer may take. Blocking reads must ask to be woken sooner."""

LOADING_S = 60.0
"""How long a server may go on loading its data when Aman starts."""

OLDEST_VERSION = (7, 0)
"""The first release whose XAUTOCLAIM drops pending entries that were deleted."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1", None}
_log = structlog.get_logger(__name__)


class GroupMissing(FlowUnavailable):
    """The stream or its consumer group is gone: the server was flushed."""


_MEANINGS = {
    "OOM": "Redis is out of memory: raise maxmemory, or let the workers catch up",
    "READONLY": "Redis is a read-only replica: point REDIS_URL to the primary",
    "MISCONF": "Redis cannot write to its disk: free some space",
    "LOADING": "Redis is still loading its data",
}


def connect(url: str) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; it connects when first used.

    A lost connection is tried again at once, twice, so whatever is sent must be safe to repeat.
    A silent server is given up after TIMEOUT_S.

    Raises CannotStart for an address that cannot be.
    """
    try:
        redis = Redis.from_url(
            url,
            protocol=2,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            health_check_interval=15,
            client_name="aman",
            retry=Retry(
                ExponentialBackoff(cap=0.2, base=0.02),
                2,
                supported_errors=(errors.ConnectionError,),
            ),
        )
        # An option that does not exist is noticed by nothing before the first connection.
        redis.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        _warn_if_open(url)
    except (ValueError, TypeError) as exc:
        raise CannotStart(
            "REDIS_URL is no address of a Redis server: write redis://host:6379/0, "
            "rediss://user:password@host:6380/0 or unix:///path/to/socket"
        ) from exc
    return redis


def _warn_if_open(url: str) -> None:
    address = urlsplit(url)
    if address.scheme != "unix" and address.hostname not in _LOOPBACK and not address.password:
        _log.warning(
            "redis_without_password",
            host=address.hostname,
            mend="set a password on the server and in REDIS_URL: whoever reaches it can read "
            "messages and forge work",
        )


async def assert_durable(redis: Redis) -> None:
    """Make sure that what this server takes in, it keeps.

    Raises CannotStart, with all that is to be mended, when it cannot be reached, is too old,
    may evict entries, or keeps no append-only file. Where the server does not let itself be
    asked, that is logged and taken on trust.
    """
    try:
        told = await _asked(redis)
    except errors.NoPermissionError:
        _log.warning("redis_durability_unknown", mend="allow INFO, so that Aman can check it")
        return
    except errors.RedisError as exc:
        raise CannotStart(
            f"cannot use Redis: {exc}; check that the server runs and that REDIS_URL is right"
        ) from exc
    faults = [*_faults(told)]
    if faults:
        raise CannotStart("; ".join(faults))
    await _warn_if_lazy(redis)


async def _asked(redis: Redis) -> dict[str, Any]:
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(errors.BusyLoadingError),
        stop=stop_after_delay(LOADING_S),
        wait=wait_fixed(0.2),
        reraise=True,
    ):
        with attempt:
            told: dict[str, Any] = await redis.info()
    return told


def _faults(told: dict[str, Any]) -> Iterator[str]:
    version = str(told.get("redis_version", ""))
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < OLDEST_VERSION:
        yield f"Redis {version or 'of unknown version'} is too old: run Redis 7.0 or Valkey 7.2"
    policy = told.get("maxmemory_policy")
    if policy != "noeviction":
        yield (
            f"Redis may evict waiting messages (maxmemory-policy {policy}): set "
            "maxmemory-policy noeviction"
        )
    if not told.get("aof_enabled"):
        yield "Redis would lose waiting messages in a crash: set appendonly yes"


async def _warn_if_lazy(redis: Redis) -> None:
    try:
        fsync = (await redis.config_get("appendfsync")).get("appendfsync")
    except errors.ResponseError:  # managed servers hide CONFIG; INFO told what matters most
        return
    if fsync != "always":
        _log.warning(
            "redis_fsync_not_always",
            appendfsync=fsync,
            mend="a crash of the server can lose the last second: set appendfsync always",
        )


@contextmanager
def redis_errors() -> Iterator[None]:
    """Turn whatever Redis refuses or fails at into FlowUnavailable. Inside a task only."""
    with _cancellation_kept():
        try:
            yield
        except errors.TimeoutError as exc:
            raise FlowUnavailable(f"Redis did not answer in time: {exc}") from exc
        except errors.DataError:  # an argument that cannot be sent: ours to mend, not an outage
            raise
        except errors.RedisError as exc:
            said = str(exc)
            if said.startswith(("NOGROUP", "UNBLOCKED")):
                raise GroupMissing(said) from exc
            raise FlowUnavailable(_meaning(exc) or f"Redis failed: {said}") from exc
        except OSError as exc:
            raise FlowUnavailable(f"Redis cannot be reached: {exc}") from exc


@contextmanager
def _cancellation_kept() -> Iterator[None]:
    """Cancel the task after all when the client lost its cancellation.

    redis-py sends through asyncio.wait_for, which until Python 3.12 returns as if nothing had
    happened when the cancellation comes just as the sending ends: a loop around it never stops.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError


def _meaning(error: errors.RedisError) -> str | None:
    if isinstance(error, errors.OutOfMemoryError):
        return _MEANINGS["OOM"]
    if isinstance(error, errors.ReadOnlyError):
        return _MEANINGS["READONLY"]
    if isinstance(error, errors.BusyLoadingError):
        return _MEANINGS["LOADING"]
    said = str(error)
    return next((text for code, text in _MEANINGS.items() if said.startswith(code)), None)
