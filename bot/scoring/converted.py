"""What a converted model consists of, as it lies in the data folder."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bot.domain.scores import Label
from bot.scoring.fast import CANDIDATES, Candidate, FastEngine, open_candidate
from bot.scoring.parity import Parity
from bot.scoring.pins import sha256_of

MANIFEST_FILE = "converted.json"


class Measured(msgspec.Struct, frozen=True):
    """A candidate's figures. typical_ms: the median time that it took for one text alone."""

    parity: Parity
    typical_ms: float


class Manifest(msgspec.Struct, frozen=True):
    """What there is to know of a converted model.

    model, sha256: of the checkpoint. window, labels: see `FastEngine`.
    machine: where it was measured. measured: by candidate's name. chosen: the one that serves.
    files: SHA-256 in hex by name.
    """

    model: str
    sha256: str
    window: int
    labels: tuple[Label, ...]
    machine: str
    measured: dict[str, Measured]
    chosen: str
    files: dict[str, str]

    @property
    def candidate(self) -> Candidate:
        """The candidate that serves."""
        return next(each for each in CANDIDATES if each.name == self.chosen)

    def summary(self) -> str:
        """The choice and its figures, in a line."""
        figures = self.measured[self.chosen]
        parity = figures.parity
        return (
            f"{self.chosen}, {figures.typical_ms:.1f} ms for a text; differs from Detoxify by "
            f"{parity.mean:.5f} in the mean, {parity.p99:.4f} at the 99th percentile, "
            f"{parity.largest:.4f} at most; {100 * parity.flips:.3f} % of scores over another "
            f"threshold; neighbours change a score by {parity.beside:.4f} at most"
        )


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a converted model; None where there is none, or it, or a file that it
    names, is not what was written."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST_FILE).read_bytes(), type=Manifest)
        for name, digest in manifest.files.items():
            with (folder / name).open("rb") as file:
                if sha256_of(file) != digest:
                    return None
    except (OSError, msgspec.MsgspecError):
        return None
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a folder's manifest."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / MANIFEST_FILE).write_bytes(text + b"\n")


def open_converted(folder: Path, manifest: Manifest) -> FastEngine:
    """Load the candidate that serves."""
    return open_candidate(folder, manifest.candidate, manifest.window, manifest.labels)
