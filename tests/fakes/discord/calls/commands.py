"""Application commands, checked as they are registered.

https://discord.com/developers/docs/interactions/application-commands
"""

from __future__ import annotations

import re
import unicodedata

from ..errors import ApiError, missing_access, unknown, wrong
from .call import Call, Json, route

_CHAT_INPUT, _USER, _MESSAGE = 1, 2, 3
_MOST = {_CHAT_INPUT: 100, _USER: 15, _MESSAGE: 15}
_SUB_COMMAND, _SUB_GROUP, _STRING, _INTEGER, _NUMBER = 1, 2, 3, 4, 10
_MOST_OPTIONS, _MOST_CHOICES, _MOST_TEXT = 25, 25, 8000
_LOCALES = re.compile(
    "id|da|de|en-(GB|US)|es-(ES|419)|fr|hr|it|lt|hu|nl|no|pl|pt-BR|ro|fi|sv-SE|vi|tr|cs|el|bg|ru|uk"
    "|hi|th|zh-(CN|TW)|ja|ko"
)
_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


@route("PUT", _GLOBAL, body="[Command]")
def overwrite_global(call: Call) -> list[Json]:
    """Replace all global commands."""
    return _overwrite(call, None)


@route("PUT", _GUILD, body="[Command]")
def overwrite_guild(call: Call) -> list[Json]:
    """Replace all commands of a guild."""
    return _overwrite(call, call.guild().id)


@route("GET", _GLOBAL, query="GetCommands")
def get_global(call: Call) -> list[Json]:
    """All global commands."""
    return _commands(call, None)


@route("GET", _GUILD, query="GetCommands")
def get_guild_commands(call: Call) -> list[Json]:
    """All commands of a guild."""
    return _commands(call, call.guild().id)


@route("POST", _GLOBAL, body="Command", status=201)
def add_global(call: Call) -> Json:
    """Add one global command, or replace that of the name."""
    return _add(call, None)


@route("POST", _GUILD, body="Command", status=201)
def add_guild(call: Call) -> Json:
    """Add one command of a guild, or replace that of the name."""
    return _add(call, call.guild().id)


@route("DELETE", _GLOBAL + "/{command_id}")
def delete_global(call: Call) -> None:
    """Remove one global command."""
    commands = _commands(call, None)
    found = [command for command in commands if command["id"] == str(call.id("command_id"))]
    if not found:
        raise unknown("application command")
    commands.remove(found[0])


def _commands(call: Call, guild_id: int | None) -> list[Json]:
    if call.id("application_id") != call.bot.id:
        raise missing_access()
    return call.bot.commands.setdefault(guild_id, [])


def _overwrite(call: Call, guild_id: int | None) -> list[Json]:
    commands = _commands(call, guild_id)
    given = call.body
    for kind, most in _MOST.items():
        if sum((command.get("type") or _CHAT_INPUT) == kind for command in given) > most:
            sentence = f"Maximum number of application commands reached ({most})."
            raise ApiError(400, 30032, sentence)
    names = [(command.get("type") or _CHAT_INPUT, command["name"]) for command in given]
    for number, name in enumerate(names):
        if name in names[:number]:
            sentence = "Application command names must be unique"
            code = "APPLICATION_COMMANDS_DUPLICATE_NAME"
            raise wrong(f"{number}.name", code, sentence)
    known = {(each["type"], each["name"]): each["id"] for each in commands}
    made = []
    for number, command in enumerate(given):
        _check(command, str(number))
        made.append(_registered(call, guild_id, command, known.get(names[number])))
    commands[:] = made
    return commands


def _add(call: Call, guild_id: int | None) -> Json:
    commands = _commands(call, guild_id)
    _check(call.body, "")
    kind = call.body.get("type") or _CHAT_INPUT
    same = [c for c in commands if (c["type"], c["name"]) == (kind, call.body["name"])]
    made = _registered(call, guild_id, call.body, same[0]["id"] if same else None)
    commands[:] = [command for command in commands if command not in same] + [made]
    return made


def _registered(call: Call, guild_id: int | None, command: Json, known: str | None) -> Json:
    needs = command.get("default_member_permissions")
    given = {name: value for name, value in command.items() if value is not None}
    return {
        "description": "",
        "options": [],
        "contexts": [0, 1, 2],
        "integration_types": [0, 1],  # as a new application is set up: servers, and people
        "nsfw": False,
        "dm_permission": True,
        **given,
        "id": known or str(call.world.ids.next()),
        "application_id": str(call.bot.id),
        "version": str(call.world.ids.next()),
        "type": command.get("type") or _CHAT_INPUT,
        "default_member_permissions": None if needs is None else str(needs),
        **({} if guild_id is None else {"guild_id": str(guild_id)}),
    }


def _check(command: Json, at: str) -> None:
    kind = command.get("type") or _CHAT_INPUT
    if kind not in _MOST:
        raise wrong(_join(at, "type"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}.")
    if kind == _CHAT_INPUT:
        _check_name(command, at)
        if not 1 <= len(command.get("description") or "") <= 100:
            sentence = "Must be between 1 and 100 in length."
            raise wrong(_join(at, "description"), "BASE_TYPE_BAD_LENGTH", sentence)
        _check_options(command.get("options") or [], _join(at, "options"), depth=0)
    elif command.get("description") or command.get("options"):
        sentence = "Context menu commands cannot have description"
        code = "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID"
        raise wrong(_join(at, "description"), code, sentence)
    _check_locales(command, at)
    if _weight(command) > _MOST_TEXT:
        sentence = "Command exceeds maximum size (8000)"
        raise wrong(at or "name", "APPLICATION_COMMAND_TOO_LARGE", sentence)


def _check_name(named: Json, at: str) -> None:
    r"""Names are `^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$` in lower case."""
    name = named["name"]
    legal = all(c in "-_'" or unicodedata.category(c)[0] in "LNM" for c in name)
    if not legal or name != name.lower():
        sentence = "Command name is invalid"
        raise wrong(_join(at, "name"), "APPLICATION_COMMAND_INVALID_NAME", sentence)


def _check_locales(named: Json, at: str) -> None:
    for field, most in (("name_localizations", 32), ("description_localizations", 100)):
        for locale, text in (named.get(field) or {}).items():
            where = _join(at, f"{field}.{locale}")
            if not _LOCALES.fullmatch(locale):
                raise wrong(where, "ENUM_TYPE_COERCE", f"Unknown locale {locale!r}")
            if not 1 <= len(text) <= most:
                sentence = f"Must be between 1 and {most} in length."
                raise wrong(where, "BASE_TYPE_BAD_LENGTH", sentence)


def _check_options(options: list[Json], at: str, *, depth: int) -> None:
    if len(options) > _MOST_OPTIONS:
        raise wrong(at, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    nested = [option["type"] in {_SUB_COMMAND, _SUB_GROUP} for option in options]
    if any(nested) and not all(nested):
        sentence = "Sub-commands and other options cannot be mixed"
        raise wrong(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", sentence)
    optional_seen = False
    for number, option in enumerate(options):
        where = f"{at}.{number}"
        _check_name(option, where)
        _check_locales(option, where)
        if option["name"] in [other["name"] for other in options[:number]]:
            sentence = "Option names must be unique"
            raise wrong(where, "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", sentence)
        if option.get("required") and optional_seen:
            sentence = "Required options must be placed before non-required options"
            raise wrong(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", sentence)
        optional_seen = optional_seen or not option.get("required")
        _check_option(option, where, depth)


def _check_option(option: Json, at: str, depth: int) -> None:
    kind = option["type"]
    if kind not in range(1, 12) or (kind in {_SUB_COMMAND, _SUB_GROUP} and kind <= depth == 2):
        raise wrong(f"{at}.type", "BASE_TYPE_CHOICES", "Not an option at this place.")
    if kind in {_SUB_COMMAND, _SUB_GROUP}:
        if depth and kind == _SUB_GROUP:
            raise wrong(f"{at}.type", "BASE_TYPE_CHOICES", "Groups do not hold groups.")
        _check_options(option.get("options") or [], f"{at}.options", depth=depth + 1)
        return
    choices = option.get("choices") or []
    if len(choices) > _MOST_CHOICES:
        raise wrong(f"{at}.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    typed = kind in {_STRING, _INTEGER, _NUMBER}
    if (choices or option.get("autocomplete")) and not typed:
        sentence = "Only strings and numbers have choices"
        raise wrong(f"{at}.choices", "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", sentence)
    if choices and option.get("autocomplete"):
        sentence = "Choices and autocomplete exclude each other"
        raise wrong(f"{at}.autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", sentence)


def _weight(named: Json) -> int:
    """Characters of names, descriptions and values; of translations the longest counts."""
    total = 0
    for field in ("name", "description"):
        translations = (named.get(f"{field}_localizations") or {}).values()
        total += max(len(text) for text in [named.get(field) or "", *translations])
    for choice in named.get("choices") or []:
        total += len(choice["name"]) + len(str(choice["value"]))
    return total + sum(_weight(option) for option in named.get("options") or [])


def _join(at: str, field: str) -> str:
    return f"{at}.{field}" if at else field
