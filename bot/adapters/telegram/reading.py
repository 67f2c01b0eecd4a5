"""Updates as the client's types, and what is needed of them before. Pure."""

from __future__ import annotations

from typing import Any

from telegram import Bot, Update


def chat_of(raw: Any) -> int:
    """The chat that an update tells of; 0 where it names none, as one that makes no sense."""
    for told in raw.values() if isinstance(raw, dict) else ():
        if isinstance(told, dict):
            where = told.get("message", told)  # a press names the chat by its message
            chat = where.get("chat") if isinstance(where, dict) else None
            id_ = chat.get("id") if isinstance(chat, dict) else None
            if isinstance(id_, int):
                return id_
    return 0


def read_update(raw: dict[str, Any], bot: Bot | None) -> Update:
    """An update as the client's type, also from a server older than the client.

    The client insists on fields that the Bot API has only had since it required them. Raises
    whatever the client does of an update that it cannot read.
    """
    try:
        return Update.de_json(raw, bot)
    except TypeError:
        return Update.de_json(_completed(raw), bot)


_POLL = {"allows_revoting": False, "members_only": False}


def _completed(raw: Any) -> Any:
    """The same, with what an older server leaves out of polls."""
    if isinstance(raw, list):
        return [_completed(each) for each in raw]
    if not isinstance(raw, dict):
        return raw
    whole = {name: _completed(value) for name, value in raw.items()}
    if isinstance(poll := whole.get("poll"), dict):
        options = [
            {"persistent_id": str(n), **option} for n, option in enumerate(poll.get("options", []))
        ]
        whole["poll"] = {**_POLL, **poll, "options": options}
    return whole
