"""The methods of the Bot API, by subject."""

from . import (
    callbacks,
    chats,
    commands,
    copying,
    deleting,
    editing,
    ephemeral,
    fetching,
    media,
    members,
    polls,
    sending,
)
from .call import METHODS, Call, Upload

__all__ = [
    "METHODS",
    "Call",
    "Upload",
    "callbacks",
    "chats",
    "commands",
    "copying",
    "deleting",
    "editing",
    "ephemeral",
    "fetching",
    "media",
    "members",
    "polls",
    "sending",
]
