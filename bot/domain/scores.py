"""What a model says of a text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.errors import InvalidValue


class Label(StrEnum):
    """Detoxify's seven labels, under one name each whatever a checkpoint calls them."""

    TOXICITY = "toxicity"
    SEVERE_TOXICITY = "severe_toxicity"
    OBSCENE = "obscene"
    IDENTITY_ATTACK = "identity_attack"
    INSULT = "insult"
    THREAT = "threat"
    SEXUAL_EXPLICIT = "sexual_explicit"


@dataclass(frozen=True, slots=True)
class Scores:
    """One text's scores, each a probability from 0.0 to 1.0.

    A label that the model lacks is absent, never 0.
    complete: False when the text was too long to be scored whole; the rest then needs a human.

    Raises InvalidValue for NaN and for what lies outside 0..1.
    """

    by_label: Mapping[Label, float] = field(default_factory=dict)
    complete: bool = True

    def __post_init__(self) -> None:
        for label, score in self.by_label.items():
            if math.isnan(score) or not 0.0 <= score <= 1.0:
                raise InvalidValue(f"{label}: {score} is no score, need 0.0 to 1.0")

    def highest(self) -> tuple[Label, float] | None:
        """The label that stands out most; None where there is no score at all."""
        if not self.by_label:
            return None
        label = max(self.by_label, key=lambda each: self.by_label[each])
        return label, self.by_label[label]

    def merged(self, other: Scores) -> Scores:
        """The higher score a label of two readings of the same text (two windows, raw and folded).

        Source: DESIGN section 5, the label-wise maximum.
        """
        both = {**self.by_label}
        for label, score in other.by_label.items():
            both[label] = max(score, both.get(label, 0.0))
        return Scores(both, complete=self.complete and other.complete)
