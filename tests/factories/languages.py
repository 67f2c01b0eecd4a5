"""The tables by which languages are told apart, unpacked once for all data folders of a run."""

from __future__ import annotations

from pathlib import Path

from bot.scoring.checkpoints import MODELS_FOLDER

_unpacked: list[Path] = []


def share_languages(folder: Path) -> None:
    """Name the folder where `with_languages` finds the tables; they need not be there yet."""
    _unpacked[:] = [folder]


def with_languages(data_dir: Path) -> Path:
    """The same data folder, in which no bot spends its first second on unpacking tables.

    It is left as it is where it has a model already, and outside of a test run.
    """
    models = data_dir / MODELS_FOLDER
    if _unpacked and not models.exists():
        models.mkdir(parents=True)
        (models / "languages").symlink_to(_unpacked[0])
    return data_dir
