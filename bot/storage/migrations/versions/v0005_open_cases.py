"""Find a community's open cases without looking at those that are decided, or at others'."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    waiting = sa.text("status = 'open'")
    op.create_index(
        "ix_cases_open",
        "cases",
        ["community_id", "opened_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
