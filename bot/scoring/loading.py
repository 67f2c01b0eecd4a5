"""Loading an engine by its name and its model's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from bot.domain.errors import CannotStart
from bot.scoring.engines import Engine
from bot.scoring.libraries import cores

log = structlog.get_logger(__name__)

Load = Callable[[str, Path, Path | None], Engine]


def load_fast(model: str, data_dir: Path, config_path: Path | None) -> Engine:
    """Load the fast engine, after converting the model if need be. Raises CannotStart."""
    from bot.scoring.conversion import converted
    from bot.scoring.converted import open_converted

    folder, manifest = converted(model, data_dir, config_path)
    log.info(
        "scorer.opening", model=model, engine="fast", threads=cores(), figures=manifest.summary()
    )
    return open_converted(folder, manifest)


def load_torch(model: str, data_dir: Path, config_path: Path | None) -> Engine:
    """Load the reference engine. Raises CannotStart."""
    from bot.scoring.checkpoints import load
    from bot.scoring.reference import open_reference

    log.info("scorer.opening", model=model, engine="torch", threads=cores())
    return open_reference(load(model, data_dir, config_path))


ENGINES: Mapping[str, Load] = {"fast": load_fast, "torch": load_torch}


def load_engine(engine: str, model: str, data_dir: Path, config_path: Path | None) -> Engine:
    """Load a model for an engine; a published model is downloaded if it is absent.

    engine: a name in ENGINES. model, config_path: see `checkpoints.load`.
    Raises CannotStart with what to mend.
    """
    if (load := ENGINES.get(engine)) is None:
        raise CannotStart(f"SCORING_ENGINE={engine}: need one of {', '.join(ENGINES)}")
    return load(model, data_dir, config_path)
