"""Opening a scorer by the names of its model and its engine."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from bot.domain.errors import CannotStart
from bot.scoring.batching import BatchingScorer
from bot.scoring.checkpoints import load
from bot.scoring.conversion import converted
from bot.scoring.converted import open_converted
from bot.scoring.engines import Engine
from bot.scoring.libraries import cores
from bot.scoring.reference import open_reference

log = structlog.get_logger(__name__)

OpenEngine = Callable[[str, Path, Path | None], Engine]


def open_fast(model: str, data_dir: Path, config_path: Path | None) -> Engine:
    """Open the fast engine, after converting the model if need be. Raises CannotStart."""
    folder, manifest = converted(model, data_dir, config_path)
    log.info(
        "scorer.opening", model=model, engine="fast", threads=cores(), figures=manifest.summary()
    )
    return open_converted(folder, manifest)


def open_torch(model: str, data_dir: Path, config_path: Path | None) -> Engine:
    """Open the reference engine. Raises CannotStart."""
    log.info("scorer.opening", model=model, engine="torch", threads=cores())
    return open_reference(load(model, data_dir, config_path))


ENGINES: Mapping[str, OpenEngine] = {"fast": open_fast, "torch": open_torch}


async def open_scorer(
    model: str,
    engine: str,
    data_dir: Path,
    config_path: Path | None = None,
    on_batch: Callable[[int], None] | None = None,
    on_lookup: Callable[[int, int], None] | None = None,
) -> BatchingScorer:
    """Load a model, downloading it if it must be, and serve it; `close` it in the end.

    model, config_path: see `checkpoints.load`. engine: a name in ENGINES.
    on_batch, on_lookup: see `BatchingScorer`.
    Raises CannotStart with what to mend.
    """
    open_engine = ENGINES.get(engine)
    if open_engine is None:
        raise CannotStart(f"SCORING_ENGINE={engine}: need one of {', '.join(ENGINES)}")
    opened = functools.partial(open_engine, model, data_dir, config_path)
    scorer = BatchingScorer(_on_record(model), opened, on_batch, on_lookup)
    await scorer.start()
    return scorer


def _on_record(model: str) -> str:
    # A path tells more of the machine than a case's record should.
    return Path(model).name
