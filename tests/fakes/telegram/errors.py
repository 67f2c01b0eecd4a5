"""What the Bot API answers when it refuses, in its own words."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal: `code` is the HTTP status, `description` the sentence a client receives."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def json(self) -> dict[str, Any]:
        """The answer's body."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class CannotHappen(Exception):
    """A test asked a person to do what Telegram would not let that person do."""


def bad_request(reason: str) -> ApiError:
    """400: the request is wrong, or the chat's state refuses it."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """403: the bot is not let into the chat."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """409: two readers of one bot's updates."""
    return ApiError(409, f"Conflict: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """429: `retry_after` is in whole seconds, at least 1."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def upgraded(supergroup_id: int) -> ApiError:
    """400 which names the supergroup that a basic group has become."""
    return ApiError(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        migrate_to_chat_id=supergroup_id,
    )


UNAUTHORIZED = (401, "Unauthorized")
METHOD_NOT_FOUND = (404, "Not Found: method not found")
NOT_FOUND = (404, "Not Found")
