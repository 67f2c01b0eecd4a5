"""How many people can read a message, on record with its case.

Earlier cases count one reader, as the releases before took them after each rebuild of the queue;
so do those that such a release still writes beside this one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("cases", sa.Column("reach", sa.Integer, nullable=False, server_default="1"))
