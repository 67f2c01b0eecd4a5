"""Carry a teacher's opinions over to rows gathered anew; texts that it has not read have none.

python -m models.carry before.jsonl.gz 1.npy rows.jsonl.gz --out 1-carried.npy
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .data import LABELS, Row, log
from .gather import read
from .inference import Floats


def carried(before: Sequence[Row], opinions: Floats, rows: Sequence[Row]) -> Floats:
    """Give a teacher's logits for rows, rows x labels; NaN for a text that it has not read."""
    place = {row.text: number for number, row in enumerate(before)}
    found = np.array([place.get(row.text, -1) for row in rows])
    none = np.full(len(LABELS), np.nan, dtype=opinions.dtype)
    return np.where(found[:, None] < 0, none, opinions[found])


def main() -> None:
    """Write the opinions of the rows to learn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("before", type=Path, help="the rows that the teacher gave an opinion of")
    parser.add_argument("opinions", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    before, rows = read(arguments.before).train, read(arguments.rows).train
    result = carried(before, np.load(arguments.opinions)[: len(before)], rows)
    np.save(arguments.out, result)
    log(f"{np.isnan(result[:, 0]).sum()} of {len(rows)} rows are without an opinion")


if __name__ == "__main__":
    main()
