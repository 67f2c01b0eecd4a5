"""Which bytes a model had when it was first used: what it must have ever after."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path

import msgspec
from filelock import FileLock

from bot.domain.errors import CannotStart

PINS_FILE = "pins.json"


def sha256_of(file: BufferedReader) -> str:
    """The SHA-256 of an open file from its start, in hex; the file is left at its start."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


class Pins:
    """The pin file of one data folder. Safe for several processes at once.

    Keys are model names, or the full paths of checkpoints that have none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / PINS_FILE

    def all(self) -> Mapping[str, str]:
        """Every pin, SHA-256 in hex by key. Raises CannotStart when the file cannot be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError) as exc:
            raise CannotStart(
                f"{self._path} cannot be read ({exc}); restore it from a backup, or delete it to "
                "pin each model anew as it is now"
            ) from exc

    def check(self, key: str, sha256: str) -> bool:
        """Hold a model to its pin; False when it has none.

        Raises CannotStart when the model's bytes are not the pinned ones.
        """
        pinned = self.all().get(key)
        if pinned is None:
            return False
        if pinned != sha256:
            raise CannotStart(
                f"model {key}: its file has changed since it was first used (SHA-256 "
                f"{sha256[:12]}…, pinned {pinned[:12]}…). Put the former file back; if the change "
                f"is yours, remove its line from {self._path}"
            )
        return True

    def hold(self, key: str, sha256: str) -> None:
        """Pin a model if it has no pin; for bytes that were found to be a model.

        Raises CannotStart when the model's bytes are not the pinned ones.
        """
        if self.check(key, sha256):
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / f".{PINS_FILE}.lock"):
                self._write({**self.all(), key: sha256})
        except OSError as exc:
            raise CannotStart(f"{self._path} cannot be written: {exc.strerror}") from exc

    def _write(self, pins: Mapping[str, str]) -> None:
        text = msgspec.json.format(msgspec.json.encode(dict(sorted(pins.items()))), indent=2)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=f".{PINS_FILE}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text + b"\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
