"""Opening a scorer by the names of its model and its engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.domain.errors import CannotStart
from bot.scoring.batching import BatchingScorer
from bot.scoring.checkpoints import Checkpoint, load
from bot.scoring.engines import Engine
from bot.scoring.reference import open_reference

ENGINES: Mapping[str, Callable[[Checkpoint], Engine]] = {"torch": open_reference}


async def open_scorer(
    model: str,
    engine: str,
    data_dir: Path,
    config_path: Path | None = None,
    on_batch: Callable[[int], None] | None = None,
) -> BatchingScorer:
    """Load a model, downloading it if it must be, and serve it; `close` it in the end.

    model, config_path: see `checkpoints.load`. engine: a name in ENGINES.
    on_batch: told the number of texts of every call of the model.
    Raises CannotStart with what to mend.
    """
    opened = ENGINES.get(engine)
    if opened is None:
        raise CannotStart(f"SCORING_ENGINE={engine}: need one of {', '.join(ENGINES)}")

    def open_engine() -> Engine:
        return opened(load(model, data_dir, config_path))

    scorer = BatchingScorer(_on_record(model), open_engine, on_batch)
    await scorer.start()
    return scorer


def _on_record(model: str) -> str:
    # A path tells more of the machine than a case's record should.
    return Path(model).name
