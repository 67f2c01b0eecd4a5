"""Benchmarks: `python -m bench NAME …`, or all that need no labelled data, one after the other.

`make bench BENCH_ARGS="scoring --model bert-base"` is the same.
"""

from __future__ import annotations

import runpy
import sys

ALONE = ("scoring", "flow")
NAMES = (*ALONE, "evasion", "quality")


def main() -> None:
    """Run the benchmark that is named first, with the rest of the arguments."""
    name, *rest = sys.argv[1:] or ("",)
    if name and name not in NAMES:
        sys.exit(f"bench: need one of {', '.join(NAMES)}")
    for each in (name,) if name else ALONE:
        sys.argv = [f"bench {each}", *rest]
        runpy.run_module(f"bench.{each}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
