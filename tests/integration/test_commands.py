"""What an admin asks for by words, whatever the platform, and who is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.domain.cards import Press
from bot.domain.desk import Command, CommandName
from bot.domain.messages import Person, Place
from config.policies import preset
from handlers.community import bind_community
from handlers.settings import SettingsMenu
from tests.factories import LOBBY, NOOR, NOW, REVIEW, SAM
from tests.fakes.moderated_group import ModeratedGroup, NotingAdapter, commands_of, moderated_group

GARDEN = Place("playground", "garden")
FAR_REVIEW = Place("far", "server", "mods")


@dataclass
class Admins(NotingAdapter):
    """An adapter that knows who is an admin where, and that everybody reviews."""

    admins: set[tuple[str, Place]] = field(default_factory=set)

    async def may_administer(self, person: Person, group: Place) -> bool:
        return (person.id, group) in self.admins

    async def may_review(self, person: Person, channel: Place) -> bool:
        return True


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


async def test_the_menu_says_what_its_rules_would_make_of_recent_cases(
    group: ModeratedGroup,
) -> None:
    await group.says("you idiot", id="m1")
    await group.act()
    await group.press(Press.RESTORE)
    await group.says("another idiot", id="m2")
    await group.says("you are silly", id="m3")
    assert await tried(group, "") == {"cases": "3", "hidden": "2", "restored": "1", "review": "1"}
    changed = {"cases": "3", "hidden": "0", "restored": "0", "review": "3"}
    assert await tried(group, "hide toxicity 1.0") == changed
    assert await tried(group, "label toxicity") == changed
    group.later(timedelta(days=8))
    assert "settings.tried" not in await settings(group, "")


async def tried(group: ModeratedGroup, words: str) -> dict[str, str]:
    """What `/settings` with these words says of recent cases."""
    menu = SettingsMenu(store=group.store, presets={"strict": preset("strict")}, now=group.now)
    answer = await menu.answer(group.community, words.split(), NOOR)
    [said] = [dict(each.fields) for each in answer.sentences if each.key == "settings.tried"]
    return {name: value for name, value in said.items() if name != "days"}


@pytest.mark.parametrize("name", [CommandName.SETTINGS, CommandName.STATS])
@pytest.mark.parametrize(
    ("admin_of", "where", "taken"),
    [
        (LOBBY, LOBBY, True),
        (LOBBY, REVIEW, True),
        (GARDEN, LOBBY, False),
        (GARDEN, REVIEW, True),
        (REVIEW, REVIEW, False),
        (REVIEW, LOBBY, False),
    ],
)
async def test_an_admin_is_one_of_what_is_moderated_wherever_they_ask(
    group: ModeratedGroup, name: CommandName, admin_of: Place, where: Place, taken: bool
) -> None:
    async with group.store.transaction() as tx:
        await bind_community(tx, group.community, "test", lambda: NOW, groups=[GARDEN])
    commands = commands_of(group, Admins(admins={(SAM.id, admin_of)}))
    reviews = name is CommandName.STATS and where == REVIEW
    answer = await commands.command(Command(name, "", SAM, where))
    assert answer.accepted is (taken or reviews)


async def test_an_admin_of_a_review_channel_on_another_platform_changes_no_policy(
    group: ModeratedGroup,
) -> None:
    async with group.store.transaction() as tx:
        await bind_community(tx, group.community, "test", lambda: NOW, reviews=[FAR_REVIEW])
    lee = Person("far", "lee", "Lee")
    commands = commands_of(group, Admins(admins={(lee.id, FAR_REVIEW), (lee.id, LOBBY)}))
    answer = await commands.command(Command(CommandName.SETTINGS, "", lee, FAR_REVIEW))
    assert [each.key for each in answer.sentences] == ["command.admins_only"]
