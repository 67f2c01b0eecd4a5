"""What the playground's platform offers to a bot: updates to collect, and things to do."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.adapters.playground.database import Database, number, raised
from bot.adapters.playground.errors import RightMissing
from bot.domain.ports import Clockwork


@dataclass(frozen=True, slots=True)
class Update:
    """Something that happened in the lobby. payload: as the platform writes it."""

    id: int
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Applied:
    """How the platform took one thing to do.

    done: False where there was nothing left to do.
    ref: the id of the card that was posted.
    asked: how often it was asked for under the same key; it is applied the first time only.
    """

    done: bool
    ref: str | None = None
    kind: str = ""
    target: str = ""
    asked: int = 1


Act = Callable[[sqlite3.Connection, int], Applied]


class BotApi:
    """The bot's side of the platform.

    Everything to do comes with a key, the intent's id: asked for again under a key that it
    knows, the platform does nothing and gives its first answer. Every method blocks for as
    long as the disk takes, and raises PlatformError where the file does not answer.
    """

    def __init__(self, database: Database, now: Clockwork) -> None:
        self._database = database
        self._now = now

    def updates(self, limit: int) -> list[Update]:
        """The oldest updates that are not confirmed; they stay until they are."""
        with self._database.reading() as db:
            rows = db.execute("SELECT * FROM updates ORDER BY id LIMIT ?", (limit,)).fetchall()
        return [Update(row["id"], json.loads(row["payload"])) for row in rows]

    def confirm(self, update_id: int) -> None:
        """Forget the updates up to this one."""
        with self._database.writing() as db:
            db.execute("DELETE FROM updates WHERE id <= ?", (update_id,))

    def may_delete(self) -> bool:
        """Whether the bot has the right to delete messages."""
        with self._database.reading() as db:
            return bool(number(db, "may_delete"))

    def hide(self, key: str, message_id: str) -> Applied:
        """Take a message out of the lobby. Raises RightMissing."""

        def act(db: sqlite3.Connection, change: int) -> Applied:
            if not number(db, "may_delete"):
                raise RightMissing("delete messages")
            hidden = db.execute(
                "UPDATE messages SET state = 'hidden', hidden_at = ?, changed = ?"
                " WHERE id = ? AND state = 'visible'",
                (_written(self._now()), change, message_id),
            )
            return Applied(hidden.rowcount == 1)

        return self._once(key, "hide", message_id, act)

    def restore(self, key: str, message_id: str) -> Applied:
        """Bring a hidden message back where it stood; not one that its author took back."""

        def act(db: sqlite3.Connection, change: int) -> Applied:
            restored = db.execute(
                "UPDATE messages SET state = 'visible', restored_at = ?, changed = ?"
                " WHERE id = ? AND state = 'hidden'",
                (_written(self._now()), change, message_id),
            )
            return Applied(restored.rowcount == 1)

        return self._once(key, "restore", message_id, act)

    def notify(self, key: str, kind: str, member_id: str, text: str) -> Applied:
        """Show a line to one member alone. kind: what the log calls it."""

        def act(db: sqlite3.Connection, change: int) -> Applied:
            return Applied(_told(db, change, member_id, text, self._now()))

        return self._once(key, kind, member_id, act)

    def mute(self, key: str, member_id: str, until: datetime | None, text: str) -> Applied:
        """Keep a member from posting until then (None: for good), and tell them."""
        end = until or datetime.max.replace(tzinfo=self._now().tzinfo)

        def act(db: sqlite3.Connection, change: int) -> Applied:
            _told(db, change, member_id, text, self._now())
            return _set(db, "muted_until", _written(end), member_id, change)

        return self._once(key, "mute", member_id, act)

    def unmute(self, key: str, member_id: str) -> Applied:
        """Let a member post again."""
        return self._once(
            key,
            "unmute",
            member_id,
            lambda db, change: _set(db, "muted_until", None, member_id, change),
        )

    def kick(self, key: str, member_id: str, text: str) -> Applied:
        """Put a member out of the lobby, and tell them. Its door stands open: they are back at
        once, as a newcomer."""

        def act(db: sqlite3.Connection, change: int) -> Applied:
            _told(db, change, member_id, text, self._now())
            return _set(db, "joined_at", _written(self._now()), member_id, change)

        return self._once(key, "kick", member_id, act)

    def ban(self, key: str, member_id: str, text: str) -> Applied:
        """Put a member out of the lobby, and tell them."""

        def act(db: sqlite3.Connection, change: int) -> Applied:
            _told(db, change, member_id, text, self._now())
            return _set(db, "banned", 1, member_id, change)

        return self._once(key, "ban", member_id, act)

    def unban(self, key: str, member_id: str) -> Applied:
        """Let a member into the lobby again."""
        return self._once(
            key, "unban", member_id, lambda db, change: _set(db, "banned", 0, member_id, change)
        )

    def post_card(self, key: str, channel: str, view: str) -> Applied:
        """Post a card, drawn as JSON; its id comes back as `ref`."""

        def act(db: sqlite3.Connection, change: int) -> Applied:
            posted = db.execute(
                "INSERT INTO cards (channel, view, posted_at, changed) VALUES (?, ?, ?, ?)",
                (channel, view, _written(self._now()), change),
            )
            return Applied(True, str(posted.lastrowid))

        return self._once(key, "card", channel, act)

    def edit_card(self, key: str, card_id: str, view: str) -> Applied:
        """Draw a card anew where it stands."""

        def act(db: sqlite3.Connection, change: int) -> Applied:
            drawn = db.execute(
                "UPDATE cards SET view = ?, changed = ? WHERE id = ?", (view, change, card_id)
            )
            return Applied(drawn.rowcount == 1, card_id)

        return self._once(key, "card", card_id, act)

    def applied(self) -> list[Applied]:
        """Everything the platform was ever asked to do, in order."""
        with self._database.reading() as db:
            rows = db.execute("SELECT * FROM applied ORDER BY rowid").fetchall()
        return [_as_applied(row) for row in rows]

    def _once(self, key: str, kind: str, target: str, act: Act) -> Applied:
        with self._database.writing() as db:
            known = db.execute(
                "UPDATE applied SET asked = asked + 1 WHERE intent = ? RETURNING *", (key,)
            ).fetchone()
            if known is not None:
                return _as_applied(known)
            applied = act(db, raised(db, "change"))
            db.execute(
                "INSERT INTO applied (intent, kind, target, done, ref, at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (key, kind, target, int(applied.done), applied.ref, _written(self._now())),
            )
            return Applied(applied.done, applied.ref, kind, target)


def _told(db: sqlite3.Connection, change: int, member_id: str, text: str, at: datetime) -> bool:
    told = db.execute(
        "INSERT INTO notices (member, text, at, changed)"
        " SELECT id, ?, ?, ? FROM members WHERE id = ?",
        (text, _written(at), change, member_id),
    )
    return told.rowcount == 1


def _set(
    db: sqlite3.Connection, column: str, value: str | int | None, member_id: str, change: int
) -> Applied:
    changed = db.execute(
        f"UPDATE members SET {column} = ?, changed = ?"  # noqa: S608 - columns named above
        f" WHERE id = ? AND {column} IS NOT ?",
        (value, change, member_id, value),
    )
    return Applied(changed.rowcount == 1)


def _as_applied(row: sqlite3.Row) -> Applied:
    return Applied(bool(row["done"]), row["ref"], row["kind"], row["target"], row["asked"])


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
