"""What a test needs and a machine may lack."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


def require(what: object, reason: str) -> None:
    """Skip the test where something is lacking; fail it where AMAN_REQUIRE_ALL=1 says it must not.

    what: a path that has to be there, or a condition that has to hold.
    """
    if what.exists() if isinstance(what, Path) else what:
        return
    if os.environ.get("AMAN_REQUIRE_ALL") == "1":
        pytest.fail(f"required here: {reason}")
    pytest.skip(reason)


def shared_data() -> Path:
    """The folder of labelled text and real chats, AMAN_SHARED_DATA or ../shared/data."""
    return Path(os.environ.get("AMAN_SHARED_DATA") or _ROOT.parent / "shared" / "data")
