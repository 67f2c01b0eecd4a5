"""What the libraries that run models look for once, when they are imported."""

from __future__ import annotations

import os
import sys
from typing import Any


def prepare_libraries() -> None:
    """Set what they look for, unless the operator did. Call before importing any of them."""
    # While threads of torch wait for work they spin by default. With a second busy process on
    # the same cores that made a call thirty times slower than with one thread.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else it warns after a fork
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def import_openvino() -> Any:
    """The `openvino` module; import it by no other way.

    It reports each import and conversion to its makers, unasked, unless its telemetry module is
    not there.
    """
    prepare_libraries()
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


def cores() -> int:
    """How many cores this process may use: as many threads compute."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
