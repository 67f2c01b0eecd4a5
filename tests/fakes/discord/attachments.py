"""Files under messages, and the addresses that die with them."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.loopback.clock import Clock

from .errors import wrong

Json = dict[str, Any]
_SPOILER = "SPOILER_"
_ADDRESS_LASTS = 86_400


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
    store: FileStore
    path: str
    is_gone: bool = False

    @property
    def url(self) -> str:
        """Where it is for a day from now; each time that Discord tells of it, it signs anew."""
        return self.store.signed(f"{self.store.root}/{self.path}")

    def json(self) -> Json:
        """An `Attachment` as Discord writes it."""
        data: Json = {
            "id": str(self.id),
            "filename": self.file.stored_name,
            "size": len(self.file.content),
            "url": (url := self.url),
            "proxy_url": url,
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

    clock: Clock
    root: str = ""
    _by_id: dict[int, Attachment] = field(default_factory=dict)

    def keep(self, attachment_id: int, channel_id: int, file: File) -> Attachment:
        """Store a file, of whatever size: people may buy larger ones than bots may send."""
        if not file.name:
            raise wrong("files", "BASE_TYPE_REQUIRED", "This field is required")
        path = f"attachments/{channel_id}/{attachment_id}/{file.stored_name}"
        self._by_id[attachment_id] = Attachment(attachment_id, file, self, path)
        return self._by_id[attachment_id]

    def signed(self, address: str) -> str:
        """An address, signed or not, that leads to its file for a day from now."""
        now = int(self.clock.now())
        return f"{address.partition('?')[0]}?ex={now + _ADDRESS_LASTS:x}&is={now:x}&hm=loopback"

    def find(self, attachment_id: int, expires: str) -> Attachment | None:
        """The attachment of that id, unless it is gone, or its address has expired. expires: the
        time, in hexadecimal seconds since 1970."""
        found = self._by_id.get(attachment_id)
        expired = int(expires, 16) < self.clock.now()
        return None if found is None or found.is_gone or expired else found
