"""What must last: communities, policies, cases, intents, the audit log."""

from bot.storage.store import SqlStore
from bot.storage.upgrading import upgrade

__all__ = ["SqlStore", "upgrade"]
