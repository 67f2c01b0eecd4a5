"""Buttons that work after a restart: what they stand for is in their id, and looked up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol, Self

import discord
from discord import ButtonStyle, Interaction, ui

from bot.adapters import card_words
from bot.adapters.discord.words import Words
from bot.domain.cards import Card, Press
from bot.domain.desk import Answer, Choice

CARD, MENU, REASON, REPORT = "aman:card:", "aman:menu:", "aman:reason:", "aman:report:"
MOST_REASON = 400
MOST_LABEL = 80
A_ROW = 5

_STYLES = {
    Press.RESTORE: ButtonStyle.success,
    Press.BAN: ButtonStyle.danger,
    Press.CONFIRM_BAN: ButtonStyle.danger,
}
GIVES_REASON = frozenset({Press.WARN, Press.MUTE, Press.KICK, Press.CONFIRM_BAN})
"""Presses that ask for a reason before they count: what is done to somebody should have one."""

_WITH_REASON = "r"
_AT_ONCE = "c"


class Pressed(Protocol):
    """Who takes presses."""

    async def card_pressed(self, interaction: Interaction[Any], button_id: str) -> None:
        """Take a press of a card's button."""
        ...

    async def reason_wanted(self, interaction: Interaction[Any], button_id: str) -> None:
        """Take a press that counts only once its reason is given."""
        ...

    async def menu_pressed(self, interaction: Interaction[Any], command: str) -> None:
        """Take a press of a menu's button."""
        ...


def items(pressed: Pressed) -> tuple[type[ui.DynamicItem[Any]], ...]:
    """The kinds of buttons, to be known by a connection. pressed: who takes their presses."""

    class CardButton(
        ui.DynamicItem[ui.Button[Any]],
        template=rf"{CARD}([{_WITH_REASON}{_AT_ONCE}]):([\w-]{{1,64}})",
    ):
        """A button of a card."""

        def __init__(self, how: str, button_id: str) -> None:
            super().__init__(ui.Button(custom_id=f"{CARD}{how}:{button_id}"))
            self.how, self.button_id = how, button_id

        @classmethod
        async def from_custom_id(
            cls, interaction: Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(match[1], match[2])

        async def callback(self, interaction: Interaction[Any]) -> None:
            if self.how == _WITH_REASON:
                await pressed.reason_wanted(interaction, self.button_id)
            else:
                await pressed.card_pressed(interaction, self.button_id)

    class MenuButton(ui.DynamicItem[ui.Button[Any]], template=rf"{MENU}(.{{1,80}})"):
        """A button under an answer."""

        def __init__(self, command: str) -> None:
            super().__init__(ui.Button(custom_id=f"{MENU}{command}"))
            self.command = command

        @classmethod
        async def from_custom_id(
            cls, interaction: Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(match[1])

        async def callback(self, interaction: Interaction[Any]) -> None:
            await pressed.menu_pressed(interaction, self.command)

    return CardButton, MenuButton


def card_view(card: Card, words: Words) -> ui.View:
    """A card's buttons, the mildest first."""
    view = ui.View(timeout=None)
    for number, button in enumerate(card.buttons):
        how = _WITH_REASON if button.press in GIVES_REASON else _AT_ONCE
        view.add_item(
            ui.Button(
                style=_STYLES.get(button.press, ButtonStyle.secondary),
                label=card_words.label(button, card.case, words.say)[:MOST_LABEL],
                custom_id=f"{CARD}{how}:{button.id}",
                row=number // A_ROW,
            )
        )
    return _drawn_only(view)


def menu_view(answer: Answer, words: Words, invitation: str) -> ui.View | None:
    """An answer's choices as buttons; None where it has none."""
    if not answer.choices:
        return None
    view = ui.View(timeout=None)
    for row, choices in enumerate(_rows(answer.choices)):
        for choice in choices:
            view.add_item(_choice(choice, row, words, invitation))
    return _drawn_only(view)


def reason_modal(button_id: str, words: Words) -> ui.Modal:
    """Asks a reviewer for a reason. What is answered comes back as an interaction of its own,
    after a restart as well."""
    return _modal(f"{REASON}{button_id}", "discord.reason", words)


def report_modal(message_id: int, words: Words) -> ui.Modal:
    """Asks a member why they report a message."""
    return _modal(f"{REPORT}{message_id}", "discord.report", words)


def _modal(custom_id: str, key: str, words: Words) -> ui.Modal:
    modal = ui.Modal(title=words.say(f"{key}_title")[:45], custom_id=custom_id, timeout=900)
    modal.add_item(
        ui.TextInput(
            label=words.say(f"{key}_label")[:45],
            style=discord.TextStyle.paragraph,
            custom_id="why",
            required=False,
            max_length=MOST_REASON,
        )
    )
    modal.stop()  # as with views: nothing of it need be remembered
    return modal


def _choice(choice: Choice, row: int, words: Words, invitation: str) -> ui.Button[Any]:
    label = words.said(choice.label)[:MOST_LABEL]
    if choice.elsewhere:
        return ui.Button(label=label, url=invitation, row=row)
    return ui.Button(
        style=ButtonStyle.primary if choice.chosen else ButtonStyle.secondary,
        label=label,
        custom_id=f"{MENU}{choice.name} {choice.argument}".strip(),
        row=row,
    )


def _rows(choices: Sequence[Sequence[Choice]]) -> list[list[Choice]]:
    """The rows, as many as Discord takes: what is too much for one goes on in the next."""
    split = [list(row[n : n + A_ROW]) for row in choices for n in range(0, len(row), A_ROW)]
    if len(split) <= 5:
        return split
    flat = [choice for row in split for choice in row][: 5 * A_ROW]
    return [flat[n : n + A_ROW] for n in range(0, len(flat), A_ROW)]


def _drawn_only(view: ui.View) -> ui.View:
    """The client need not remember the view: its buttons are known by their ids."""
    view.stop()
    return view
