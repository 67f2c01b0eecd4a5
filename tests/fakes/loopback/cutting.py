"""Connections that break on purpose."""

from __future__ import annotations

from aiohttp import web


class Cut(ConnectionResetError):
    """The connection is gone; there is nothing to answer to."""


def cut(request: web.Request) -> Cut:
    """Break a request's connection."""
    if request.transport is not None:
        request.transport.abort()
    return Cut("cut on purpose")
