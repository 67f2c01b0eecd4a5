"""Small made-up exports, a writer for each form, and a scorer to replay them with."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.domain.messages import Message
from bot.domain.ports import Lane
from bot.domain.scores import Label, Scores
from bot.replay.entries import Entry, Post, Skipped
from bot.replay.export import open_export

MARK = "rotten"


class Gauge:
    """A scorer that reads the toxicity off the text: "rotten 0.7" scores 0.7, all else 0.01."""

    model = "gauge"

    def __init__(self) -> None:
        self.scored: list[str] = []

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        self.scored += texts
        return [Scores({Label.TOXICITY: _gauge(text), Label.THREAT: 0.02}) for text in texts]


def _gauge(text: str) -> float:
    _, found, value = text.partition(f"{MARK} ")
    return float(value.split()[0]) if found else 0.01


def entries(path: Path) -> list[Entry]:
    """Everything in an export."""
    return list(open_export(path).entries())


def messages(path: Path) -> list[Message]:
    """The messages of an export."""
    return [entry.message for entry in entries(path) if isinstance(entry, Post)]


def skips(path: Path) -> list[str]:
    """Why messages of an export are skipped."""
    return [entry.why for entry in entries(path) if isinstance(entry, Skipped)]


def a_file(folder: Path, name: str, content: str | bytes) -> Path:
    """A file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def a_json(folder: Path, document: object, name: str = "result.json") -> Path:
    """A file of JSON as exporters write it, indented."""
    return a_file(folder, name, json.dumps(document, indent=1, ensure_ascii=False))


def a_tar(folder: Path, files: Mapping[str, str | bytes], name: str = "export.tar.gz") -> Path:
    """A compressed archive of files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for inner, content in files.items():
            content_ = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(inner)
            info.size = len(content_)
            archive.addfile(info, io.BytesIO(content_))
    return a_file(folder, name, packed.getvalue())


def a_gzip(folder: Path, content: str, name: str) -> Path:
    """A compressed file."""
    return a_file(folder, name, gzip.compress(content.encode()))


def a_telegram_message(id_: int = 7, text: object = "good morning", **more: Any) -> dict[str, Any]:
    """A message as Telegram Desktop writes it."""
    return {
        "id": id_,
        "type": "message",
        "date": "2024-03-01T10:00:00",
        "date_unixtime": "1709287200",
        "from": "Asha",
        "from_id": "user101",
        "text": text,
        **more,
    }


def a_telegram_chat(*records: object, **more: Any) -> dict[str, Any]:
    """One chat as Telegram Desktop writes it."""
    chat = {"name": "Garden club", "type": "private_supergroup", "id": 555}
    return {**chat, **more, "messages": list(records)}


def a_discord_message(id_: str = "900", content: str = "hello", **more: Any) -> dict[str, Any]:
    """A message as DiscordChatExporter writes it."""
    return {
        "id": id_,
        "type": "Default",
        "timestamp": "2024-03-01T10:00:00.25+00:00",
        "timestampEdited": None,
        "content": content,
        "author": {
            "id": "42",
            "name": "sam",
            "nickname": "Sam",
            "isBot": False,
            "roles": [{"id": "77", "name": "Gardener"}],
        },
        "attachments": [],
        "embeds": [],
        "stickers": [],
        **more,
    }


def a_discord_channel(*records: object) -> dict[str, Any]:
    """One channel as DiscordChatExporter writes it."""
    return {
        "guild": {"id": "1", "name": "Garden"},
        "channel": {"id": "2", "type": "GuildTextChat", "name": "seeds"},
        "messages": list(records),
        "messageCount": len(records),
    }


OLD_DISCORD_CSV = (
    "AuthorID;Author;Date;Content;Attachments;Reactions;\n"
    '"42";"sam#0001";"11-Jun-18 04:50 PM";"the roses; they are ""fine""\nand red";"";"";\n'
    '"43";"noor#0002";"11-Jun-18 04:51 PM";"";"https://cdn.example/a/b/my%20bed.png?x=1";"";\n'
)
NEW_DISCORD_CSV = (
    "\ufeffAuthorID,Author,Date,Content,Attachments,Reactions\r\n"
    '"42","sam","2024-03-01T10:00:00.0000000+00:00","water, then wait","","🌱 (2)"\r\n'
)
DISCORD_TEXT = f"""{"=" * 62}
Guild: Garden
Channel: Plants / seeds
{"=" * 62}

[01-Mar-24 10:00 AM] sam#0001 (pinned)
first line

third line

{{Attachments}}
https://cdn.example/a/bed.png

{{Reactions}}
🌱 (2)

[01-Mar-24 10:05 AM] noor#0002
[not a time] is only text

{"=" * 62}
Exported 2 message(s)
{"=" * 62}
"""
IRC_LOG = """[23:58] <sam> anyone up?
=== noor [~noor@example]  has joined #garden
[23:59]  * noor waters the beds
[00:01] <bed[6] > it is late
[00:02] -sam:#garden- closing the gate
"""


def a_discord_page(*messages: str) -> str:
    """A web page as DiscordChatExporter of 2024 writes it, minified."""
    return (
        "<!DOCTYPE html><html lang=en><head><title>Garden - plants</title><style>"
        ".chatlog__message-group{margin:0}</style></head><body><div class=preamble>"
        "<div class=preamble__entry>Garden</div></div><div class=chatlog>"
        f"{''.join(messages)}</div></body></html>"
    )


def a_message_on_a_page(message_id: int, inside: str, *, author: str = "") -> str:
    """One message. author: its header; "" for one that goes on with the group before it."""
    container = (
        f"<div id=chatlog__message-container-{message_id} class=chatlog__message-container "
        f"data-message-id={message_id}><div class=chatlog__message>"
        f"<div class=chatlog__message-primary>{author}{inside}</div></div></div>"
    )
    return f"</div><div class=chatlog__message-group>{container}" if author else container


def a_header_on_a_page(name: str, user_id: int, *, bot: bool = False) -> str:
    """Who wrote the messages of a group."""
    tag = "<span class=chatlog__author-tag>BOT</span>" if bot else ""
    return (
        f'<div class=chatlog__header><span class=chatlog__author title="{name}" '
        f"data-user-id={user_id}>{name}</span>{tag}"
        "<span class=chatlog__timestamp><a href=#x>3/1/2024 10:00 AM</a></span></div>"
    )


def said_on_a_page(text: str, more: str = "") -> str:
    """What a message says."""
    return (
        '<div class="chatlog__content chatlog__markdown">'
        f"<span class=chatlog__markdown-preserve>{text}</span>{more}</div>"
    )
