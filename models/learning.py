"""Fit a model to lessons, on a CPU or a GPU; the same loop trains the teacher and `mini`."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn import functional

from .data import LABELS, UNKNOWN, Row, log
from .inference import Floats, batches
from .lessons import NONE, Lessons

CHUNK = 131_072
"""Texts that are shuffled together, sorted by length among themselves and cut into batches."""

Forward = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Token ids and attention mask, each texts x tokens, to logits, texts x labels."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What the rows should be rated; rows x labels each.

    rates: 0.0..1.0. weights: what they count, 0.0 where a rate means nothing.
    """

    rates: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    rate: the highest learning rate, of the last layer; a layer below it learns at `layer_decay`
    times that, and so on down; the head at `head_factor` times. tokens: of a batch, with padding.
    epochs: how often each text of the lessons is read; the last one may be a part.
    """

    epochs: float
    rate: float
    seed: int
    tokens: int
    layer_decay: float = 0.9
    head_factor: float = 4.0
    warmup: float = 0.05


def of_rows(rows: Sequence[Row], opinion_weight: float) -> Targets:
    """Take the labels of rows. opinion_weight: what a label strictly between 0 and 1 counts."""
    labels = np.array([row.labels for row in rows], dtype=np.float32)
    weights = np.array([[row.weight] for row in rows], dtype=np.float32)
    weights = np.where(labels == UNKNOWN, 0.0, weights).astype(np.float32)
    weights[(labels > 0) & (labels < 1)] *= opinion_weight
    return Targets(labels.clip(0, 1), weights)


class Desk:
    """Lessons and targets on the device, from which batches are taken without a detour.

    padding: the id that fills a batch up.
    """

    def __init__(
        self, lessons: Lessons, targets: Targets, padding: int, device: torch.device
    ) -> None:
        self._tokens = torch.from_numpy(lessons.tokens.astype(np.int32)).to(device)
        self._starts = torch.from_numpy(lessons.starts).to(device)
        self._rows = torch.from_numpy(lessons.rows).long().to(device)
        self._rates = torch.from_numpy(targets.rates).to(device)
        self._weights = torch.from_numpy(targets.weights).to(device)
        self._padding = padding
        self.lengths = np.diff(lessons.starts)

    def texts(self, places: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """Give ids and mask of some texts."""
        device = self._tokens.device
        chosen = torch.from_numpy(places).to(device)
        starts = self._starts[chosen, None]
        at = torch.arange(int(self.lengths[places].max()), device=device)[None, :]
        mask = at < self._starts[chosen + 1, None] - starts
        ids = self._tokens[(starts + at).clamp(max=len(self._tokens) - 1)].long()
        return ids.masked_fill(~mask, self._padding), mask.long()

    def targets(self, places: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """Give rates and weights of some texts.

        What holds several rows is rated as the highest of them, and counts as the least of them.
        """
        rows = self._rows[torch.from_numpy(places).to(self._rows.device)]
        none = (rows == NONE)[:, :, None]
        rows = rows.clamp(min=0)
        rates = self._rates[rows].masked_fill(none, 0.0).amax(dim=1)
        return rates, self._weights[rows].masked_fill(none, torch.inf).amin(dim=1)


def course(
    places: NDArray[np.int64], lengths: NDArray[np.int64], plan: Plan
) -> Iterator[tuple[float, NDArray[np.int64]]]:
    """Give every batch of the plan, with the share of the plan that is done before it."""
    rng = np.random.default_rng(plan.seed)
    shuffler = random.Random(plan.seed)
    in_all = round(plan.epochs * len(places))
    done = 0
    while done < in_all:
        order = rng.permutation(places)[: in_all - done]
        chunks = [order[at : at + CHUNK] for at in range(0, len(order), CHUNK)]
        groups = [group for chunk in chunks for group in batches(lengths, plan.tokens, chunk)]
        shuffler.shuffle(groups)
        for group in groups:
            yield done / in_all, group
            done += len(group)


def loss_of(out: torch.Tensor, rates: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Cross-entropy, the mean over what is known."""
    each = functional.binary_cross_entropy_with_logits(out, rates, reduction="none")
    return (each * weights).sum() / weights.sum().clamp(min=1.0)


def optimizer_of(model: nn.Module, layers: int, plan: Plan) -> torch.optim.AdamW:
    """AdamW whose rate falls from layer to layer towards the embeddings."""
    groups = []
    for name, parameter in model.named_parameters():
        depth = _depth(name, layers)
        factor = plan.head_factor if depth > layers else plan.layer_decay ** (layers - depth)
        decay = 0.01 if parameter.dim() > 1 else 0.0
        rate = plan.rate * factor
        groups.append({"params": [parameter], "lr": rate, "peak": rate, "weight_decay": decay})
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


def _depth(name: str, layers: int) -> int:
    if name.startswith("classifier"):
        return layers + 1
    if ".layer." in name:
        return int(name.split(".layer.")[1].split(".", maxsplit=1)[0]) + 1
    return layers if "pooler" in name else 0


def set_rate(optimizer: torch.optim.AdamW, progress: float, warmup: float) -> None:
    """One cycle: up in a straight line, then down along a cosine to 1 %."""
    if progress < warmup:
        factor = (progress + 1e-4) / warmup
    else:
        factor = 0.01 + 0.99 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor


def fit(
    model: nn.Module,
    forward: Forward,
    layers: int,
    desk: Desk,
    places: NDArray[np.int64],
    plan: Plan,
) -> None:
    """Train on the device on which the model lies. places: the texts to learn from."""
    device = next(model.parameters()).device
    optimizer = optimizer_of(model, layers, plan)
    tokens, began = 0, time.monotonic()
    # cuDNN plans its attention anew for every length that it meets, a quarter of a second each.
    torch.backends.cuda.enable_cudnn_sdp(False)
    model.train()
    for step, (progress, group) in enumerate(course(places, desk.lengths, plan), 1):
        ids, mask = desk.texts(group)
        rates, weights = desk.targets(group)
        set_rate(optimizer, progress, plan.warmup)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            scores = forward(ids, mask)
        loss = loss_of(scores.float(), rates, weights)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        tokens += ids.numel()
        if step % 200 == 0:
            speed = tokens / (time.monotonic() - began)
            log(f"step {step}, {progress:.1%}, loss {loss.item():.4f}, {speed:,.0f} tokens/s")


@torch.inference_mode()
def logits(model: nn.Module, forward: Forward, desk: Desk, tokens: int) -> Floats:
    """Score all texts of a desk; texts x labels, before the sigmoid. tokens: of a batch."""
    model.train(False)
    device = next(model.parameters()).device
    result = np.zeros((len(desk.lengths), len(LABELS)), dtype=np.float32)
    for places in batches(desk.lengths, tokens):
        ids, mask = desk.texts(places)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type != "cpu"):
            out = forward(ids, mask)
        result[places] = out.float().cpu().numpy()
    return result


def describe(scores: Floats, rows: Sequence[Row]) -> str:
    """Give the ROC-AUC of each label for scores already made."""
    labels = np.array([row.labels for row in rows])
    parts = []
    for column, label in enumerate(LABELS):
        known = labels[:, column] != UNKNOWN
        truth = labels[known, column] > 0.5
        if truth.any() and not truth.all():
            parts.append(f"{label} {roc_auc_score(truth, scores[known, column]):.4f}")
    return ", ".join(parts)
