"""The documents say what the code does: generated tables are fresh, commands and files they name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ipplan.report import odd

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path for path in ROOT.rglob("README.md") if not {".venv", "node_modules"} & set(path.relative_to(ROOT).parts)
)
HINT = "run: uv run python -m ipplan.report.odd"


@pytest.mark.parametrize("name", odd.BLOCKS)
def test_generated_tables_are_fresh(name: str) -> None:
    text = (ROOT / odd.ODD).read_text(encoding="utf-8")
    fresh = odd.filled(text, {name: odd.BLOCKS[name]}) == text
    assert fresh, HINT


@pytest.mark.parametrize("theme", odd.DICTIONARY_BLOCKS)
def test_the_data_dictionary_is_fresh(theme: str) -> None:
    text = (ROOT / odd.DICTIONARY).read_text(encoding="utf-8")
    fresh = odd.filled(text, {theme: odd.DICTIONARY_BLOCKS[theme]}) == text
    assert fresh, HINT


def test_the_data_dictionary_has_every_theme_and_no_other() -> None:
    text = (ROOT / odd.DICTIONARY).read_text(encoding="utf-8")
    assert [match[2] for match in odd._BLOCK.finditer(text)] == list(odd.DICTIONARY_BLOCKS)


def test_a_block_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no '<!-- generated"):
        odd.filled("no markers here", {"flows": lambda: ""})


def test_only_its_block_is_rewritten() -> None:
    text = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n<!-- generated: y -->\nkept\n<!-- end -->\n"
    assert odd.filled(text, {"x": lambda: "new\n"}) == text.replace("old", "new")


def test_words_must_fit_the_names() -> None:
    with pytest.raises(ValueError, match=r"no words for \['b'\]; no such name \['c'\]"):
        odd.spelled({"a": "one", "c": "three"}, ["a", "b"], "somewhere")


def test_a_bar_does_not_break_a_table() -> None:
    assert odd.table(("a",), [("x | y",)]) == "| a |\n| --- |\n| x \\| y |\n"


def test_the_front_page_starts_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    assert commands[:2] == ["pip install uv && uv run ipplan run scenarios/fifteenth_plan.toml", "uv run pytest"]
    assert [match[2] for match in odd._BLOCK.finditer(text)] == list(odd.FRONT_RUNS)


def test_the_description_has_no_block_nobody_writes() -> None:
    text = (ROOT / odd.ODD).read_text(encoding="utf-8")
    assert {match[2] for match in odd._BLOCK.finditer(text)} == {*odd.BLOCKS, *odd.ODD_RUNS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_files_named_in_the_description_exist() -> None:
    text = (ROOT / odd.ODD).read_text(encoding="utf-8")
    for name in re.findall(r"`([a-z_]+(?:/[a-z_]+)*\.py)`", text):
        assert (ROOT / "model" / "ipplan" / name).is_file(), name


def test_primitives_named_in_the_description_exist() -> None:
    text = (ROOT / odd.ODD).read_text(encoding="utf-8")
    by_hand = re.sub(odd._BLOCK, "", text)
    known = set(odd.schema.primitives())
    areas = "|".join(sorted({name.split(".")[0] for name in known}))
    for name in re.findall(rf"`((?:{areas})\.[a-z_.]+(?:\.\*)?)`", by_hand):
        if name.endswith(".py"):
            continue
        stem = name.removesuffix("*")
        assert name in known or (stem.endswith(".") and any(one.startswith(stem) for one in known)), name
