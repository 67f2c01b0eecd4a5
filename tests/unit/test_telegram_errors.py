"""What Telegram's refusals mean."""

from __future__ import annotations

import httpx
import pytest
from telegram.error import InvalidToken, NetworkError

from bot.adapters.telegram.errors import Unknown, telegram_errors
from bot.domain.errors import PlatformError


@pytest.mark.parametrize("words", ["Not Found", "Not Found: method not found", "no such thing"])
def test_a_method_that_a_server_lacks_says_nothing_about_the_token(words: str) -> None:
    with pytest.raises(Unknown), telegram_errors():
        raise InvalidToken(words)  # what the client makes of any 404


def test_an_answer_that_the_client_trips_over_is_a_refusal_with_its_reason() -> None:
    with pytest.raises(Unknown, match="cannot be read"), telegram_errors():
        raise AttributeError("'bool' object has no attribute 'copy'")


def test_a_token_that_was_taken_back_is_told_of_as_such() -> None:
    with pytest.raises(PlatformError, match="set TELEGRAM_BOT_TOKEN"), telegram_errors():
        raise InvalidToken("Unauthorized")


def test_where_telegram_is_out_of_reach_it_is_told_what_to_check() -> None:
    told = r"cannot be reached \(ConnectError\): check the network and TELEGRAM_API_BASE_URL"
    with pytest.raises(PlatformError, match=told), telegram_errors():
        raise NetworkError("bot-secret") from httpx.ConnectError("bot-secret")
