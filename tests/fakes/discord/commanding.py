"""Commands as a person's client offers, fills in and sends them."""

from __future__ import annotations

from typing import Any

from .accounts import Application, User
from .channels import Channel
from .errors import CannotHappen
from .guilds import Member
from .permissions import Permission, in_channel
from .world import World

Json = dict[str, Any]
CHAT_INPUT, MESSAGE = 1, 3
_SUB_COMMAND, _SUB_GROUP = 1, 2
_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _NUMBER = 3, 4, 5, 6, 7, 8, 10
_PYTHON: dict[int, type | tuple[type, ...]] = {
    _STRING: str,
    _INTEGER: int,
    _BOOLEAN: bool,
    _NUMBER: (int, float),
}
_IN_GUILD, _IN_DIRECT = 0, 1


def offered(
    world: World, user: User, channel: Channel, kind: int
) -> list[tuple[Application, Json]]:
    """The commands that a person is offered in a channel, with their bots."""
    guild = channel.guild
    if guild is None:
        bots = [channel.bot] if channel.bot else []
    else:
        bots = [bot for bot in world.bots.values() if bot.id in guild.members]
    context = _IN_DIRECT if guild is None else _IN_GUILD
    found = []
    for bot in bots:
        local = bot.commands.get(guild.id, []) if guild else []
        for command in local + bot.commands.get(None, []):
            fits = command["type"] == kind and context in command["contexts"]
            if fits and _may_use(command, user, channel, world.now()):
                found.append((bot, command))
    return found


def _may_use(command: Json, user: User, channel: Channel, now: float) -> bool:
    """Whether the member holds what the command asks for by default; "0" leaves administrators."""
    needs = command["default_member_permissions"]
    if channel.guild is None:
        return True
    held = in_channel(channel, channel.guild.members[user.id], now)
    if not held & Permission.use_application_commands:
        return False
    if needs is None or held & Permission.administrator:
        return True
    return needs != "0" and held & int(needs) == int(needs)


def find(
    world: World, user: User, channel: Channel, kind: int, name: str
) -> tuple[Application, Json]:
    """The command of that name, which must be offered to the person here."""
    commands = offered(world, user, channel, kind)
    for bot, command in commands:
        if command["name"] == name:
            return bot, command
    names = ", ".join(command["name"] for _, command in commands) or "none"
    raise CannotHappen(f"{user.name} is offered no command {name!r} here, only {names}")


def filled_in(
    command: Json,
    words: list[str],
    values: dict[str, Any],
    member: Member | None,
    *,
    focused: str | None = None,
) -> Json:
    """An invocation's data: `words` name the sub-command, `values` its options.

    `member` is who fills it in, unless in private. `focused` is the option that is being written,
    for autocompletion: then others may be missing.
    """
    options, names = command["options"], []
    kinds = []
    for word in words:
        found = [o for o in options if o["name"] == word and o["type"] <= _SUB_GROUP]
        if not found:
            raise CannotHappen(f"/{command['name']} has no sub-command {word!r}")
        names.append(word)
        kinds.append(found[0]["type"])
        options = found[0].get("options") or []
    if any(option["type"] <= _SUB_GROUP for option in options):
        raise CannotHappen(f"/{command['name']} takes one of its sub-commands")
    resolved: Json = {}
    given = _given(options, values, focused)
    _resolve(options, values, member, resolved)
    for word, kind in zip(reversed(names), reversed(kinds), strict=True):
        given = [{"name": word, "type": kind, "options": given}]
    data = {**_named(command), "options": given}
    return {**data, "resolved": resolved} if resolved else data


def about(command: Json, target: int, resolved: Json) -> Json:
    """The data of a context menu's command."""
    return {**_named(command), "target_id": str(target), "resolved": resolved}


def _named(command: Json) -> Json:
    data = {"id": command["id"], "name": command["name"], "type": command["type"]}
    return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})


def _given(options: list[Json], values: dict[str, Any], focused: str | None) -> list[Json]:
    known = {option["name"]: option for option in options}
    if strangers := values.keys() - known.keys():
        raise CannotHappen(f"the command has no option {', '.join(sorted(strangers))}")
    missing = [o["name"] for o in options if o.get("required") and o["name"] not in values]
    if missing and focused is None:
        raise CannotHappen(f"the command needs {', '.join(missing)}")
    given = []
    for name, value in values.items():
        is_focused = name == focused
        entry = {"name": name, "type": known[name]["type"]}
        entry["value"] = _value(known[name], value, is_focused=is_focused)
        given.append(entry | ({"focused": True} if is_focused else {}))
    return given


def _value(option: Json, value: Any, *, is_focused: bool) -> Any:
    kind = option["type"]
    if kind in _PYTHON:
        if not is_focused:
            _require_fitting(option, value)
        return value
    return str(value.id)


def _require_fitting(option: Json, value: Any) -> None:
    """A client sends only what the option takes."""
    name, kind = option["name"], _PYTHON[option["type"]]
    if not isinstance(value, kind):
        raise CannotHappen(f"the option {name} takes no {value!r}")
    choices = [choice["value"] for choice in option.get("choices") or []]
    if choices and value not in choices:
        raise CannotHappen(f"the option {name} offers only {choices}")
    size = len(value) if isinstance(value, str) else value
    bounds = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    low, high = (option.get(bound) for bound in bounds)
    if (low is not None and size < low) or (high is not None and size > high):
        raise CannotHappen(f"the option {name} takes {low} to {high}, not {size}")


def _resolve(
    options: list[Json], values: dict[str, Any], member: Member | None, resolved: Json
) -> None:
    """Tell about whom and what the options name, which comes along with the ids."""
    for option in options:
        value = values.get(option["name"])
        if value is None or option["type"] in _PYTHON:
            continue
        if option["type"] == _USER:
            resolved.setdefault("users", {})[str(value.id)] = value.account.json()
            if member is not None and value.id in member.guild.members:
                found = member.guild.members[value.id].json(with_user=False)
                resolved.setdefault("members", {})[str(value.id)] = found
        elif option["type"] == _CHANNEL:
            held = in_channel(value.channel, member, value.world.now()) if member else 0
            shown = {**value.channel.json(), "permissions": str(int(held))}
            resolved.setdefault("channels", {})[str(value.id)] = shown
        elif option["type"] == _ROLE:
            resolved.setdefault("roles", {})[str(value.id)] = value.json()
        else:
            raise CannotHappen(f"options of type {option['type']} are not spoken here")
