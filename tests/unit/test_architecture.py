"""The architecture's rules, seen from a fresh process, where lazy imports show too."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = {"telegram", "discord", "redis", "sqlalchemy", "torch", "aiohttp", "detoxify", "config"}


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("path", sorted((ROOT / "bot/domain").glob("*.py")), ids=lambda p: p.stem)
def test_the_core_loads_nothing_from_outside(path: Path) -> None:
    assert OUTSIDE.isdisjoint(loaded_by(f"bot.domain.{path.stem}"))


def test_handlers_load_no_platform_no_redis_no_sql_and_no_model() -> None:
    modules = ", ".join(f"handlers.{path.stem}" for path in (ROOT / "handlers").glob("[a-z]*.py"))
    assert OUTSIDE.isdisjoint(loaded_by(modules))


def test_the_bot_starts_without_torch_until_a_model_is_opened() -> None:
    assert {"torch", "transformers", "detoxify"}.isdisjoint(loaded_by("bot.app"))


def test_a_process_loads_a_platforms_library_only_to_serve_it() -> None:
    assert {"telegram", "discord"}.isdisjoint(loaded_by("bot.app"))


def test_nothing_waits_by_what_loses_a_cancellation() -> None:
    """On Python 3.11 `asyncio.wait_for` does, and the bot then never ends; `asyncio.timeout` is
    safe."""
    ours = [path for folder in ("bot", "handlers") for path in (ROOT / folder).rglob("*.py")]
    code = {path: ast.parse(path.read_text("utf-8")) for path in ours}
    waits = [
        str(path)
        for path, tree in code.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "wait_for"
    ]
    assert waits == []


def test_the_core_reads_no_clock() -> None:
    for path in (ROOT / "bot/domain").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"now", "utcnow", "monotonic", "today"}, path


PLATFORMS = ("discord", "telegram")
THEIR_OWN = ("bot/adapters/discord/", "bot/adapters/telegram/", "bot/replay/formats/")


def names_in(path: Path) -> set[str]:
    """Every name that a file's code uses; its texts and comments may give a fact's source."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        for field in ("id", "attr", "arg", "name", "module"):
            names.add(str(getattr(node, field, "")).lower())
    return names


@pytest.mark.parametrize(
    "path",
    [
        path
        for top in ("bot", "handlers")
        for path in sorted((ROOT / top).rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(THEIR_OWN)
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_only_its_own_folder_names_a_platform(path: Path) -> None:
    assert [name for name in names_in(path) if any(each in name for each in PLATFORMS)] == []
