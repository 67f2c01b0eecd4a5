"""How near the fast engine's scores of real texts are to those of `Detoxify.predict`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.scoring.architectures import Subject
from bench.scoring.contender import calls
from bot.scoring.engines import Engine
from bot.scoring.loading import ENGINES
from bot.scoring.parity import Scored, compare


def parity(chosen: Subject, data: Path, said: Sequence[str], what: str) -> None:
    """Score texts with both engines, one at a time, and with ours also together; print."""
    reference = ENGINES["torch"](chosen.model, data, chosen.config)
    fast = ENGINES["fast"](chosen.model, data, chosen.config)
    found = compare(_alone(reference, said), _alone(fast, said), _together(fast, said))
    print(f"{what}, beside Detoxify.predict, each text alone:")
    print(f"  mean difference {found.mean:.6f}, 99th percentile {found.p99:.5f}, ", end="")
    print(f"largest {found.largest:.4f}")
    print(f"  {100 * found.flips:.4f} % of scores on the other side of a threshold")
    print(f"  neighbours change a score by {found.beside:.4f} at most")
    print(f"  {'; '.join(found.faults()) or 'within every gate'}")


def _alone(engine: Engine, said: Sequence[str]) -> Scored:
    return [engine.score_batch([text])[0] for text in said]


def _together(engine: Engine, said: Sequence[str]) -> Scored:
    scored = {}
    for start in range(0, len(said), 256):
        for call in calls(engine, said[start : start + 256]):
            scored.update(zip(call, engine.score_batch(call), strict=True))
    return [scored[text] for text in said]
