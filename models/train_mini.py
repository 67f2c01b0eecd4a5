"""Distil `mini` from its teachers: all-MiniLM-L6-v2 becomes a small Detoxify checkpoint.

    python -m models.train_mini rows.jsonl.gz lessons.npz --opinions 1.npy 2.npy

It learns what people said of a text, where they did, together with what the teachers say of it, and
reads misspelt what they read as it stands. Calibrated on the kept-back rows.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertForSequenceClassification

from . import checkpoint
from .calibration import calibrate
from .chat_lines import MADE_UP
from .data import UNKNOWN, Row, log
from .gather import read
from .inference import Floats, TextEncoder, first_token_logits, logits, sigmoid
from .learning import Desk, Plan, Targets, describe, fit
from .lessons import Lessons

LABEL_SHARE = 0.4
"""What a person's label counts in a target; the rest is the teachers'."""
OPINION_WEIGHT = 0.6
"""What a target counts of which only the teachers speak."""
READ = 128
"""Tokens that are read of a kept-back row."""


def targets_of(rows: Sequence[Row], opinions: Sequence[Floats]) -> Targets:
    """Join labels and opinions. opinions: of each teacher, logits, rows x labels.

    A label between 0 and 1 was the n-grams' opinion, of which the teachers learnt and know better,
    unless whoever made a line up was in doubt. Where the teachers have no opinion (NaN) a label
    stands by itself.
    """
    said = np.mean([sigmoid(each.astype(np.float32)) for each in opinions], axis=0)
    unread = np.isnan(said)
    labels = np.array([row.labels for row in rows], dtype=np.float32)
    made_up = np.array([[row.source == MADE_UP] for row in rows])
    certain = (labels == 0.0) | (labels == 1.0) | (made_up & (labels != UNKNOWN))
    said = np.where(unread, labels.clip(0, 1), said)
    rates = np.where(certain, LABEL_SHARE * labels + (1 - LABEL_SHARE) * said, said)
    counts = np.where(certain, 1.0, np.where(unread, 0.0, OPINION_WEIGHT))
    weights = np.array([[row.weight] for row in rows]) * counts
    return Targets(rates.astype(np.float32), weights.astype(np.float32))


def drawn(
    lessons: Lessons, unread: NDArray[np.bool_], share: float | None, seed: int
) -> NDArray[np.int64]:
    """Give the texts to learn from: all, or so many others beside those without an opinion that
    the latter make up a share.

    unread: of each row, whether the teachers have no opinion of it.
    """
    if share is None:
        return np.arange(len(lessons.rows))
    new = unread[lessons.rows[:, 0]]
    others = np.random.default_rng(seed).permutation(np.flatnonzero(~new))
    return np.concatenate([np.flatnonzero(new), others[: round(new.sum() * (1 / share - 1))]])


def finish(model: BertForSequenceClassification, dev: Sequence[Row], tokenizer: Path) -> None:
    """Say how good the model is on the kept-back rows, and calibrate it on them."""
    scores = logits(model, TextEncoder(tokenizer, limit=READ)([row.text for row in dev]))
    log(f"kept back: {describe(scores, dev)}")
    written = [i for i, row in enumerate(dev) if not row.source.endswith(" clause")]
    for line in calibrate(model, scores[written], [dev[i] for i in written]):
        log(line)


def main() -> None:
    """Distil, calibrate, write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=Path)
    parser.add_argument("lessons", type=Path, help="the rows to learn, spelled in several ways")
    parser.add_argument("--opinions", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=checkpoint.CHECKPOINT)
    parser.add_argument("--tokenizer", type=Path, default=checkpoint.TOKENIZER)
    parser.add_argument("--epochs", type=float, default=2.0, help="of all spellings")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--tokens", type=int, default=49_152, help="of a batch")
    parser.add_argument("--new-share", type=float, help="of texts without an opinion; all texts")
    parser.add_argument("--start", type=Path, help="go on from this checkpoint, not from MiniLM")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    rows = read(arguments.rows)
    opinions = [np.load(path)[: len(rows.train)] for path in arguments.opinions]
    model = (
        checkpoint.load_model(arguments.start, arguments.tokenizer)
        if arguments.start
        else checkpoint.new_model(arguments.tokenizer)
    ).to(arguments.device)

    def forward(ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return first_token_logits(model, ids, mask)

    lessons = Lessons.load(arguments.lessons)
    padding = TextEncoder(arguments.tokenizer).padding
    desk = Desk(lessons, targets_of(rows.train, opinions), padding, model.device)
    plan = Plan(arguments.epochs, arguments.rate, arguments.seed, arguments.tokens)
    unread = np.isnan(opinions[0][:, 0])
    places = drawn(lessons, unread, arguments.new_share, arguments.seed)
    fit(model, forward, model.config.num_hidden_layers, desk, places, plan)
    model.cpu()
    finish(model, rows.dev, arguments.tokenizer)
    training = {"seed": plan.seed, "rate": plan.rate, "epochs": plan.epochs,
                "start": "all-MiniLM-L6-v2", "teachers": len(opinions)}  # fmt: skip
    checkpoint.save(model.state_dict(), arguments.out, training)
    log(f"wrote {arguments.out.name}, sha256 {checkpoint.sha256(arguments.out)}")


if __name__ == "__main__":
    main()
