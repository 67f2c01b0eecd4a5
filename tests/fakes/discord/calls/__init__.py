"""The routes of the REST API, by subject."""

from . import (
    channels,
    commands,
    guilds,
    interactions,
    members,
    messages,
    threads,
    users,
    webhooks,
)
from .call import ROUTES, Call, Route

__all__ = [
    "ROUTES",
    "Call",
    "Route",
    "channels",
    "commands",
    "guilds",
    "interactions",
    "members",
    "messages",
    "threads",
    "users",
    "webhooks",
]
