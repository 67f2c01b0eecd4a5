"""Find the cases of a message without looking at all of its community's."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_cases_message_id", "cases", ["message_id"])
