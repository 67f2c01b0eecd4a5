"""Make scores mean what they say, and fold that into the last layer.

`sigmoid(a * logit + b)` is fitted per label on kept-back rows; `a` and `b` go into the classifier's
weights and bias, so whatever serves the checkpoint gives calibrated scores at no cost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from transformers import BertForSequenceClassification

from .data import LABELS, UNKNOWN, Row
from .inference import Floats

MIN_POSITIVES = 15
"""Fewer kept-back positives than this say too little; the label then keeps its own logit."""


def fit_label(logit: Floats, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Fit scale and shift of one label's logit. The scale stays positive, so no rank changes."""
    if truth.sum() < MIN_POSITIVES or truth.all():
        return 1.0, 0.0
    model = LogisticRegression(C=1e3).fit(logit.reshape(-1, 1), truth)
    scale, shift = float(model.coef_[0, 0]), float(model.intercept_[0])
    return (scale, shift) if scale > 0 else (1.0, 0.0)


def calibrate(
    model: BertForSequenceClassification, scores: Floats, rows: Sequence[Row]
) -> list[str]:
    """Fold the fit for `scores` (logits of `rows`) into the model. Returns what was done."""
    labels = np.array([row.labels for row in rows])
    said = []
    with torch.no_grad():
        for column, label in enumerate(LABELS):
            known = labels[:, column] != UNKNOWN
            scale, shift = fit_label(scores[known, column], labels[known, column] > 0.5)
            model.classifier.weight[column] *= scale
            model.classifier.bias[column] = model.classifier.bias[column] * scale + shift
            said.append(f"calibrated {label}: scale {scale:.3f}, shift {shift:.3f}")
    return said


def expected_error(score: Floats, truth: NDArray[np.bool_], bins: int = 15) -> float:
    """Give the expected calibration error: mean |score - observed share| over equal-width bins."""
    place = np.minimum((score * bins).astype(int), bins - 1)
    total = 0.0
    for at in range(bins):
        inside = place == at
        if inside.any():
            total += inside.mean() * abs(float(score[inside].mean()) - float(truth[inside].mean()))
    return float(total)
