"""A conversation to try the bot on: mostly friendly, as most chats are, with some rude lines.

Of the rude ones `balanced` hides two and has one reviewed, by what the bundled model scores.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from bot.adapters.playground.errors import Forbidden
from bot.adapters.playground.world import World
from bot.domain.errors import PlatformError

log = structlog.get_logger()

PAUSE_S = 0.55

LINES = (
    ("asha", "Morning all! Who is coming to the park clean-up on Saturday?"),
    ("chidi", "Me! I can bring gloves and about twenty bags."),
    ("mei", "First time for me. Is there anything I should bring?"),
    ("asha", "Just water and a hat, Mei. We have everything else 🌿"),
    ("ben", "lol who gets up at 8 on a saturday"),
    ("chidi", "People who like a clean park, Ben 😄"),
    ("ben", "You are such an idiot, Chidi. Nobody asked you."),
    ("asha", "Hey, easy. It is only a clean-up."),
    ("mei", "I damaged my bike lock, does anyone know a good repair shop?"),
    ("chidi", "The one next to the bakery. He fixed mine for next to nothing."),
    ("ben", "shut up already you pathetic loser, everyone is sick of your stupid face"),
    ("priya", "Ben, that is enough now."),
    ("asha", "Back to Saturday: we meet at the north gate, by the big oak."),
    ("mei", "Lovely. This weather is killing me though, 34 degrees!"),
    ("ben", "Nobody is silly enough to pick up rubbish for free."),
    ("chidi", "Anyway! I made a list of the spots that need it most."),
    ("asha", "You are the best. That saves us an hour 💛"),
    ("mei", "See you all on Saturday then. So glad I joined."),
)


async def play(world: World) -> None:
    """Post the conversation, a line every PAUSE_S seconds; who may not post is passed over."""
    try:
        for member, line in LINES:
            with suppress(Forbidden):  # muted or banned by a reviewer, perhaps while it plays
                await asyncio.to_thread(world.post, member, line)
            await asyncio.sleep(PAUSE_S)
    except PlatformError as exc:
        log.warning("sample conversation stopped", error=str(exc))
