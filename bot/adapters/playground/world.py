"""The platform itself: a chat service with a lobby, seen from the people's side.

What the service offers to a bot is in `bot_api`; both stand on the same file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.adapters.playground.bell import Bell
from bot.adapters.playground.bot_api import BotApi
from bot.adapters.playground.database import Database, number, raised
from bot.adapters.playground.errors import Forbidden, Unknown, Unusable
from bot.adapters.playground.people import Member, Role, cast
from bot.domain.messages import readable
from bot.domain.ports import Clockwork

SHOWN_AT_ONCE = 200
SHOWN_OF_TEXT = 4_000
_SHORTENED = (
    "id, member, posted_at, edited_at, revision, state, hidden_at, restored_at,"
    f" substr(text, 1, {SHOWN_OF_TEXT}) AS start, length(text) AS length"
)


class State(StrEnum):
    """What has become of a message."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    """Taken out of the lobby by the bot, which can bring it back."""

    DELETED = "deleted"
    """Taken back by its author, for good."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message as everybody in the lobby sees it.

    text: the first SHOWN_OF_TEXT characters; empty unless the message is visible.
    left_out: how many characters follow.
    """

    id: str
    member: str
    text: str
    left_out: int
    posted_at: datetime
    edited_at: datetime | None
    revision: int
    state: State
    hidden_at: datetime | None
    restored_at: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A line from the bot that only one member can see."""

    id: str
    member: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PostedCard:
    """A card in the review channel, as the bot drew it."""

    id: str
    view: Any
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """What there is to see that is newer than an earlier view.

    change: the newest change in it, from which the next view goes on.
    epoch: grows when the world is begun anew; nothing of an earlier epoch is left.
    """

    change: int
    epoch: int
    may_delete: bool
    members: Sequence[Member]
    posts: Sequence[Post]
    notices: Sequence[Notice]
    cards: Sequence[PostedCard]


class World:
    """The chat service. Every method blocks for as long as the disk takes.

    Raises PlatformError wherever the file does not answer.
    """

    def __init__(self, folder: Path, now: Clockwork) -> None:
        self.bell = Bell()
        self._now = now
        self._database = Database(folder, self.bell)
        self.bot = BotApi(self._database, now)
        with self._database.writing() as db:
            if db.execute("SELECT 1 FROM members").fetchone() is None:
                _people_arrive(db, cast(now()))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def member(self, member_id: str) -> Member:
        """Raises Unknown."""
        with self._database.reading() as db:
            return _member(db, member_id)

    def post(self, member_id: str, text: str) -> str:
        """Post a message in the lobby; returns its id, and tells the bot.

        Raises Unknown; Unusable for a text without a character to see; Forbidden for who is
        muted or banned.
        """
        now = self._now()
        with self._database.writing() as db:
            member = _speaker(db, member_id, now)
            message_id = str(
                db.execute(
                    "INSERT INTO messages (member, text, posted_at, changed) VALUES (?, ?, ?, ?)",
                    (member.id, _worth_posting(text), _written(now), raised(db, "change")),
                ).lastrowid
            )
            _tell_bot(db, message_id, 0, member, text, now)
        return message_id

    def edit(self, member_id: str, message_id: str, text: str) -> None:
        """Change what one's own message says, and tell the bot.

        Raises as post; Unknown for a message that is not there (any more); Forbidden for
        somebody else's.
        """
        now = self._now()
        with self._database.writing() as db:
            member = _speaker(db, member_id, now)
            row = _own_visible(db, member, message_id)
            revision = row["revision"] + 1
            db.execute(
                "UPDATE messages SET text = ?, edited_at = ?, revision = ?, changed = ?"
                " WHERE id = ?",
                (_worth_posting(text), _written(now), revision, raised(db, "change"), row["id"]),
            )
            _tell_bot(db, message_id, revision, member, text, now)

    def delete(self, member_id: str, message_id: str) -> None:
        """Take one's own message back. As on Telegram, the bot is not told.

        Raises Unknown, Forbidden.
        """
        with self._database.writing() as db:
            row = _own_visible(db, _member(db, member_id), message_id)
            db.execute(
                "UPDATE messages SET state = 'deleted', text = '', changed = ? WHERE id = ?",
                (raised(db, "change"), row["id"]),
            )

    def let_bot_delete(self, allowed: bool) -> None:
        """Give the bot the right to delete messages, or take it away."""
        with self._database.writing() as db:
            db.execute("UPDATE numbers SET value = ? WHERE name = 'may_delete'", (int(allowed),))
            raised(db, "change")

    def reset(self) -> None:
        """Begin the world anew: nothing said, nobody punished, the bot's rights whole.

        Cards of undecided cases stay, for the bot still waits for those decisions; so do the
        updates it has not collected, and the log of what was applied.
        """
        with self._database.writing() as db:
            for table in ("members", "messages", "notices"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are those above
            db.execute("DELETE FROM cards WHERE json_extract(view, '$.status') = 'decided'")
            db.execute("UPDATE numbers SET value = 1 WHERE name = 'may_delete'")
            raised(db, "epoch")
            _people_arrive(db, cast(self._now()))

    def view(self, since: int = 0) -> View:
        """What changed after `since`, oldest first; from 0, the newest of everything."""
        with self._database.reading() as db:
            return View(
                change=number(db, "change"),
                epoch=number(db, "epoch"),
                may_delete=bool(number(db, "may_delete")),
                members=[_as_member(row) for row in _changed(db, "members", since)],
                posts=[_as_post(row) for row in _changed(db, "messages", since, _SHORTENED)],
                notices=[_as_notice(row) for row in _changed(db, "notices", since)],
                cards=[_as_card(row) for row in _changed(db, "cards", since)],
            )


def _people_arrive(db: sqlite3.Connection, people: Sequence[Member]) -> None:
    change = raised(db, "change")
    db.executemany(
        "INSERT INTO members (id, name, role, joined_at, changed) VALUES (?, ?, ?, ?, ?)",
        [(each.id, each.name, each.role, _written(each.joined_at), change) for each in people],
    )


def _tell_bot(
    db: sqlite3.Connection,
    message_id: str,
    revision: int,
    member: Member,
    text: str,
    at: datetime,
) -> None:
    reach = db.execute("SELECT count(*) FROM members WHERE NOT banned").fetchone()[0]
    payload = {
        "message": message_id,
        "revision": revision,
        "member": member.id,
        "name": member.name,
        "role": member.role,
        "joined_at": _written(member.joined_at),
        "text": text,  # as it was sent: JSON can carry what the file cannot
        "at": _written(at),
        "reach": reach,
    }
    db.execute("INSERT INTO updates (payload) VALUES (?)", (json.dumps(payload),))


def _worth_posting(text: str) -> str:
    text = readable(text)
    if not text.strip():
        raise Unusable("playground.empty")
    return text


def _member(db: sqlite3.Connection, member_id: str) -> Member:
    row = db.execute("SELECT * FROM members WHERE id = ?", (readable(member_id),)).fetchone()
    if row is None:
        raise Unknown("playground.unknown_member", who=readable(member_id)[:40])
    return _as_member(row)


def _speaker(db: sqlite3.Connection, member_id: str, now: datetime) -> Member:
    member = _member(db, member_id)
    if member.banned:
        raise Forbidden("playground.banned", who=member.name)
    if member.muted_until and member.muted(now):
        until = member.muted_until.strftime("%Y-%m-%d %H:%M UTC")
        raise Forbidden("playground.muted", who=member.name, until=until)
    return member


def _own_visible(db: sqlite3.Connection, member: Member, message_id: str) -> sqlite3.Row:
    rows = db.execute(
        "SELECT * FROM messages WHERE id = ? AND state = 'visible'", (readable(message_id),)
    )
    row: sqlite3.Row | None = rows.fetchone()
    if row is None:
        raise Unknown("playground.unknown_message")
    if row["member"] != member.id:
        raise Forbidden("playground.not_the_author", who=member.name)
    return row


def _changed(
    db: sqlite3.Connection, table: str, since: int, columns: str = "*"
) -> list[sqlite3.Row]:
    newest_first = db.execute(
        f"SELECT {columns} FROM {table} WHERE changed > ?"  # noqa: S608 - names from this file
        " ORDER BY rowid DESC LIMIT ?",
        (since, SHOWN_AT_ONCE),
    ).fetchall()
    return newest_first[::-1]


def _as_member(row: sqlite3.Row) -> Member:
    return Member(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        joined_at=datetime.fromisoformat(row["joined_at"]),
        muted_until=_read(row["muted_until"]),
        banned=bool(row["banned"]),
    )


def _as_post(row: sqlite3.Row) -> Post:
    state = State(row["state"])
    visible = state is State.VISIBLE
    return Post(
        id=str(row["id"]),
        member=row["member"],
        text=row["start"] if visible else "",
        left_out=max(0, row["length"] - SHOWN_OF_TEXT) if visible else 0,
        posted_at=datetime.fromisoformat(row["posted_at"]),
        edited_at=_read(row["edited_at"]),
        revision=row["revision"],
        state=state,
        hidden_at=_read(row["hidden_at"]),
        restored_at=_read(row["restored_at"]),
    )


def _as_notice(row: sqlite3.Row) -> Notice:
    at = datetime.fromisoformat(row["at"])
    return Notice(str(row["id"]), row["member"], row["text"], at)


def _as_card(row: sqlite3.Row) -> PostedCard:
    at = datetime.fromisoformat(row["posted_at"])
    return PostedCard(str(row["id"]), json.loads(row["view"]), at)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _read(at: str | None) -> datetime | None:
    return datetime.fromisoformat(at) if at else None
