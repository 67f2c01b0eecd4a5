"""Downloads of checkpoints: resumable, and checked before they get their name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import httpx
import tenacity
from filelock import FileLock
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from bot.domain.errors import CannotStart
from bot.scoring.pins import sha256_of

ATTEMPTS = 4
TIMEOUT = httpx.Timeout(30.0, connect=10.0)


class _Interrupted(Exception):
    """The connection failed or the server faltered; what has come so far is kept."""


def download(url: str, to: Path, hash_prefix: str) -> None:
    """Bring a file to `to`, with a progress bar on standard error.

    What a cut connection leaves is kept beside it as `.part` and continued, now or by the next
    call. `to` appears only when it is whole and its SHA-256 begins with `hash_prefix`.
    Raises CannotStart: offline, refused by the server, the wrong content, no room on the disk.
    """
    part = to.with_name(to.name + ".part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(to.with_name(f".{to.name}.lock")):
            if to.exists():  # another process brought it while this one waited for the lock
                return
            _bring(url, part)
            _check(url, part, hash_prefix)
            part.replace(to)
    except OSError as exc:
        raise CannotStart(f"{to}: cannot be written: {exc.strerror or exc}") from exc


def _bring(url: str, part: Path) -> None:
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_Interrupted),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=0.25, max=5),
        reraise=True,
    )
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    try:
        with (
            Progress(*columns, console=Console(stderr=True)) as progress,
            httpx.Client(follow_redirects=True, timeout=TIMEOUT) as client,
        ):
            bar = progress.add_task(part.stem, total=None)
            retrying(_continue, client, url, part, functools.partial(progress.update, bar))
    except _Interrupted as exc:
        raise CannotStart(
            f"{url} cannot be downloaded ({exc}). Go online and run it again, which continues "
            "where it stopped; or set DETOXIFY_MODEL=mini, which is bundled; or set "
            "DETOXIFY_MODEL to the path of a copy fetched elsewhere, and DETOXIFY_CONFIG_PATH "
            "to its tokenizer and config folder"
        ) from exc


def _continue(client: httpx.Client, url: str, part: Path, tell: Callable[..., None]) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        with client.stream("GET", url, headers=headers) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # nothing is left to bring; the hash says whether that is the file
            _refuse(url, response)
            if response.status_code != httpx.codes.PARTIAL_CONTENT:
                have = 0
            length = response.headers.get("Content-Length")
            total = have + int(length) if length else None
            tell(total=total, completed=have)
            with part.open("ab" if have else "wb") as file:
                for chunk in response.iter_raw():
                    file.write(chunk)
                    tell(advance=len(chunk))
    except httpx.HTTPError as exc:
        raise _Interrupted(str(exc) or type(exc).__name__) from exc


def _refuse(url: str, response: httpx.Response) -> None:
    if response.is_server_error:
        raise _Interrupted(f"the server answers {response.status_code}")
    if not response.is_success:
        raise CannotStart(
            f"{url} cannot be downloaded: the server answers {response.status_code} "
            f"{response.reason_phrase}. Choose another DETOXIFY_MODEL, or set it to the path of "
            "a checkpoint"
        )


def _check(url: str, part: Path, hash_prefix: str) -> None:
    with part.open("rb") as file:
        digest = sha256_of(file)
    if not digest.startswith(hash_prefix):
        part.unlink()
        raise CannotStart(
            f"{url}: what came is not the published file (SHA-256 {digest[:12]}…, its name says "
            f"{hash_prefix}…); it was deleted. Try again, or from another network"
        )
