"""Conversion for the fast engine: once for each checkpoint and machine, in a child process."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

import structlog
from filelock import FileLock

from bot.domain.errors import CannotStart
from bot.scoring.checkpoints import MODELS_FOLDER, Verified, bring, pin, tokenizer_folder
from bot.scoring.converted import Manifest, read_manifest
from bot.scoring.fast import machine
from bot.scoring.models import MINI, PUBLISHED

log = structlog.get_logger(__name__)

VERSION = 2
"""Of what the converter makes; a new one has every model converted anew."""

_READ = (".json", ".txt", ".model")
"""What configurations and tokenizers are kept in."""

_ROOM = 3
"""Times the checkpoint's size that a conversion takes on the disk, at most."""


def converted(model: str, data_dir: Path, config_path: Path | None) -> tuple[Path, Manifest]:
    """A model's converted form; made now, with a progress bar on standard error, if it is absent,
    damaged, or of another version, machine or tokenizer.

    Processes that ask at the same time convert one after the other, the first for all of them.
    Raises CannotStart with what to mend.
    """
    verified = bring(model, data_dir)
    folder = _folder(verified, data_dir, config_path)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(".lock")):
            if (manifest := read_manifest(folder)) is None:
                _convert(verified, folder, data_dir, config_path)
                manifest = read_manifest(folder)
    except OSError as exc:
        raise CannotStart(f"{folder}: cannot be written: {exc.strerror or exc}") from exc
    if manifest is None:
        raise CannotStart(f"{folder}: what was written cannot be read back; check the disk")
    pin(verified, data_dir)
    return folder, manifest


def find_converted(verified: Verified, data_dir: Path, config_path: Path | None) -> Manifest | None:
    """What is known of a model's converted form; None where there is none. Makes nothing."""
    return read_manifest(_folder(verified, data_dir, config_path))


def _folder(verified: Verified, data_dir: Path, config_path: Path | None) -> Path:
    """Named after all that the result depends on, so that one that is there always fits."""
    tokenizer = tokenizer_folder(verified.model, config_path)
    key = hashlib.sha256(f"{VERSION} {verified.sha256} {machine()}".encode())
    for path in sorted(tokenizer.iterdir()) if tokenizer else ():
        if path.suffix in _READ:
            key.update(path.name.encode() + path.read_bytes())
    return data_dir / MODELS_FOLDER / "fast" / _name(verified) / key.hexdigest()[:12]


def _name(verified: Verified) -> str:
    if verified.model == MINI or verified.model in PUBLISHED:
        return verified.model
    # Two checkpoints may have the same file name.
    path = hashlib.sha256(str(verified.path).encode()).hexdigest()
    return f"{verified.path.stem}-{path[:6]}"


def _convert(verified: Verified, folder: Path, data_dir: Path, config_path: Path | None) -> None:
    """Convert into a folder beside, which gets its name when all is in it."""
    # Seldom needed, and what they import delays a start.
    from bot.scoring import converting
    from bot.scoring.converter import Job

    for former in folder.parent.glob("*/"):  # of another version, or left by a kill
        shutil.rmtree(former)
    needed, free = _ROOM * verified.size, shutil.disk_usage(folder.parent).free
    if free < needed:
        raise CannotStart(
            f"model {verified.model}: converting it takes {needed / 1e6:,.0f} MB in "
            f"{folder.parent}, and {free / 1e6:,.0f} MB are free; make room"
        )
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".converting-"))
    try:
        log.info("model.converting", model=verified.model, doing="once for this machine")
        job = Job(
            model=verified.model,
            sha256=verified.sha256,
            data_dir=str(data_dir.resolve()),
            config_path=str(config_path.expanduser().resolve()) if config_path else None,
            folder=str(work),
        )
        converting.run(job)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
