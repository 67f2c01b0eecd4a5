"""`aman model`: the models there are, and whether they are what they should be."""

from __future__ import annotations

import typer

from bot.commands.console import out, settings_and_logs, table
from bot.scoring import checkpoints, conversion
from bot.scoring.converted import Manifest
from config.settings import Settings

app = typer.Typer(help="Detoxify models.")


@app.command("list")
def list_() -> None:
    """List the models by name."""
    settings = settings_and_logs("WARNING")
    rows = table("MODEL", "HERE", "SHA-256", "FAST ENGINE", "ABOUT")
    for each in checkpoints.catalogue(settings.data_dir):
        rows.add_row(
            each.name,
            "yes" if each.present else "no",
            each.pinned[:12] if each.pinned else "-",
            _chosen(each, settings),
            each.about,
        )
    out.print(rows)


@app.command()
def fetch(model: str) -> None:
    """Download a model and its tokenizer, and convert it for the fast engine; it then runs
    offline and starts at once."""
    settings = settings_and_logs("WARNING")
    _tell(checkpoints.fetch(model, settings.data_dir))
    if settings.scoring_engine == "fast":
        where = (settings.data_dir, settings.detoxify_config_path)
        _, manifest = conversion.converted(model, *where)
        _tell_figures(manifest)


@app.command()
def verify(model: str) -> None:
    """Check a model's bytes against its hash, and show how near the fast engine's scores of it
    are to Detoxify's."""
    settings = settings_and_logs("WARNING")
    where = (settings.data_dir, settings.detoxify_config_path)
    verified = checkpoints.verify(model, *where)
    _tell(verified)
    manifest = conversion.find_converted(verified, *where)
    if manifest is not None:
        _tell_figures(manifest)
    else:
        out.print(f"fast engine: not converted yet; `aman model fetch {model}` does it")


def _chosen(listed: checkpoints.Listed, settings: Settings) -> str:
    """What serves a model on the fast engine; "-" where it is not converted."""
    if not listed.present or listed.pinned is None:
        return "-"
    verified = checkpoints.Verified(listed.name, listed.path, listed.pinned, 0, first_use=False)
    manifest = conversion.find_converted(verified, settings.data_dir, settings.detoxify_config_path)
    return manifest.chosen if manifest else "-"


def _tell(verified: checkpoints.Verified) -> None:
    pinned = ", pinned now" if verified.first_use else ""
    out.print(f"{verified.model}: {verified.size:,} bytes, SHA-256 {verified.sha256}{pinned}")


def _tell_figures(manifest: Manifest) -> None:
    """A row for each candidate that was tried, the last of which serves."""
    rows = table("CANDIDATE", "TEXT ms", "MEAN", "P99", "MOST", "FLIPS %", "BESIDE", "")
    for name, figures in manifest.measured.items():
        parity = figures.parity
        rows.add_row(
            name,
            f"{figures.typical_ms:.1f}",
            *(f"{each:.5f}" for each in (parity.mean, parity.p99, parity.largest)),
            f"{100 * parity.flips:.3f}",
            f"{parity.beside:.5f}",
            "serves" if name == manifest.chosen else "; ".join(parity.faults()),
        )
    out.print(f"fast engine on {manifest.machine}, beside Detoxify:")
    out.print(rows)
