"""Fine-tune all-MiniLM-L6-v2 into `mini`, a small Detoxify checkpoint. CPU only, bounded in steps.

    python -m models.train_mini --steps 2400 --out first.ckpt --tokenizer first-tokenizer
    python -m models.train_mini --steps 2200 --start first.ckpt --rate 1.5e-4 --seed 9

The first run keeps MiniLM's vocabulary; a run that starts from a checkpoint gives it emoji.
Reads `data/train` and Ubuntu IRC, never `data/eval`. Seeds are fixed and the learning
rate follows the steps, so a pause changes nothing, and another machine's model differs only in its
digits.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads starve on shared cores

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertForSequenceClassification

from . import checkpoint
from .calibration import calibrate
from .chat_lines import chat_lines
from .data import (
    DEFAULT_DATA,
    LABELS,
    UNKNOWN,
    Row,
    Split,
    read_all,
    read_irc,
    split,
    subsample,
    with_implied,
)
from .emoji import clean_emoji_rows
from .inference import (
    Encoded,
    Floats,
    TextEncoder,
    batches,
    first_token_logits,
    logits,
    padded,
    sigmoid,
)
from .noise import Noise, word_weights
from .teacher import (
    Alarms,
    civil_sentences,
    clauses,
    clean_chat,
    fill_silent,
    hard_chat,
    train_teacher,
    without_one_sided,
)

LIMIT = 64
"""Tokens a training text is cut to; one in `LONG_EVERY` is cut to `LONG_LIMIT` instead."""
LONG_LIMIT = 160
LONG_EVERY = 12
LAYER_DECAY = 0.9
IMPLIED_WEIGHT = 0.1
OPINION_WEIGHT = 0.33
"""What a teacher's opinion counts beside a label."""
CHAT_LINES = 55_000
"""Made-up lines that are drawn; of those that came out alike one is kept."""
HARD_REPEATS = 3
"""How often a false alarm of the model to go on from is drawn an epoch."""
REPEATS = {"surge_toxicity": 3, "convabuse": 2, "hatemoji_build": 2}
"""Small sources whose every row is drawn more than once an epoch."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. steps: batches to learn from; tokens: of a batch, with padding."""

    steps: int
    seed: int = 7
    rate: float = 2.5e-4
    head_rate: float = 1e-3
    warmup: float = 0.04
    tokens: int = 1100
    save_every: int = 250


def log(message: str) -> None:
    """Print one line with the time."""
    print(f"{time.strftime('%H:%M:%S')} {message}", flush=True)


def gather(
    data: Path, seed: int, emoji: Sequence[str], share: float, alarms: Alarms | None = None
) -> Split:
    """Read, split and enrich. Kept back: rows as their sources wrote them, clean IRC, clauses.

    emoji: what the vocabulary knows of them; clean chat is then shown with some.
    share: of the labelled rows and what is cut from them, 0.0 to 1.0; chat is always all there.
    alarms: the scores of the model to go on from, to find what it wrongly takes for toxic.
    """
    rows = split(read_all(data))
    irc = split(read_irc(data))
    train = with_implied(subsample(rows.train, seed))
    dev = with_implied(subsample(rows.dev, seed))
    log(f"{len(train)} rows to learn, {len(dev)} kept back; training the teacher")
    teacher = train_teacher(without_one_sided(train), seed)
    chat = clean_chat(irc.train, teacher, 12_000, seed)
    sentences = civil_sentences(train, teacher, seed)
    extra = [*clauses(train, teacher, 8_000, seed), *chat_lines(CHAT_LINES, seed), *chat]
    if alarms is not None:
        extra += HARD_REPEATS * hard_chat(irc.train, alarms, teacher)
    if emoji:
        extra += clean_emoji_rows(chat, emoji, 3_000, seed)
    filled = fill_silent(train, teacher)
    repeated = [row for row in filled for _ in range(REPEATS.get(row.source, 1) - 1)]
    dev_cut = [*civil_sentences(dev, teacher, seed), *clauses(dev, teacher, 700, seed)]
    dev_irc = clean_chat(irc.dev, teacher, 1_000, seed)
    labelled = filled + repeated + sentences
    some = random.Random(f"share {seed}").sample(labelled, round(share * len(labelled)))
    return Split(merge(some, extra), dev + dev_cut + dev_irc)


def merge(rows: Sequence[Row], extra: Sequence[Row]) -> list[Row]:
    """Put derived rows beside the given ones and log what there is."""
    everything = [*rows, *extra]
    for source, count in sorted(Counter(row.source for row in everything).items()):
        log(f"  {source}: {count}")
    return everything


def epochs(
    rows: Sequence[Row], encoder: TextEncoder, noise: Noise, plan: Plan
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Yield batches for ever: ids, mask, labels, weights. Every epoch is misspelt anew."""
    rng = random.Random(f"epochs {plan.seed}")
    order = list(range(len(rows)))
    while True:
        rng.shuffle(order)
        for start in range(0, len(order), 2048):
            chunk = [rows[i] for i in order[start : start + 2048]]
            encoded = [cut(ids, rng) for ids in encoder([noise(row.text) for row in chunk])]
            groups = list(batches(encoded, plan.tokens))
            rng.shuffle(groups)
            for group in groups:
                yield tensors([chunk[i] for i in group], [encoded[i] for i in group])


def cut(ids: Encoded, rng: random.Random) -> Encoded:
    """Shorten to the limit: beginning and end stay, since an insult often stands last."""
    limit = LONG_LIMIT if rng.randrange(LONG_EVERY) == 0 else LIMIT
    if len(ids) <= limit:
        return ids
    tail = limit // 4
    return ids[: limit - tail] + ids[-tail:]


def tensors(
    rows: Sequence[Row], encoded: Sequence[Encoded]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Make one batch."""
    ids, mask = padded(encoded)
    labels = torch.tensor([row.labels for row in rows])
    weights = torch.tensor([row.weight for row in rows])
    return ids, mask, labels, weights


def loss_of(out: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Masked cross-entropy over the known labels.

    Besides, an obscene, insulting, threatening or hateful text is toxic by definition, so no such
    score may exceed the toxicity; that says something of the many rows where only toxicity is known
    without reading a blank as "no".
    """
    opinion = (labels > 0) & (labels < 1)
    known = (labels != UNKNOWN).float() * weights[:, None]
    known = torch.where(opinion, known * OPINION_WEIGHT, known)
    each = functional.binary_cross_entropy_with_logits(out, labels.clamp(0, 1), reduction="none")
    supervised = (each * known).sum() / known.sum().clamp(min=1.0)
    excess = functional.relu(out[:, 1:] - out[:, :1].detach()).mean()
    return supervised + IMPLIED_WEIGHT * excess


def optimizer_of(model: BertForSequenceClassification, plan: Plan) -> torch.optim.AdamW:
    """AdamW whose rate falls from layer to layer towards the embeddings."""
    groups = []
    layers = model.config.num_hidden_layers
    for name, parameter in model.named_parameters():
        depth = _depth(name, layers)
        rate = plan.head_rate if depth > layers else plan.rate * LAYER_DECAY ** (layers - depth)
        decay = 0.01 if parameter.dim() > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate, "weight_decay": decay})
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
    for group in optimizer.param_groups:
        group["peak"] = group["lr"]
    return optimizer


def _depth(name: str, layers: int) -> int:
    if name.startswith("classifier"):
        return layers + 1
    if ".layer." in name:
        return int(name.split(".layer.")[1].split(".", maxsplit=1)[0]) + 1
    return layers if "pooler" in name else 0


def set_rate(optimizer: torch.optim.AdamW, progress: float, warmup: float) -> None:
    """One cycle over the steps: up, then down in a straight line to 1 %."""
    factor = progress / warmup if progress < warmup else (1 - progress) / (1 - warmup)
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * min(1.0, max(0.01, factor))


def fit(
    model: BertForSequenceClassification, rows: Split, plan: Plan, out: Path, tokenizer: Path
) -> None:
    """Train for the plan's steps, keeping what there is every so often."""
    encoder = TextEncoder(tokenizer)
    noise = Noise(plan.seed, word_weights(rows.train))
    optimizer = optimizer_of(model, plan)
    mean_loss, seen = 0.0, 0
    batches_to_learn = islice(epochs(rows.train, encoder, noise, plan), plan.steps)
    for step, (ids, mask, labels, weights) in enumerate(batches_to_learn, 1):
        set_rate(optimizer, step / plan.steps, plan.warmup)
        model.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = first_token_logits(model, ids, mask)
        loss = loss_of(scores.float(), labels, weights)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seen += len(ids)
        mean_loss += (loss.item() - mean_loss) / min(step, 200)
        if step % 50 == 0:
            share = seen / len(rows.train)
            log(f"step {step} of {plan.steps} epoch {share:.3f} loss {mean_loss:.4f}")
        if step % plan.save_every == 0:
            save(model, out.with_name(f"{out.stem}.partial.ckpt"), plan, step)
            sample = rows.dev[:: max(1, len(rows.dev) // 1500)]
            log(f"dev {describe_logits(dev_logits(model, sample, tokenizer), sample)}")


def save(model: BertForSequenceClassification, out: Path, plan: Plan, steps: int) -> None:
    """Write the model as it stands."""
    training = {"seed": plan.seed, "rate": plan.rate, "steps": steps,
                "start": "all-MiniLM-L6-v2"}  # fmt: skip
    checkpoint.save(model.state_dict(), out, training)


def dev_logits(
    model: BertForSequenceClassification, rows: Sequence[Row], tokenizer: Path
) -> Floats:
    """Score rows, read up to 128 tokens."""
    encoder = TextEncoder(tokenizer, limit=128)
    return logits(model, encoder([row.text for row in rows]))


def describe_logits(scores: Floats, rows: Sequence[Row]) -> str:
    """Give the ROC-AUC of each label for scores already made."""
    labels = np.array([row.labels for row in rows])
    parts = []
    for column, label in enumerate(LABELS):
        known = labels[:, column] != UNKNOWN
        truth = labels[known, column] > 0.5
        if truth.any() and not truth.all():
            parts.append(f"{label} {roc_auc_score(truth, scores[known, column]):.4f}")
    return ", ".join(parts)


def prepared(
    arguments: argparse.Namespace, plan: Plan
) -> tuple[BertForSequenceClassification, Split]:
    """Write the tokenizer's folder, gather the rows, build the model to train."""
    go_on = arguments.start is not None
    rows = split(read_all(arguments.data)).train if go_on else []
    checkpoint.save_tokenizer(arguments.tokenizer, rows)
    emoji = known_emoji(arguments.tokenizer) if go_on else []
    if not go_on:
        return checkpoint.new_model(dropout=0.1), gather(
            arguments.data, plan.seed, emoji, arguments.share
        )
    known = arguments.start_tokenizer or checkpoint.pretrained_folder()
    model = checkpoint.start_from(arguments.start, known, arguments.tokenizer, dropout=0.1)

    def alarms(texts: Sequence[str]) -> Floats:
        rated = logits(model, TextEncoder(arguments.tokenizer, limit=128)(texts))
        return sigmoid(rated)

    return model, gather(arguments.data, plan.seed, emoji, arguments.share, alarms)


def known_emoji(tokenizer: Path) -> list[str]:
    """Give the emoji of a tokenizer's vocabulary, in its order."""
    vocabulary = Tokenizer.from_file(str(tokenizer / "tokenizer.json")).get_vocab()
    found = sorted((i, t) for t, i in vocabulary.items() if len(t) == 1 and ord(t) > 0x1F000)
    return [emoji for _, emoji in found]


def main() -> None:
    """Train, calibrate on the kept-back rows, write the checkpoint and the tokenizer's folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="holds train/ and chats/")
    parser.add_argument("--out", type=Path, default=checkpoint.CHECKPOINT)
    parser.add_argument("--tokenizer", type=Path, default=checkpoint.TOKENIZER)
    parser.add_argument("--start", type=Path, help="go on from this checkpoint, with emoji")
    parser.add_argument("--start-tokenizer", type=Path, help="its tokenizer, if not MiniLM's")
    parser.add_argument("--share", type=float, default=1.0, help="of the labelled rows to learn")
    parser.add_argument("--steps", type=int, default=2400, help="batches to learn from")
    parser.add_argument("--rate", type=float, default=2.5e-4, help="highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    head_rate = 4 * arguments.rate
    plan = Plan(arguments.steps, arguments.seed, arguments.rate, head_rate)
    model, rows = prepared(arguments, plan)
    fit(model, rows, plan, arguments.out, arguments.tokenizer)
    scores = dev_logits(model, rows.dev, arguments.tokenizer)
    log(f"dev, uncalibrated: {describe_logits(scores, rows.dev)}")
    written = [i for i, row in enumerate(rows.dev) if not row.source.endswith(" clause")]
    for line in calibrate(model, scores[written], [rows.dev[i] for i in written]):
        log(line)
    save(model, arguments.out, plan, plan.steps)
    log(f"wrote {arguments.out.name}, sha256 {checkpoint.sha256(arguments.out)}")


if __name__ == "__main__":
    main()
