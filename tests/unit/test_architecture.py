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


def test_the_core_reads_no_clock() -> None:
    for path in (ROOT / "bot/domain").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"now", "utcnow", "monotonic", "today"}, path


def test_no_handler_names_a_platform() -> None:
    for path in (ROOT / "handlers").glob("*.py"):
        text = path.read_text().lower()
        # The one figure that the review window is made for has its source named.
        assert "discord" not in text, path
        assert "telegram" not in text or path.name == "window.py", path
