"""Telling languages apart, with the tables in files instead of in memory.

The library unpacks 75 MB at every start, which takes longer than all else does. Here they are
unpacked once, and of the files those pages are in memory that some text has led to.
"""

from __future__ import annotations

import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import structlog
from py3langid.langid import MODEL_FILE, LanguageIdentifier

log = structlog.get_logger(__name__)

LIBRARY = "py3langid"

_TABLES = {
    "ptc": "nb_ptc",
    "pc": "nb_pc",
    "classes": "nb_classes",
    "moves": "tk_nextmove",
    "outputs": "tk_output",
    "rows": "tk_row",
}
"""What an identifier consists of: the attribute of each file."""


def open_identifier(folder: Path) -> LanguageIdentifier:
    """The identifier, its `rank` giving probabilities.

    folder: where the tables are kept; made now, if they are absent or damaged. Where they cannot
    be, the identifier has them in memory. Takes a second then: not for the event loop.
    """
    here = folder / f"{LIBRARY}-{version(LIBRARY)}"
    try:
        return _opened(here)
    except (OSError, ValueError, EOFError):  # absent, or cut off
        loaded = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    try:
        _keep(here, loaded)
        return _opened(here)
    except OSError as exc:
        log.warning("language tables stay in memory", folder=str(here), error=str(exc))
        return loaded


def _opened(folder: Path) -> LanguageIdentifier:
    tables = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _TABLES}
    return LanguageIdentifier(
        tables["ptc"],
        np.array(tables["pc"]),
        tables["classes"].tolist(),
        # Looked into byte by byte, which arrays are slow at; lists would be 8 MB.
        memoryview(tables["moves"]),
        memoryview(tables["outputs"]),
        norm_probs=True,
        tk_row=memoryview(tables["rows"]),
    )


def _keep(folder: Path, identifier: LanguageIdentifier) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unpacking-"))
    try:
        for name, attribute in _TABLES.items():
            np.save(work / f"{name}.npy", np.asarray(getattr(identifier, attribute)))
        shutil.rmtree(folder, ignore_errors=True)
        work.replace(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
