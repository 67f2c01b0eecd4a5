"""Files under messages, and the addresses that die with them."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from typing import Any

from .errors import wrong

Json = dict[str, Any]
_SPOILER = "SPOILER_"


@dataclass(frozen=True, slots=True)
class File:
    """A file as somebody chooses it; with `spoiler` it is covered."""

    name: str
    content: bytes = b"\x89loopback"
    description: str | None = None
    spoiler: bool = False

    @property
    def stored_name(self) -> str:
        """The name under which Discord keeps it, which tells whether it is covered."""
        covered = self.spoiler and not self.name.startswith(_SPOILER)
        return _SPOILER + self.name if covered else self.name


@dataclass(eq=False)
class Attachment:
    """A file under a message. `is_gone` once the message is."""

    id: int
    file: File
    url: str
    is_gone: bool = False

    def json(self) -> Json:
        """An `Attachment` as Discord writes it."""
        data: Json = {
            "id": str(self.id),
            "filename": self.file.stored_name,
            "size": len(self.file.content),
            "url": self.url,
            "proxy_url": self.url,
        }
        kind = mimetypes.guess_type(self.file.name)[0]
        if kind:
            data["content_type"] = kind
            if kind.startswith("image/"):
                data.update(width=640, height=480)
        if self.file.description:
            data["description"] = self.file.description
        return data


@dataclass
class FileStore:
    """Every attachment by its id. `root` is where their addresses begin."""

    root: str = ""
    _by_id: dict[int, Attachment] = field(default_factory=dict)

    def keep(self, attachment_id: int, channel_id: int, file: File) -> Attachment:
        """Store a file, of whatever size: people may buy larger ones than bots may send."""
        if not file.name:
            raise wrong("files", "BASE_TYPE_REQUIRED", "This field is required")
        path = f"attachments/{channel_id}/{attachment_id}/{file.stored_name}"
        url = f"{self.root}/{path}?ex=6a1b2c3d&is=69f9dabd&hm=loopback"
        self._by_id[attachment_id] = Attachment(attachment_id, file, url)
        return self._by_id[attachment_id]

    def find(self, attachment_id: int) -> Attachment | None:
        """The attachment of that id, unless it is gone."""
        found = self._by_id.get(attachment_id)
        return None if found is None or found.is_gone else found
