"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "model" / "ipplan").rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT / "model").as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_draws_come_from_the_keyed_streams_only(path: Path) -> None:
    """Neither mesa's generators (``model.rng``, ``agent.random``) nor numpy's: a shared one would misalign pairs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("rng", "random", "default_rng"), f"line {node.lineno}: .{node.attr}"
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & {"random", "secrets"}, f"line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_error_is_swallowed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body):
            raise AssertionError(f"line {node.lineno}: except ...: pass")


def test_versions_are_exact_and_no_index_is_named() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    pinned = [
        *project["project"]["dependencies"], *project["dependency-groups"]["dev"], *project["build-system"]["requires"],
        *project["tool"]["uv"]["constraint-dependencies"], *project["tool"]["uv"]["build-constraint-dependencies"],
    ]  # fmt: skip
    assert all("==" in requirement.split(";")[0] for requirement in pinned)
    assert "index" not in project["tool"]["uv"]
    assert "index-url" not in text
    assert "://" not in text
