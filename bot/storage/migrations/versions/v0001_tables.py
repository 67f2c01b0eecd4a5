"""The first tables. Constraints are named by the convention in `bot.storage.tables`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create every table."""
    _communities()
    _cases()
    _what_shows_cases()
    _intents()
    _audit()


def _text(name: str, *, nullable: bool = False, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable, **options)


def _of(table: str, *, primary_key: bool = False, index: bool = False) -> sa.Column[str]:
    names = {"communities": "community_id", "cases": "case_id"}
    return sa.Column(
        names[table],
        sa.Text,
        sa.ForeignKey(f"{table}.id"),
        primary_key=primary_key,
        nullable=False,
        index=index,
    )


def _place(*, primary_key: bool = False) -> list[sa.Column[str]]:
    return [_text(name, primary_key=primary_key) for name in ("platform", "group_id", "channel_id")]


def _communities() -> None:
    op.create_table(
        "communities",
        _text("id", primary_key=True),
        _text("name", unique=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("cases_opened", sa.Integer, nullable=False),
    )
    op.create_table(
        "bindings",
        sa.Column("id", _COUNTER, primary_key=True),
        _of("communities", index=True),
        _text("purpose"),
        *_place(),
        sa.UniqueConstraint(
            "purpose", "platform", "group_id", "channel_id", name="uq_bindings_place"
        ),
    )
    op.create_table(
        "policies",
        _of("communities", primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        _text("made_by"),
        sa.Column("made_at", _TIME, nullable=False),
        _text("policy"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        _text("id", primary_key=True),
        _of("communities"),
        sa.Column("number", sa.Integer, nullable=False),
        _text("message_key"),
        *_place(),
        _text("message_id"),
        _text("author_platform"),
        _text("author_id"),
        _text("author_name"),
        sa.Column("punishable", sa.Boolean, nullable=False),
        _text("verdict"),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        _text("status"),
        _text("claim_platform", nullable=True),
        _text("claim_person_id", nullable=True),
        _text("claim_person_name", nullable=True),
        sa.Column("claim_generation", sa.Integer),
        sa.Column("claim_until", _TIME),
        _text("decision", nullable=True),
        _text("decided_platform", nullable=True),
        _text("decided_by_id", nullable=True),
        _text("decided_by_name", nullable=True),
        sa.Column("decided_at", _TIME),
        sa.Column("decided_was_hidden", sa.Boolean),
        sa.UniqueConstraint("community_id", "message_key"),
        sa.UniqueConstraint("community_id", "number"),
    )
    for columns in (["community_id", "opened_at"], ["status", "opened_at"], ["status", "due_at"]):
        op.create_index(f"ix_cases_{'_'.join(columns)}", "cases", columns)
    op.create_index("ix_cases_author", "cases", ["community_id", "author_platform", "author_id"])
    _partial_index("ix_cases_claim_until", "cases", ["claim_until"], "claim_until IS NOT NULL")


def _what_shows_cases() -> None:
    op.create_table("evidence", _of("cases", primary_key=True), _text("evidence"))
    op.create_table(
        "cards", _of("cases", primary_key=True), *_place(primary_key=True), _text("ref")
    )
    op.create_index("ix_cards_place", "cards", ["platform", "group_id", "channel_id"])
    op.create_table(
        "buttons",
        _text("id", primary_key=True),
        _of("cases"),
        sa.Column("generation", sa.Integer, nullable=False),
        _text("press"),
        sa.UniqueConstraint("case_id", "generation", "press"),
    )


def _intents() -> None:
    op.create_table(
        "intents",
        sa.Column("sequence", _COUNTER, primary_key=True),
        _text("id", unique=True),
        _of("communities"),
        _of("cases"),
        _text("lane", comment="one after another within a case's lane"),
        _text("kind"),
        *_place(),
        _text("effect"),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("not_before", _TIME, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("leased_until", _TIME, comment="empty while nobody works on it"),
        _text("leased_by", comment="the name of who took it up last"),
        sa.Column("closed_at", _TIME, comment="empty until it has ended"),
        _text("result", nullable=True),
        _text("reason"),
        _text("ref", nullable=True),
    )
    op.create_index("ix_intents_case_id_sequence", "intents", ["case_id", "sequence"])
    _partial_index(
        "ix_intents_open", "intents", ["case_id", "lane", "sequence"], "closed_at IS NULL"
    )


def _audit() -> None:
    op.create_table(
        "audit_entries",
        _of("communities", primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", _TIME, nullable=False),
        _text("action"),
        _text("actor"),
        _text("case_id", nullable=True, index=True),
        sa.Column("policy_version", sa.Integer),
        _text("details", comment="JSON; text, so that its hash holds"),
        _text("previous"),
        _text("hash"),
    )
    op.create_table(
        "audit_heads",
        _of("communities", primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        _text("hash"),
    )


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
