"""What must last: communities, policies, cases, intents, the audit log."""

from bot.storage.migrations import upgrade
from bot.storage.store import SqlStore

__all__ = ["SqlStore", "upgrade"]
