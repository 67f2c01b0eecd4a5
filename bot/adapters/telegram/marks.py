"""How a text is marked up, kept beside it so that it comes back as it was written. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from telegram import MessageEntity

_KEPT = frozenset(
    (
        MessageEntity.BLOCKQUOTE,
        MessageEntity.BOLD,
        MessageEntity.CODE,
        MessageEntity.EXPANDABLE_BLOCKQUOTE,
        MessageEntity.ITALIC,
        MessageEntity.PRE,
        MessageEntity.SPOILER,
        MessageEntity.STRIKETHROUGH,
        MessageEntity.TEXT_LINK,
        MessageEntity.UNDERLINE,
    )
)
"""What a bot may write itself and pings nobody. Of a custom emoji the text holds the plain one;
links and hashtags Telegram finds by itself."""

MOST = 90
"""Telegram heeds the first hundred of a message."""


def written(entities: Sequence[MessageEntity]) -> str:
    """The entities worth keeping, for `Part.marks`; "" where there are none."""
    kept = [each.to_dict() for each in entities if each.type in _KEPT]
    return json.dumps(kept[:MOST], separators=(",", ":")) if kept else ""


def read(marks: str) -> tuple[MessageEntity, ...]:
    """The entities in a part's marks."""
    return MessageEntity.de_list(json.loads(marks), None) if marks else ()
