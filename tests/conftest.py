"""What every test may rely on."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A loaded machine is no fault of the code; what must be quick is measured under bench/.
settings.register_profile("aman", deadline=None)
settings.load_profile("aman")


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A test that sets the logs up leaves a handler that writes where nobody reads any more."""
    root = logging.getLogger()
    before = root.handlers[:]
    yield
    root.handlers[:] = before
