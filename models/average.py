"""Average checkpoints that went on from one another, and calibrate the mean.

    python -m models.average rows.jsonl.gz before.ckpt after.ckpt --shares 0.4 0.6 --out mini.ckpt

A model that was trained on for something new loses some of what it knew; the mean of its weights
before and after keeps most of both (Wortsman et al., "Robust fine-tuning of zero-shot models").
All must have the tokenizer of the folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from . import checkpoint
from .data import log
from .gather import read
from .train_mini import finish


def averaged(paths: Sequence[Path], shares: Sequence[float]) -> dict[str, torch.Tensor]:
    """Give the mean of the checkpoints' weights. shares: what each counts, 1.0 together."""
    if len(paths) != len(shares) or abs(sum(shares) - 1.0) > 1e-6:
        raise ValueError("every checkpoint needs a share, and together they are 1")
    states = [checkpoint.read(path)["state_dict"] for path in paths]
    return {
        name: torch.stack(
            [s * state[name].float() for s, state in zip(shares, states, strict=True)]
        ).sum(dim=0)
        for name in states[0]
    }


def main() -> None:
    """Average, say how good the mean is on the kept-back rows, calibrate on them, write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--shares", type=float, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, default=checkpoint.TOKENIZER)
    arguments = parser.parse_args()
    model = checkpoint.load_model(arguments.checkpoints[0], arguments.tokenizer)
    model.load_state_dict(averaged(arguments.checkpoints, arguments.shares))
    finish(model, read(arguments.rows).dev, arguments.tokenizer)
    training = {
        "mean_of": [checkpoint.sha256(path) for path in arguments.checkpoints],
        "shares": arguments.shares,
    }
    checkpoint.save(model.state_dict(), arguments.out, training)
    log(f"wrote {arguments.out.name}, sha256 {checkpoint.sha256(arguments.out)}")


if __name__ == "__main__":
    main()
