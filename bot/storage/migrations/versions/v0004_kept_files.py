"""Files that are kept with their case, and which of them a channel shows with the case's card."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "kept_files",
        sa.Column(
            "case_id",
            sa.Text,
            sa.ForeignKey("evidence.case_id", ondelete="CASCADE"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False, comment="bytes"),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.add_column(
        "cards", sa.Column("shown", sa.Text, comment="numbers of kept files; empty before any was")
    )
