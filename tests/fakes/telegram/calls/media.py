"""Methods that send files, alone or as an album."""

from __future__ import annotations

from typing import Any

from ..errors import bad_request
from ..files import StoredFile, media_body
from .call import METHODS, Call, Method, method
from .sending import caption_body, destination, post

Json = dict[str, Any]
_PERMISSIONS = {
    "photo": "can_send_photos",
    "video": "can_send_videos",
    "animation": "can_send_other_messages",
    "document": "can_send_documents",
    "audio": "can_send_audios",
    "voice": "can_send_voice_notes",
    "video_note": "can_send_video_notes",
    "sticker": "can_send_other_messages",
    "live_photo": "can_send_photos",
}
_ALBUM_PERMISSION = {
    kind: _PERMISSIONS[kind] for kind in ("photo", "live_photo", "video", "document", "audio")
}
_DETAILS = ("duration", "width", "height", "performer", "title")


def stored_file(call: Call, kind: str, source: str, details: Json | None = None) -> StoredFile:
    """The file which a parameter means: an upload, one attached to the request, or a known id."""
    name = source.removeprefix("attach://") if source.startswith("attach://") else None
    if name is None:
        return _known_file(call, kind, source)
    upload = call.uploads.get(name)
    if upload is None:
        raise bad_request(f"can't find the file attached as {name}")
    return call.world.files.keep(kind, upload.content, upload.name, details)


def _known_file(call: Call, kind: str, file_id: str) -> StoredFile:
    world = call.world
    file = world.files.by_id(file_id, kind)
    if not world.forgetful:
        return file
    if not world.bears(file.unique_id):
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    return world.files.again(file)


def _sender(kind: str) -> Method:
    def send(call: Call) -> Json:
        chat = destination(call, _PERMISSIONS[kind])
        details = {name: call.params[name] for name in _DETAILS if name in call.params}
        caption = caption_body(call.params)
        file = stored_file(call, kind, call.params[kind], details)
        if kind == "live_photo":
            stored_file(call, "photo", call.params["photo"])
        return post(call, chat, {**media_body(file), **caption}).json()

    send.__doc__ = f"Post a {kind.replace('_', ' ')}."
    return send


for _kind in _PERMISSIONS:
    METHODS["send" + "".join(word.title() for word in _kind.split("_"))] = _sender(_kind)


@method("sendMediaGroup")
def send_media_group(call: Call) -> list[Json]:
    """Post 2 to 10 media as one album."""
    items = call.params["media"]
    if not 2 <= len(items) <= 10:
        raise bad_request("media group must include 2-10 items")
    kinds = {item["type"] for item in items}
    for kind in kinds - _ALBUM_PERMISSION.keys():
        raise bad_request(f'type "{kind}" can\'t be used in sendMediaGroup')
    if len(kinds) > 1 and not kinds <= {"photo", "live_photo", "video"}:
        raise bad_request("can't use the media of the specified type in the album")
    bodies = []
    for item in items:
        chat = destination(call, _ALBUM_PERMISSION[item["type"]])
        caption = caption_body(item)
        file = stored_file(call, item["type"], item["media"])
        if item["type"] == "live_photo":
            stored_file(call, "photo", item["photo"])
        bodies.append({**media_body(file), **caption})
    album = str(call.world.number() + 13_000_000_000_000_000)
    return [post(call, chat, body, media_group_id=album).json() for body in bodies]
