"""`aman score`: texts in, scores out."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from typing import Annotated, BinaryIO

import msgspec
import typer

from bot.commands.console import settings_and_logs, sync, write_json
from bot.domain.errors import InvalidValue
from bot.domain.messages import readable
from bot.scoring.evasion import FoldingScorer
from bot.scoring.opening import open_scorer

AT_ONCE = 256


class _Line(msgspec.Struct):
    text: str


@sync
async def score(
    model: Annotated[str | None, typer.Option(help="A model's name or a checkpoint.")] = None,
    engine: Annotated[str | None, typer.Option(help="What runs the model.")] = None,
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
        text = line.decode(errors="replace").rstrip("\r\n")
        if text.startswith("{"):
            try:
                text = msgspec.json.decode(text, type=_Line).text
            except msgspec.MsgspecError as exc:
                raise InvalidValue(f"line {number}: {exc}") from exc
        yield readable(text)


def _in_lots(texts: Iterator[str]) -> Iterator[list[str]]:
    lot: list[str] = []
    for text in texts:
        lot.append(text)
        if len(lot) == AT_ONCE:
            yield lot
            lot = []
    if lot:
        yield lot
