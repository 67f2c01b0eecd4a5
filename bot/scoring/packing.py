"""Several texts in one row of tokens, so that nothing is padding.

Every token says which text it belongs to, and sees only tokens of that text; each text counts
its positions from its own start. So a text's scores are those that it has alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Packed: TypeAlias = tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]
]
"""Token, position in its text and number of its text, for each place; and where texts start."""

ROUNDED_TO = 8
"""Rows are filled up to multiples of this: OpenVINO makes code for each length that it meets,
and eight tokens take as long as five."""

_NOBODY = -1


def pack(rows: Sequence[Sequence[int]]) -> Packed:
    """Put the tokens of texts, none of them empty, one after the other."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    used = int(lengths.sum())
    tokens, positions, owners = np.zeros((3, -(-used // ROUNDED_TO) * ROUNDED_TO), dtype=np.int64)
    tokens[:used] = np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])
    positions[:used] = np.arange(used) - np.repeat(starts, lengths)
    owners[:used] = np.repeat(np.arange(len(rows)), lengths)
    owners[used:] = _NOBODY
    return tokens, positions, owners, starts
