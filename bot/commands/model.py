"""`aman model`: the models there are, and whether they are what they should be."""

from __future__ import annotations

import asyncio

import typer

from bot.commands.console import out, settings_and_logs, sync, table
from bot.scoring import checkpoints

app = typer.Typer(help="Detoxify models.")


@app.command("list")
def list_() -> None:
    """List the models by name."""
    settings = settings_and_logs("WARNING")
    rows = table("MODEL", "HERE", "SHA-256", "ABOUT")
    for each in checkpoints.catalogue(settings.data_dir):
        rows.add_row(
            each.name,
            "yes" if each.present else "no",
            each.pinned[:12] if each.pinned else "-",
            each.about,
        )
    out.print(rows)


@app.command()
@sync
async def fetch(model: str) -> None:
    """Download a model and its tokenizer, so that it runs offline."""
    settings = settings_and_logs("WARNING")
    _tell(await asyncio.to_thread(checkpoints.fetch, model, settings.data_dir))


@app.command()
@sync
async def verify(model: str) -> None:
    """Check a model's bytes against its hash."""
    settings = settings_and_logs("WARNING")
    _tell(await asyncio.to_thread(checkpoints.verify, model, settings.data_dir))


def _tell(verified: checkpoints.Verified) -> None:
    pinned = ", pinned now" if verified.first_use else ""
    out.print(f"{verified.model}: {verified.size:,} bytes, SHA-256 {verified.sha256}{pinned}")
