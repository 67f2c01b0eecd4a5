"""A third platform is one new folder under `bot/adapters` and its account in the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import bot.adapters
from bot.adapters.platform import folder
from bot.app import platform_problems, running
from bot.clock import utc_now
from bot.domain.effects import EffectKind
from bot.storage import SqlStore, upgrade
from config.policies import preset
from config.roles import Role
from config.settings import Account, Settings
from handlers.community import bind_community, create_community
from tests.factories.languages import with_languages
from tests.fakes import platforms
from tests.fakes.redis_server import eventually
from tests.fakes.words_engine import open_words_scorer


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(bot.adapters, "__path__", [*bot.adapters.__path__, *platforms.__path__])
    accounts = {"parrot": Account("idiot", "https://parrot.example")}
    monkeypatch.setattr(Settings, "accounts", property(lambda _: accounts))
    return Settings(_env_file=None, AMAN_DATA_DIR=with_languages(tmp_path), port=0)


async def test_a_folder_is_all_that_a_platform_takes(settings: Settings) -> None:
    parrot: Any = folder("parrot")
    await upgrade(settings.database)
    store = await SqlStore.open(settings.database)
    try:
        async with store.transaction() as tx:
            community = await create_community(tx, "birds", preset("balanced"), "test", utc_now)
            cage, keepers = parrot.CAGE, parrot.KEEPERS
            await bind_community(tx, community, "test", utc_now, groups=[cage], reviews=[keepers])
        async with running(settings, Role.ALL, lambda _: None, scorer=open_words_scorer):
            await eventually(lambda: len(parrot.done) >= 2)
        assert {order.effect.kind for order in parrot.done} >= {EffectKind.HIDE, EffectKind.CARD}
        assert await platform_problems(settings, store) == ["the parrot only says idiot"]
    finally:
        await store.close()
