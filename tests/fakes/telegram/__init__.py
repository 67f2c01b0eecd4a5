"""A strict, stateful Telegram Bot API server for tests, with the people who use it.

    async with TelegramServer() as server:
        asha, bot = server.user("asha"), server.bot("aman_bot")
        lobby = server.group("Lobby", owner=asha).add(bot, rights=("can_delete_messages",))
        client = telegram.Bot(bot.token, server.base_url, server.base_file_url)
        insult = lobby.says(asha, "you fool")
        ...
        assert insult.is_deleted
        assert server.journal.peak_messages_a_minute(lobby.id) <= 20

`server.faults` breaks things, `server.clock.advance(...)` moves time, `server.journal` knows every
request. For load tests `remote.spawn()` runs the same server in a process of its own.
"""

from .errors import ApiError, CannotHappen
from .groups import Channel, Group
from .journal import SENDING, Journal, Request
from .limits import Limits
from .messages import Message
from .people import Answer, BotHandle, Person
from .server import TelegramServer

__all__ = [
    "SENDING",
    "Answer",
    "ApiError",
    "BotHandle",
    "CannotHappen",
    "Channel",
    "Group",
    "Journal",
    "Limits",
    "Message",
    "Person",
    "Request",
    "TelegramServer",
]
