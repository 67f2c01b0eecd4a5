"""What Discord answers when it refuses, in its own words.

Codes and sentences: https://discord.com/developers/docs/topics/opcodes-and-status-codes
"""

from __future__ import annotations

import math
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """A refusal: HTTP `status`, Discord's own `code`, and the sentence that a client receives."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.more = more

    def json(self) -> Json:
        """The answer's body."""
        return {"message": self.message, "code": self.code, **self.more}


class CannotHappen(Exception):
    """A test asked a person to do what Discord would not let that person do."""


Problem = tuple[tuple[str, ...], str, str]
"""Where in a request's body something is wrong, the code, and the sentence."""


def invalid_form(*problems: Problem) -> ApiError:
    """400: the body is wrong at the places named."""
    errors: Json = {}
    for path, code, message in problems:
        at = errors
        for step in path:
            at = at.setdefault(step, {})
        at.setdefault("_errors", []).append({"code": code, "message": message})
    return ApiError(400, 50035, "Invalid Form Body", errors=errors)


def wrong(path: str, code: str, message: str) -> ApiError:
    """400 for one field; `path` is dotted."""
    return invalid_form((tuple(path.split(".")), code, message))


_UNKNOWN = {
    "Application": 10002,
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "Role": 10011,
    "User": 10013,
    "Webhook": 10015,
    "Ban": 10026,
    "Interaction": 10062,
    "application command": 10063,
    "Auto Moderation Rule": 10086,
}


def unknown(what: str) -> ApiError:
    """404: there is no such thing (any more)."""
    return ApiError(404, _UNKNOWN[what], f"Unknown {what}")


def missing_access() -> ApiError:
    """403: the bot cannot see the place."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """403: the bot sees it and may not."""
    return ApiError(403, 50013, "Missing Permissions")


def unauthorized() -> ApiError:
    """401: no such token."""
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    """404: no such route."""
    return ApiError(404, 0, "404: Not Found")


def up_to_ms(seconds: float) -> float:
    """Seconds rounded up: who waits so long is not too early."""
    return math.ceil(seconds * 1000) / 1000


def rate_limited(retry_after: float, *, is_global: bool = False) -> ApiError:
    """429: `retry_after` is in seconds, with fractions."""
    return ApiError(
        429,
        0,
        "You are being rate limited.",
        retry_after=max(0.001, up_to_ms(retry_after)),
        **{"global": is_global},
    )
