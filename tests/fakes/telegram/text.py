"""Text as Telegram measures it: UTF-16 code units, and entities that must lie inside it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from .errors import bad_request

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100
ENTITY_TYPES = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
    ]
)
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"']+)|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,32}(?:@\w+)?)"
    r"|(?<!\w)(?P<mention>@\w{3,32})|(?<!\w)(?P<hashtag>#\w+)"
)
_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
}

Json = dict[str, Any]


def utf16_length(text: str) -> int:
    """How long Telegram says that a text is."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of a text which an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "surrogatepass")


def found_entities(text: str) -> list[Json]:
    """What Telegram itself marks in a text: links, commands, mentions, hashtags."""
    entities = []
    for match in _FOUND.finditer(text):
        entities.append(
            {
                "type": match.lastgroup,
                "offset": utf16_length(text[: match.start()]),
                "length": utf16_length(match.group()),
            }
        )
    return entities


def formatted(
    text: str, parse_mode: str | None, entities: list[Json] | None, *, limit: int, what: str
) -> tuple[str, list[Json]]:
    """Check a text that a bot sends; `what` is "message text" or "message caption".

    The limit counts after the markup has become entities. MarkdownV2 is not read here.
    """
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request("unsupported parse_mode")
        text, entities = _Html(text).result()
    checked = _checked(text, entities or [])
    if utf16_length(text) > limit:
        raise bad_request("message is too long" if limit == TEXT_LIMIT else f"{what} is too long")
    marked = {(e["offset"], e["length"]) for e in checked}
    extra = [e for e in found_entities(text) if (e["offset"], e["length"]) not in marked]
    return text, sorted(checked + extra, key=lambda e: (e["offset"], -e["length"]))


def _checked(text: str, entities: list[Json]) -> list[Json]:
    if len(entities) > ENTITY_LIMIT:
        raise bad_request("too many entities")  # the real server drops the rest silently
    length = utf16_length(text)
    for entity in entities:
        start, size = entity["offset"], entity["length"]
        if entity["type"] not in ENTITY_TYPES:
            raise bad_request("can't parse MessageEntity: unsupported type specified")
        if start < 0 or size <= 0:
            raise bad_request(f"receive an entity with incorrect offset {start} or length {size}")
        if start + size > length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text "
                f"at UTF-16 offset {length}"
            )
        if any(_inside_a_pair(text, at) for at in (start, start + size)):
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol"
            )
        if entity["type"] == "text_link" and not entity.get("url"):
            raise bad_request("can't parse MessageEntity: Can't find field \"url\"")
        if entity["type"] == "text_mention" and not entity.get("user"):
            raise bad_request("can't parse MessageEntity: Can't find field \"user\"")
    return [dict(entity) for entity in entities]


def _inside_a_pair(text: str, offset: int) -> bool:
    raw = text.encode("utf-16-le", "surrogatepass")
    unit = int.from_bytes(raw[offset * 2 : offset * 2 + 2], "little")
    return 0xDC00 <= unit <= 0xDFFF


class _Html(HTMLParser):
    """Telegram's HTML: a few tags, properly closed, everything else refused."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self._text = ""
        self._open: list[tuple[str, int, str | None]] = []
        self._entities: list[Json] = []
        self.feed(source)
        self.close()

    def result(self) -> tuple[str, list[Json]]:
        """The text without its tags, and the entities they stood for."""
        if self._open:
            raise bad_request(f"can't parse entities: Can't find end tag of {self._open[-1][0]}")
        return self._text, self._entities

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in _TAGS and not (tag == "span" and given.get("class") == "tg-spoiler"):
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}"')
        self._open.append((tag, utf16_length(self._text), given.get("href")))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise bad_request("can't parse entities: Unexpected end tag")
        _, start, href = self._open.pop()
        entity: Json = {
            "type": _TAGS.get(tag, "spoiler"),
            "offset": start,
            "length": utf16_length(self._text) - start,
        }
        if href:
            entity["url"] = href
        if entity["length"]:
            self._entities.append(entity)

    def handle_data(self, data: str) -> None:
        self._text += data
