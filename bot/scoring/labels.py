"""Detoxify's labels, by each name that a checkpoint may give them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.scores import Label

LABELS: Mapping[str, Label] = {
    **{label.value: label for label in Label},
    "toxic": Label.TOXICITY,
    "severe_toxic": Label.SEVERE_TOXICITY,
    "identity_hate": Label.IDENTITY_ATTACK,
    "sexually_explicit": Label.SEXUAL_EXPLICIT,
}
