"""What is on record, as the database sees it.

    communities ─┬─ bindings          the groups and review channels of each
                 ├─ policies          every version
                 ├─ cases ─┬─ evidence    what was said; can be erased by itself
                 │         │  └─ kept_files  files that came with it; erased with it
                 │         ├─ cards       where each case is shown
                 │         ├─ buttons     what each button stands for
                 │         └─ intents     what is to be done, and how it ended
                 ├─ audit_entries     append-only, by trigger
                 └─ audit_heads       where each community's chain ends

A place is three columns: platform, group_id, channel_id ("" where there is no channel).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    column,
    text,
)

from bot.storage.columns import Moment, Payload, Prose, Sequence

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

communities = Table(
    "communities",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("cases_opened", Integer, nullable=False),
)

bindings = Table(
    "bindings",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    UniqueConstraint("purpose", "platform", "group_id", "channel_id", name="uq_bindings_place"),
)

policies = Table(
    "policies",
    metadata,
    Column("community_id", ForeignKey("communities.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("made_by", Prose, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("policy", Payload, nullable=False),
)

_claimed = column("claim_until").is_not(None)
OPEN = column("status") == text("'open'")
"""Written out: SQLite uses an index of some rows only where it sees at once which are meant."""

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("message_key", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("author_platform", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("author_name", Prose, nullable=False),
    Column("punishable", Boolean, nullable=False),
    Column("reach", Integer, nullable=False, server_default="1"),
    Column("verdict", Payload, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("claim_platform", Text),
    Column("claim_person_id", Text),
    Column("claim_person_name", Prose),
    Column("claim_generation", Integer),
    Column("claim_until", Moment),
    Column("decision", Text),
    Column("decided_platform", Text),
    Column("decided_by_id", Text),
    Column("decided_by_name", Prose),
    Column("decided_at", Moment),
    Column("decided_was_hidden", Boolean),
    UniqueConstraint("community_id", "message_key"),
    UniqueConstraint("community_id", "number"),
    Index(None, "community_id", "opened_at"),
    Index(None, "status", "opened_at"),
    Index(None, "status", "due_at"),
    Index(None, "message_id"),
    Index("ix_cases_author", "community_id", "author_platform", "author_id"),
    Index(None, "claim_until", sqlite_where=_claimed, postgresql_where=_claimed),
    Index(
        "ix_cases_open",
        "community_id",
        "opened_at",
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    ),
)

evidence = Table(
    "evidence",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("evidence", Payload, nullable=False),
)

kept_files = Table(
    "kept_files",
    metadata,
    Column("case_id", ForeignKey("evidence.case_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Prose, nullable=False),
    Column("size", Integer, nullable=False, comment="bytes"),
    Column("content", LargeBinary, nullable=False),
    Index(None, "size"),
)

cards = Table(
    "cards",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("platform", Text, primary_key=True),
    Column("group_id", Text, primary_key=True),
    Column("channel_id", Text, primary_key=True),
    Column("ref", Text, nullable=False),
    Column("shown", Text, comment="numbers of kept files; empty before any was"),
    Index("ix_cards_place", "platform", "group_id", "channel_id"),
)

buttons = Table(
    "buttons",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("press", Text, nullable=False),
    UniqueConstraint("case_id", "generation", "press"),
)

_open = column("closed_at").is_(None)
intents = Table(
    "intents",
    metadata,
    Column("sequence", Sequence, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("lane", Text, nullable=False, comment="one after another within a case's lane"),
    Column("kind", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("effect", Payload, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("leased_until", Moment, comment="empty while nobody works on it"),
    Column("leased_by", Text, nullable=False, comment="the name of who took it up last"),
    Column("closed_at", Moment, comment="empty until it has ended"),
    Column("result", Text),
    Column("reason", Prose, nullable=False),
    Column("ref", Text),
    Index(None, "case_id", "sequence"),
    Index(
        "ix_intents_open", "case_id", "lane", "sequence", sqlite_where=_open, postgresql_where=_open
    ),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("community_id", ForeignKey("communities.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("case_id", Text, index=True),
    Column("policy_version", Integer),
    Column("details", Text, nullable=False, comment="JSON; text, so that its hash holds"),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("community_id", ForeignKey("communities.id"), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("hash", Text, nullable=False),
)
