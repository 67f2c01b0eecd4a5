"""Telegram's errors, as ours.

ChatMigrated                   Moved          the group has a new id: tried again there
RetryAfter                     PlatformBusy   and the chat is left alone for so long
Forbidden, BadRequest          Refused        trying again will not help
EndPointNotFound               Unknown        a server older than the client
InvalidToken                   PlatformError  nothing works until the token is mended
Conflict                       ReadElsewhere  updates go to another program, or to a webhook
TimedOut, NetworkError, …      PlatformError  tried again
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.domain.errors import AmanError, PlatformBusy, PlatformError

PLATFORM = "telegram"

NOT_ACCEPTED = (
    "Telegram does not accept the token: take the bot's current one from @BotFather (/mybots → "
    "API Token) and set TELEGRAM_BOT_TOKEN"
)
CONFLICT = (
    "another program reads this bot's updates with the same token: stop it, or give this bot a "
    "token of its own"
)


class Refused(AmanError):
    """Telegram does not do this, and will not when asked again. `why` is in its own words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def says(self, *fragments: str) -> bool:
        """Whether Telegram's words hold one of these, in lower case."""
        why = self.why.lower()
        return any(fragment in why for fragment in fragments)


class Unknown(Refused):
    """The server does not know the method, or as another: it is older than the client, or only
    resembles Telegram's."""


class InDoubt(PlatformError):
    """The connection broke while an answer was due: it may have been done, or not."""

    def __init__(self, reason: str) -> None:
        super().__init__(PLATFORM, reason)


class Moved(PlatformError):
    """The group has another id now, under which its messages have other ids."""

    def __init__(self, to: int) -> None:
        super().__init__(PLATFORM, f"the group has become {to}")
        self.to = to


class ReadElsewhere(PlatformError):
    """The bot's updates go elsewhere: to another program, or to a webhook that was left behind."""


@contextmanager
def telegram_errors() -> Iterator[None]:
    """Translates whatever the client raises; the token is in none of the sentences."""
    try:
        yield
    except RetryAfter as exc:
        seconds = exc._retry_after.total_seconds()  # the public form depends on the environment
        raise PlatformBusy(PLATFORM, f"asks to wait {seconds:.0f} s", seconds) from None
    except ChatMigrated as exc:
        raise Moved(exc.new_chat_id) from None
    except EndPointNotFound as exc:
        raise Unknown(exc.message) from None
    except InvalidToken as exc:
        # The client takes any 404 for a bad token. One that was good at log-in and is no more is
        # Unauthorized, a 401: 404 is then a method that the server lacks, in whatever words.
        if "unauthorized" not in exc.message.lower():
            raise Unknown(exc.message) from None
        raise PlatformError(PLATFORM, NOT_ACCEPTED) from None
    except Conflict:
        raise ReadElsewhere(PLATFORM, CONFLICT) from None
    except (Forbidden, BadRequest) as exc:
        raise Refused(exc.message) from None
    except TelegramError as exc:
        raise _unreachable(exc) from None
    except (AttributeError, LookupError, TypeError, ValueError) as exc:
        # What the client trips over in an answer. Asked again, it would be answered no better.
        raise Unknown(f"an answer that cannot be read ({exc!r})") from exc


def _unreachable(error: TelegramError) -> PlatformError:
    cause = error.__cause__
    if cause is None:  # the server answered, with an error of its own
        return PlatformError(PLATFORM, f"Telegram fails: {error.message}")
    # By its name alone: its words may hold the address, and the address holds the token.
    check = "check the network and TELEGRAM_API_BASE_URL"
    reason = f"Telegram cannot be reached ({type(cause).__name__}): {check}"
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return PlatformError(PLATFORM, reason)
    return InDoubt(reason)
