"""Command menus by scope and language, and the rights a bot asks for when it is added."""

from __future__ import annotations

import re

from ..errors import bad_request
from .call import Call, Json, method

_NAME = re.compile(r"[a-z0-9_]{1,32}$")
_SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
}
_LANGUAGE = re.compile(r"[a-z]{2}$")
MOST_COMMANDS = 100
DESCRIPTION_LIMIT = 256


def _key(call: Call) -> tuple[str, str]:
    scope = call.get("scope", {"type": "default"})
    kind = scope["type"]
    language = call.get("language_code", "")
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    if language and not _LANGUAGE.match(language):
        raise bad_request("invalid language_code specified")
    if not kind.startswith("chat"):
        return kind, language
    if "chat_id" not in scope:
        raise bad_request("can't parse BotCommandScope: Empty chat_id specified")
    if kind == "chat_member" and scope.get("user_id", 0) <= 0:
        raise bad_request("can't parse BotCommandScope: Invalid user_id specified")
    call.params["scope chat"] = scope["chat_id"]
    chat = call.chat("scope chat", to_write=False)
    if chat.type == "private" and kind != "chat":
        raise bad_request("can't use the scope in private chats")
    return f"{kind}:{chat.id}:{scope.get('user_id', '')}", language


@method("setMyCommands")
def set_my_commands(call: Call) -> bool:
    """Replace the menu of one scope in one language."""
    commands = call.params["commands"]
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _NAME.match(command["command"].removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= DESCRIPTION_LIMIT:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    call.bot.commands[_key(call)] = commands
    return True


@method("getMyCommands")
def get_my_commands(call: Call) -> list[Json]:
    """The menu set for exactly this scope and language."""
    return call.bot.commands.get(_key(call), [])


@method("deleteMyCommands")
def delete_my_commands(call: Call) -> bool:
    """Remove the menu of one scope and language."""
    call.bot.commands.pop(_key(call), None)
    return True


@method("setMyDefaultAdministratorRights")
def set_default_rights(call: Call) -> bool:
    """What the bot asks for when it is added as an administrator."""
    call.bot.default_rights[call.get("for_channels", False)] = call.get("rights", {})
    return True


@method("getMyDefaultAdministratorRights")
def get_default_rights(call: Call) -> Json:
    """What was set, every right named."""
    given = call.bot.default_rights.get(call.get("for_channels", False), {})
    names = (
        "is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
        "can_restrict_members can_promote_members can_change_info can_invite_users "
        "can_post_stories can_edit_stories can_delete_stories"
    )
    return dict.fromkeys(names.split(), False) | given
