"""Files that people and bots have sent, kept by id."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from .errors import bad_request

Json = dict[str, Any]
DOWNLOAD_LIMIT = 20 * 1024 * 1024
_PHOTO_LIMIT = 10 * 1024 * 1024
_UPLOAD_LIMIT = 50 * 1024 * 1024
_FOLDERS = {
    "photo": ("photos", "jpg", "image/jpeg"),
    "video": ("videos", "mp4", "video/mp4"),
    "animation": ("animations", "mp4", "video/mp4"),
    "document": ("documents", "bin", "application/octet-stream"),
    "audio": ("music", "mp3", "audio/mpeg"),
    "voice": ("voice", "oga", "audio/ogg"),
    "video_note": ("video_notes", "mp4", "video/mp4"),
    "sticker": ("stickers", "webp", "image/webp"),
    "live_photo": ("live_photos", "mp4", "video/mp4"),
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file's content and what Telegram tells about it. `pretended_size` outdoes the content."""

    file_id: str
    kind: str
    content: bytes
    name: str
    path: str
    details: Json = field(default_factory=dict)
    pretended_size: int | None = None

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content) if self.pretended_size is None else self.pretended_size

    @property
    def unique_id(self) -> str:
        """The same for the same content."""
        return "U" + hashlib.sha256(self.content).hexdigest()[:14]

    def body(self) -> Json | list[Json]:
        """The file as the Bot API shows it in a message."""
        common: Json = {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
        }
        if self.kind == "photo":
            small = {**common, "file_id": self.file_id + "s", "width": 90, "height": 60}
            return [small, {**common, "width": 1280, "height": 853}]
        return {**common, **self._particulars(), **self.details}

    def _particulars(self) -> Json:
        mime = _FOLDERS[self.kind][2]
        if self.kind == "document":
            return {"file_name": self.name, "mime_type": mime}
        if self.kind == "audio":
            return {"duration": 3, "file_name": self.name, "mime_type": mime}
        if self.kind == "voice":
            return {"duration": 3, "mime_type": mime}
        if self.kind == "video_note":
            return {"duration": 3, "length": 240}
        if self.kind == "sticker":
            shape = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
            return {"type": "regular", "emoji": "🙂", **shape}
        frame = {"width": 640, "height": 480, "duration": 3}
        named = {} if self.kind == "live_photo" else {"file_name": self.name}
        return {**frame, **named, "mime_type": mime}


def media_body(file: StoredFile) -> Json:
    """A file as a message carries it. For clients of old an animation is also a document, and a
    live photo also a photo."""
    body: Json = {file.kind: file.body()}
    if file.kind == "animation":
        document = {"file_id", "file_unique_id", "file_size", "file_name", "mime_type"}
        body["document"] = {k: v for k, v in body["animation"].items() if k in document}
    if file.kind == "live_photo":
        body["photo"] = body["live_photo"]["photo"]
    return body


class FileStore:
    """Every file by its id. The ids of a photo's sizes lead to the same content."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(
        self,
        kind: str,
        content: bytes,
        name: str | None = None,
        details: Json | None = None,
        pretended_size: int | None = None,
    ) -> StoredFile:
        """Store content; refuses what is empty or larger than bots may send."""
        if not content:
            raise bad_request("file must be non-empty")
        if len(content) > (_PHOTO_LIMIT if kind == "photo" else _UPLOAD_LIMIT):
            raise bad_request(f"file is too big for a {kind}")
        if kind == "live_photo":
            details = {"photo": self.keep("photo", content).body(), **(details or {})}
        number = len(self._by_id)
        folder, ending, _ = _FOLDERS[kind]
        file = StoredFile(
            f"F{kind}-{number:08d}-{hashlib.sha256(content).hexdigest()[:12]}",
            kind,
            content,
            name or f"{kind}.{ending}",
            f"{folder}/file_{number}.{ending}",
            details or {},
            pretended_size,
        )
        self._by_id[file.file_id] = file
        self._by_path[file.path] = file
        if kind == "photo":
            self._by_id[file.file_id + "s"] = file
        return file

    def by_id(self, file_id: str, kind: str | None = None) -> StoredFile:
        """The file with an id, which must be of the kind asked for."""
        file = self._by_id.get(file_id)
        if file is None and file_id.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        if file is None:
            raise bad_request("wrong remote file identifier specified: Wrong string length")
        if kind is not None and file.kind != kind:
            raise bad_request(f"can't use file of type {file.kind} as {kind}")
        return file

    def again(self, file: StoredFile) -> StoredFile:
        """The same content under an id of its own."""
        details = {k: v for k, v in file.details.items() if k != "photo"}
        return self.keep(file.kind, file.content, file.name, details, file.pretended_size)

    def forget(self, file_id: str) -> None:
        """Let an id lead nowhere."""
        del self._by_id[file_id]

    def by_path(self, path: str) -> StoredFile | None:
        """The file that getFile gave this path for."""
        return self._by_path.get(path)
