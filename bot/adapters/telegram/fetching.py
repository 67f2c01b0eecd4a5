"""Fetches files from Telegram, to keep them where Telegram cannot."""

from __future__ import annotations

from pathlib import PurePosixPath

import structlog

from bot.adapters.case_files import MOST_BYTES
from bot.adapters.telegram.client import Client
from bot.adapters.telegram.files import Reference
from bot.adapters.telegram.things import is_thing
from bot.domain.errors import AmanError
from bot.domain.files import KeptFile
from bot.domain.messages import Attachment

log = structlog.get_logger(__name__)

_AS_VIDEO = "live_photo"
"""Of its two files the moving one is fetched, which by itself is a video."""


def is_fetchable(attachment: Attachment) -> bool:
    """Whether an attachment has a content: polls, places and the like are data."""
    return not is_thing(attachment)


class Fetcher:
    """Gets contents by `getFile`, which serves bots up to 20 MB."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def fetch(self, number: int, file: Attachment) -> KeptFile | None:
        """A file's content; None where it is too large or not to be had."""
        kind = "video" if file.kind == _AS_VIDEO else file.kind
        try:
            told = await self._client.read(
                self._client.bot.get_file(Reference.read(file.ref).ids[0])
            )
            if (told.file_size or 0) > MOST_BYTES:
                return None
            content = await self._client.read(told.download_as_bytearray())
        except (AmanError, OSError) as exc:  # OSError: a server of one's own gives paths
            log.warning("file not fetched", error=type(exc).__name__)
            return None
        # A photo has no name of its own; what it is stands in the ending of its path.
        name = file.name or PurePosixPath(told.file_path or kind).name
        return KeptFile(number, kind, name, bytes(content))
