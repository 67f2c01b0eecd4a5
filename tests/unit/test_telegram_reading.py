"""What is known of an update before the client reads it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram.reading import chat_of

CHAT = {"id": -1001234, "type": "supergroup"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(["message", "chat", "id"]) | st.text(max_size=3), each)
    ),
)


@pytest.mark.parametrize(
    "told",
    [
        {"message": {"message_id": 5, "chat": CHAT}},
        {"edited_channel_post": {"message_id": 5, "chat": CHAT}},
        {"callback_query": {"id": "9", "message": {"message_id": 5, "chat": CHAT}}},
        {"my_chat_member": {"chat": CHAT, "date": 1}},
    ],
)
def test_every_kind_of_update_tells_its_chat(told: dict[str, Any]) -> None:
    assert chat_of({"update_id": 1, **told}) == -1001234


def test_an_update_that_happened_in_no_chat_has_none() -> None:
    assert chat_of({"update_id": 1, "callback_query": {"id": "9", "inline_message_id": "x"}}) == 0


@given(JSON)
def test_nonsense_is_of_some_chat_or_of_none(raw: Any) -> None:
    assert isinstance(chat_of(raw), int)
