"""What torch and Hugging Face's libraries look for once, when they are imported."""

from __future__ import annotations

import os


def prepare_libraries() -> None:
    """Set what they look for, unless the operator did. Call before importing any of them."""
    # While threads of torch wait for work they spin by default. With a second busy process on
    # the same cores that made a call thirty times slower than with one thread.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else it warns after a fork
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
