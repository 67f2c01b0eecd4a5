"""The playground: a chat platform of its own, for trying a policy before trusting it."""

import re

from bot.adapters.platform import Form
from bot.adapters.playground.people import LOBBY, REVIEW
from bot.adapters.playground.playground import Playground

__all__ = ["LOBBY", "PLACE_IDS", "REVIEW", "Playground"]

PLACE_IDS = Form(re.compile(".+"), "a word")
