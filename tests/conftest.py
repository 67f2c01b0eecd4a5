"""What every test may rely on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import uvloop
from hypothesis import settings

from bot.scoring.conversion import converted
from tests.factories.languages import share_languages

# A loaded machine is no fault of the code; what must be quick is measured under bench/.
settings.register_profile("aman", deadline=None)
settings.load_profile("aman")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run on the loop that the bot runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A test that sets the logs up leaves a handler that writes where nobody reads any more."""
    root = logging.getLogger()
    before = root.handlers[:]
    yield
    root.handlers[:] = before


@pytest.fixture(scope="session", autouse=True)
def language_tables(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Unpacked by the first bot that looks for them, and there for all that follow."""
    share_languages(tmp_path_factory.mktemp("languages"))


@pytest.fixture(scope="session")
def converted_models(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The `models` folder of a data folder, with `mini` converted for the fast engine: link it
    into another data folder, whose first start then takes no minute."""
    own = tmp_path_factory.getbasetemp()
    # One for all workers: whoever comes first converts, and the others wait for it.
    data = (own if worker_id == "master" else own.parent) / "converted"
    converted("mini", data, None)
    return data / "models"
