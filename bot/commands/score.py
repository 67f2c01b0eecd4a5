"""`aman score`: texts in, scores out."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Annotated, BinaryIO

import typer

from bot.commands.console import settings_and_logs, sync, write_json
from bot.domain.errors import InvalidValue
from bot.domain.messages import readable
from bot.scoring.evasion import FoldingScorer
from bot.scoring.opening import open_scorer
from config.settings import Engine

AT_ONCE = 256


@sync
async def score(
    model: Annotated[str | None, typer.Option(help="A model's name or a checkpoint.")] = None,
    engine: Annotated[Engine | None, typer.Option(help="What runs the model.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Turn the handling of evasion off.")] = False,
) -> None:
    """Score standard input, a text or a JSON object with "text" a line; one JSON object a line."""
    settings = settings_and_logs("WARNING")
    scorer = await open_scorer(
        model or settings.detoxify_model,
        engine or settings.scoring_engine,
        settings.data_dir,
        settings.detoxify_config_path,
    )
    reader = scorer if raw else FoldingScorer(scorer)
    try:
        for texts in _in_lots(_texts(sys.stdin.buffer)):
            for text, scores in zip(texts, await reader.score(texts), strict=True):
                digest = hashlib.sha256(text.encode()).hexdigest()
                write_json({"text_sha256": digest, "scores": scores.by_label})
    finally:
        await scorer.close()


def _texts(lines: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        yield readable(_text(number, line.decode("utf-8-sig", errors="replace").rstrip("\r\n")))


def _text(number: int, line: str) -> str:
    """What a JSON object says in `text`; a line that is no such object is text as it stands."""
    inside = line.strip()
    if not inside.startswith("{"):
        return line
    try:
        # json, not msgspec: it lets broken Unicode through, as the platforms do.
        text = json.loads(inside).get("text")
    except (ValueError, RecursionError):
        return line
    if not isinstance(text, str):
        raise InvalidValue(f'line {number}: a JSON object needs its text under "text", as a string')
    return text


def _in_lots(texts: Iterator[str]) -> Iterator[list[str]]:
    lot: list[str] = []
    try:
        for text in texts:
            lot.append(text)
            if len(lot) == AT_ONCE:
                yield lot
                lot = []
    except InvalidValue:
        yield lot  # what stands before the line that cannot be is scored all the same
        raise
    if lot:
        yield lot
