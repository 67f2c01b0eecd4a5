"""What an admin asks for by words, whatever the platform."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from config.policies import preset
from handlers.settings import SettingsMenu
from tests.factories import NOOR
from tests.fakes.moderated_group import ModeratedGroup, moderated_group


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    async with moderated_group() as made:
        yield made


async def settings(group: ModeratedGroup, words: str) -> list[str]:
    """The keys of what is answered to `/settings` with these words."""
    menu = SettingsMenu(store=group.store, presets={"strict": preset("strict")}, now=group.now)
    answer = await menu.answer(group.community, words.split(), NOOR)
    return [each.key for each in answer.sentences]


@pytest.mark.parametrize(
    "words",
    [
        "label foo",
        "label",
        "label toxicity 0.5",
        "hide foo 0.5",
        "hide toxicity much",
        "hide toxicity",
        "preset foo",
        "mode foo",
        "foo",
    ],
)
async def test_words_that_are_no_setting_are_answered_so(group: ModeratedGroup, words: str) -> None:
    assert await settings(group, words) == ["settings.not_understood"]


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "0"])
async def test_a_threshold_that_cannot_be_is_refused(group: ModeratedGroup, value: str) -> None:
    assert await settings(group, f"hide toxicity {value}") == ["settings.impossible"]


async def test_a_label_is_shown_as_it_is_and_after_its_change(group: ModeratedGroup) -> None:
    shown = ["label.toxicity", "settings.label"]
    assert await settings(group, "label toxicity") == shown
    assert await settings(group, "hide toxicity 0.8") == shown
