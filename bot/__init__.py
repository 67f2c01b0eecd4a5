"""Aman: a moderation bot that communities can trust."""

__version__ = "0.1.0"
