"""Gets the files of messages from where Discord keeps them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import aiohttp
import discord
import structlog

from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import Refused
from bot.domain import messages as core
from bot.domain.files import KeptFile
from bot.domain.messages import Attachment

log = structlog.get_logger(__name__)

FETCH_S = 10.0


class Fetcher:
    """Fetches a file within FETCH_S. An address leads to its file for a day; each time that Discord
    tells of the message, it gives a new one ("Signed Attachment CDN URLs")."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def fetch_of(
        self, message: core.Message, number: int, file: Attachment
    ) -> KeptFile | None:
        """A file of a message that was read some time ago; None where it cannot be had. Raises
        PlatformError."""
        if (found := await self.fetch(number, file)) is not None:
            return found
        address = await self._address_now(message, file)
        return None if address is None else await self.fetch(number, replace(file, ref=address))

    async def fetch(self, number: int, file: Attachment) -> KeptFile | None:
        """A file by its address; None where it cannot be had."""
        try:
            async with asyncio.timeout(FETCH_S):
                content = await self._client.http.get_from_cdn(file.ref)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            log.info("file not fetched", error=type(exc).__name__)
            return None
        return KeptFile(number, file.kind, file.name or "file", content)

    async def _address_now(self, message: core.Message, file: Attachment) -> str | None:
        call = self._client.http.get_message(int(message.place.channel), int(message.id))
        try:
            found: Any = await self._client.read(call)
        except Refused:
            return None
        forwarded = [each["message"] for each in found.get("message_snapshots", ())]
        files = [each for one in (found, *forwarded) for each in one.get("attachments", ())]
        wanted = _unsigned(file.ref)
        return next((each["url"] for each in files if _unsigned(each["url"]) == wanted), None)


def _unsigned(address: str) -> str:
    return address.partition("?")[0]
