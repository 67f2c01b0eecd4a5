"""A strict, stateful Discord for tests, REST and gateway, with the people who use it.

    async with DiscordServer() as server:
        asha, bot = server.user("asha"), server.bot("Aman")
        lobby = server.guild("Lobby", owner=asha).add(bot, rights=("manage_messages",))
        general = lobby.channel("general")
        ...  # discord.py, pointed at server.root, logs in with bot.token
        insult = general.says(asha, "you fool")
        ...
        assert insult.is_deleted
        assert not server.journal.too_many_requests()

`server.faults` and `server.gateway` break things, `server.clock.advance(...)` moves time,
`server.journal` knows every request. `stage.connected` shows how a client is pointed here.
"""

from .attachments import File
from .errors import ApiError, CannotHappen
from .guilds import Role
from .interactions import Answer
from .journal import Journal, Request
from .limits import Limit, Limits
from .membership import GuildHandle
from .messages import Message
from .people import BotHandle, Person
from .places import ChannelHandle
from .server import DiscordServer

__all__ = [
    "Answer",
    "ApiError",
    "BotHandle",
    "CannotHappen",
    "ChannelHandle",
    "DiscordServer",
    "File",
    "GuildHandle",
    "Journal",
    "Limit",
    "Limits",
    "Message",
    "Person",
    "Request",
    "Role",
]
