"""Add up the sizes of kept files without reading the files."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_kept_files_size", "kept_files", ["size"])
