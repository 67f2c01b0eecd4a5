"""The playground: a chat platform of its own, for trying a policy before trusting it."""

from bot.adapters.playground.people import LOBBY, REVIEW
from bot.adapters.playground.playground import Playground

__all__ = ["LOBBY", "REVIEW", "Playground"]
