"""Structured logs: events with ids, never what people wrote, never a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog

# Telegram's token is part of every address that its client logs.
_TOKEN_IN_ADDRESS = re.compile(r"(/bot|/file/bot)\d+:[A-Za-z0-9_-]+")
_NOISY = ("httpx", "httpcore", "aiosqlite", "asyncio", "discord", "telegram", "alembic")


def set_up(
    level: str = "INFO",
    form: Literal["console", "json"] = "console",
    secrets: Iterable[str] = (),
) -> None:
    """Send the logs of Aman and of every library to standard error, in one form.

    level: a level of the standard library's, such as "INFO".
    secrets: what must never be printed, wherever in an entry it turns up.
    """
    hidden = [secret for secret in secrets if secret]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _Redactor(hidden),
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class _Redactor:
    """Takes secrets out of whatever is about to be written."""

    def __init__(self, secrets: list[str]) -> None:
        self._secrets = secrets

    def __call__(
        self, logger: object, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: object) -> object:
        match value:
            case str():
                return self._without(value)
            case bool() | int() | float() | None:
                return value
            case dict():
                return {key: self._clean(each) for key, each in value.items()}
            case list() | tuple():
                return [self._clean(each) for each in value]
        return self._without(str(value))

    def _without(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return _TOKEN_IN_ADDRESS.sub(r"\1[secret]", text)
