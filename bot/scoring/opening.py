"""Opening a scorer by the names of its model and its engine."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from bot.scoring.batching import BatchingScorer
from bot.scoring.frames import Open
from bot.scoring.process import EngineProcess


async def open_scorer(
    model: str,
    engine: str,
    data_dir: Path,
    config_path: Path | None = None,
    on_batch: Callable[[int], None] | None = None,
    on_lookup: Callable[[int, int], None] | None = None,
) -> BatchingScorer:
    """Load a model, downloading it if it must be, and serve it; `close` it in the end.

    model, engine, config_path: see `load_engine`. on_batch, on_lookup: see `BatchingScorer`.
    Raises CannotStart with what to mend.
    """
    opening = Open(engine, model, str(data_dir), str(config_path) if config_path else None)
    start = functools.partial(EngineProcess.start, opening)
    scorer = BatchingScorer(_on_record(model), start, on_batch, on_lookup)
    await scorer.start()
    return scorer


def _on_record(model: str) -> str:
    # A path tells more of the machine than a case's record should.
    return Path(model).name
