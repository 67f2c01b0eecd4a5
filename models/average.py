"""Average checkpoints that went on from the same one, and calibrate the mean.

    python -m models.average earlier.ckpt later.ckpt --out mini.ckpt --tokenizer tokenizer

Runs that start from one checkpoint and see other rows err differently; the mean of their weights
errs less than each, and as little as a run whose rate was brought down to the end. All must have
the tokenizer of the folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from . import checkpoint
from .calibration import calibrate
from .data import DEFAULT_DATA
from .train_mini import describe_logits, dev_logits, gather, known_emoji, log


def averaged(paths: Sequence[Path]) -> dict[str, torch.Tensor]:
    """Give the mean of the checkpoints' weights; all count alike."""
    states = [checkpoint.read(path)["state_dict"] for path in paths]
    return {
        name: torch.stack([state[name].float() for state in states]).mean(dim=0)
        for name in states[0]
    }


def main() -> None:
    """Average, say how good the mean is on the kept-back rows, calibrate on them, write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="holds train/ and chats/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, default=checkpoint.TOKENIZER)
    parser.add_argument("--seed", type=int, default=9, help="of the clauses kept back")
    arguments = parser.parse_args()
    rows = gather(arguments.data, arguments.seed, known_emoji(arguments.tokenizer), share=0.0).dev
    model = checkpoint.load_model(arguments.checkpoints[0], arguments.tokenizer)
    model.load_state_dict(averaged(arguments.checkpoints))
    scores = dev_logits(model, rows, arguments.tokenizer)
    log(f"dev, uncalibrated: {describe_logits(scores, rows)}")
    written = [i for i, row in enumerate(rows) if not row.source.endswith(" clause")]
    for line in calibrate(model, scores[written], [rows[i] for i in written]):
        log(line)
    training = {"mean_of": [checkpoint.sha256(path) for path in arguments.checkpoints]}
    checkpoint.save(model.state_dict(), arguments.out, training)
    log(f"wrote {arguments.out.name}, sha256 {checkpoint.sha256(arguments.out)}")


if __name__ == "__main__":
    main()
