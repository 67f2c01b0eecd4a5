"""The commands as Discord shows them: `/aman …`, and two in a message's menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import Interaction, app_commands
from discord.app_commands import AppCommandChannel, Choice, locale_str

from bot.adapters.discord.talking import Talk
from bot.adapters.discord.words import Words
from bot.domain.desk import CommandName

NAME = "aman"
MOST_TYPED = 1_000


class Translations(app_commands.Translator):
    """The commands' words in the languages of those who look at them.

    words: by Discord's name of a language, such as "de"; what it lacks is shown as it stands.
    """

    def __init__(self, words: Mapping[str, Words]) -> None:
        self._words = words

    async def translate(
        self,
        string: locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The text in a language; None where it has no other words for it."""
        words, key = self._words.get(locale.value), string.extras.get("key")
        if words is None or key is None:
            return None
        said = words.say(key)
        return said if said not in (key, string.message) else None


def add_commands(tree: app_commands.CommandTree[Any], talk: Talk) -> None:
    """Everything that can be asked, into a connection's tree."""
    words = talk.words
    group = app_commands.Group(name=NAME, description=_text(words, "command_aman"), guild_only=True)
    for command in (
        _setup(talk, words),
        _settings(talk, words),
        _report(talk, words),
        _score(talk, words),
        _doctor(talk, words),
        _stats(talk, words),
        _cases(talk, words),
    ):
        group.add_command(command)
    tree.add_command(group)
    for menu in (_report_menu(talk, words), _score_menu(talk, words)):
        tree.add_command(app_commands.guild_only(menu))


def _text(words: Words, name: str) -> locale_str:
    key = f"discord.{name}"
    return locale_str(words.say(key), key=key)


def _setup(talk: Talk, words: Words) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(review=_text(words, "option_review"), code=_text(words, "option_code"))
    async def setup(
        interaction: Interaction[Any], review: AppCommandChannel | None = None, code: str = ""
    ) -> None:
        await talk.set_up(interaction, review, code)

    return app_commands.Command(
        name="setup", description=_text(words, "command_setup"), callback=setup
    )


def _settings(talk: Talk, words: Words) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(change=_text(words, "option_change"))
    async def settings(interaction: Interaction[Any], change: str = "") -> None:
        await talk.command(interaction, CommandName.SETTINGS, change)

    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="settings", description=_text(words, "command_settings"), callback=settings
    )

    @command.autocomplete("change")
    async def choices(interaction: Interaction[Any], typed: str) -> list[Choice[str]]:
        return await talk.settings_offered(interaction, typed)

    return command


def _report(talk: Talk, words: Words) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(
        message=_text(words, "option_message"), reason=_text(words, "option_reason")
    )
    async def report(interaction: Interaction[Any], message: str, reason: str = "") -> None:
        await talk.report(interaction, message, reason[:MOST_TYPED])

    return app_commands.Command(
        name="report", description=_text(words, "command_report"), callback=report
    )


def _score(talk: Talk, words: Words) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(text=_text(words, "option_text"))
    async def score(interaction: Interaction[Any], text: str) -> None:
        await talk.command(interaction, CommandName.SCORE, text)

    return app_commands.Command(
        name="score", description=_text(words, "command_score"), callback=score
    )


def _doctor(talk: Talk, words: Words) -> app_commands.Command[Any, ..., None]:
    async def doctor(interaction: Interaction[Any]) -> None:
        await talk.doctor(interaction)

    return app_commands.Command(
        name="doctor", description=_text(words, "command_doctor"), callback=doctor
    )


def _stats(talk: Talk, words: Words) -> app_commands.Command[Any, ..., None]:
    async def stats(interaction: Interaction[Any]) -> None:
        await talk.command(interaction, CommandName.STATS)

    return app_commands.Command(
        name="stats", description=_text(words, "command_stats"), callback=stats
    )


def _cases(talk: Talk, words: Words) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(number=_text(words, "option_number"))
    async def cases(interaction: Interaction[Any], number: str = "") -> None:
        await talk.command(interaction, CommandName.CASES, number)

    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="cases", description=_text(words, "command_cases"), callback=cases
    )

    @command.autocomplete("number")
    async def choices(interaction: Interaction[Any], typed: str) -> list[Choice[str]]:
        return await talk.offered(interaction, CommandName.CASES, "", typed)

    return command


def _report_menu(talk: Talk, words: Words) -> app_commands.ContextMenu:
    async def report(interaction: Interaction[Any], message: discord.Message) -> None:
        await talk.ask_why(interaction, message)

    return app_commands.ContextMenu(name=_text(words, "menu_report"), callback=report)


def _score_menu(talk: Talk, words: Words) -> app_commands.ContextMenu:
    async def score(interaction: Interaction[Any], message: discord.Message) -> None:
        await talk.score(interaction, message)

    return app_commands.ContextMenu(name=_text(words, "menu_score"), callback=score)
