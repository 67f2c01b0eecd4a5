"""The formats of exported histories, one a module, told apart by what is in a file.

Each module has a `recognises`, which looks at the start of a file, and a `read`, which goes
through one file and yields its records as it meets them, in constant memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.domain.errors import MalformedExport
from bot.replay.entries import Entry
from bot.replay.formats import (
    discord_html,
    discord_json,
    discord_text,
    irc,
    json_lines,
    table,
    telegram,
)
from bot.replay.piece import Piece


@dataclass(frozen=True, slots=True)
class Format:
    """One form of exported history.

    recognises: whether a file that starts like this is of this form.
    read: the records of one such file, in order. Raises MalformedExport where it breaks off.
    """

    name: str
    recognises: Callable[[str], bool]
    read: Callable[[Piece], Iterator[Entry]]


FORMATS = (
    Format("Telegram Desktop JSON", telegram.recognises, telegram.read),
    Format("DiscordChatExporter JSON", discord_json.recognises, discord_json.read),
    Format("JSON lines", json_lines.recognises, json_lines.read),
    Format("DiscordChatExporter text", discord_text.recognises, discord_text.read),
    Format("DiscordChatExporter web page", discord_html.recognises, discord_html.read),
    Format("IRC log", irc.recognises, irc.read),
    Format("DiscordChatExporter CSV", table.recognises_discord, table.read_discord),
    Format("CSV", table.recognises, table.read),
)
_WANTED = (
    "need a Telegram Desktop result.json, an export of DiscordChatExporter, JSON lines with a text "
    "field, a CSV with a text column, or an IRC log"
)


def recognise_piece(piece: Piece) -> Format:
    """The format of a file, by its content. Raises MalformedExport, saying what to do instead."""
    head = piece.head()
    if not head.strip():
        raise MalformedExport(f"{piece.name}: the file is empty; {_WANTED}")
    for format_ in FORMATS:
        if format_.recognises(head):
            return format_
    raise MalformedExport(f"{piece.name}: {_unsuited(head.lstrip())}; {_WANTED}")


def _unsuited(head: str) -> str:
    if head.startswith("<"):
        return "this is a web page, export the history again as JSON"
    if head.startswith("PK\x03\x04"):
        return "this is a .zip, unpack it first"
    if head.startswith("["):
        return "this is a JSON array, write one object a line instead"
    if head.startswith("{"):
        return "this is JSON, but of no known exporter"
    return f"no known format starts like this, and {table.columns_seen(head)}"
