"""Every example in scenarios/README.md is a scenario that can be run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ipplan.scenario import load
from ipplan.scenario.format import (
    Base,
    CostLine,
    Expected,
    MeasureEntry,
    Move,
    OwnMeasure,
    ScenarioFile,
    TargetEntry,
    keys_of,
)

README = Path(__file__).parents[1] / "scenarios" / "README.md"
FIFTEENTH = README.with_name("fifteenth_plan.toml")


def examples() -> list[str]:
    """Return the indented blocks of the README that hold TOML."""
    blocks = re.findall(r"(?:(?:^    .*)?\n)+", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = ["\n".join(line[4:] for line in block.splitlines()).strip() for block in blocks]
    return [text for text in texts if " = " in text]


@pytest.mark.parametrize("text", examples())
def test_an_example_of_the_readme_is_taken(text: str, tmp_path: Path) -> None:
    (tmp_path / "baseline.toml").write_text('title = "Base"\nto = "2031-01"\n')
    (tmp_path / "fifteenth_plan.toml").write_text(FIFTEENTH.read_text(encoding="utf-8"), encoding="utf-8")
    head = "" if text.startswith("title") else 'title = "Example"\nto = "2031-01"\n'
    (tmp_path / "plan.toml").write_text(head + text, encoding="utf-8")
    assert load(tmp_path / "plan.toml").title


def test_there_are_examples_of_every_table() -> None:
    joined = "\n".join(examples())
    assert len(examples()) >= 7
    for table in ("[[measures]]", "[primitives]", "[measure.", "[[targets]]"):
        assert table in joined


def test_every_key_is_taught() -> None:
    text = README.read_text(encoding="utf-8")
    for table in (ScenarioFile, Base, MeasureEntry, OwnMeasure, Move, Expected, CostLine, TargetEntry):
        for key in keys_of(table):
            assert f"`{key}`" in text or f"{key} = " in text or f"[{key}" in text, key
