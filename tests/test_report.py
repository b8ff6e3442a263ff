"""Pictures and tables: they are drawn for every shape of run, say where they come from, and write numbers well."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from ipplan import data, schema
from ipplan.report import numbers
from ipplan.report.figures import PICTURES, draw, style
from ipplan.report.figures.provinces import TILES
from ipplan.report.rundata import MeasureDate, RunData, collect
from ipplan.report.table import HEADLINES, indicator_table, show, target_table
from synthetic import ensemble

DATES = (
    MeasureDate(50, "Irregular filing measures", "history"),
    MeasureDate(108, "Special rectification of the agency industry", "plan"),
)


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "DPI", 40)


@pytest.fixture(scope="module")
def run() -> RunData:
    return collect("A plan", "1/100", ensemble("plan", shift=0.1), ensemble("baseline"), schema.targets(), DATES)


@pytest.fixture(scope="module")
def alone() -> RunData:
    return collect("History", "1/1000", ensemble("plan", replicates=1, end=20), None, schema.targets(), DATES[:1])


def printed(run: RunData, width: int = 120) -> str:
    out = io.StringIO()
    show(run, Console(file=out, width=width))
    return out.getvalue()


def test_pictures_carry_their_origin(run: RunData, tmp_path: Path) -> None:
    paths = draw(run, tmp_path / "figures", "k3y", "ipplan run scenarios/x.toml")
    assert [path.stem for path in paths] == [picture.NAME for picture in PICTURES]
    for path in paths:
        with Image.open(path) as picture:
            text = dict(picture.info)
            assert picture.width > 400
        assert text["key"] == "k3y"
        assert text["command"] == "ipplan run scenarios/x.toml"
        assert text["Title"]
        assert "assumptions" in text["Description"]


def test_one_run_without_baseline(alone: RunData, tmp_path: Path) -> None:
    names = {path.stem for path in draw(alone, tmp_path, "k", "c")}
    assert names == {picture.NAME for picture in PICTURES} - {"paired_effects"}
    text = printed(alone)
    assert "no interval" in text
    assert "baseline" not in text


def test_a_run_shorter_than_a_year_has_no_annual_picture(tmp_path: Path) -> None:
    short = collect("Short", "1/100", ensemble("plan", end=7), ensemble("baseline", end=7))
    assert {path.stem for path in draw(short, tmp_path, "k", "c")} <= {"dockets_and_pendency"}
    assert indicator_table(short) is None
    assert printed(short) == ""


def test_a_plan_without_effect_is_drawn(run: RunData, tmp_path: Path) -> None:
    assert run.baseline is not None
    same = collect("Nothing", "1/100", replace(run.baseline, run="plan"), run.baseline, (), DATES)
    assert len(draw(same, tmp_path, "k", "c")) == len(PICTURES)
    rows = [line for line in printed(same).splitlines() if line.startswith(" Invention grant rate")]
    assert rows[0].split()[-1] == "0"


def test_missing_values_are_drawn_as_gaps(run: RunData, tmp_path: Path) -> None:
    holes = [values.copy() for values in (run.plan.annual, run.plan.monthly, run.plan.provincial)]
    for values in holes:
        values[..., 3:5] = np.nan
        values[0, ..., 0] = np.nan
    torn = replace(run.plan, annual=holes[0], monthly=holes[1], provincial=holes[2])
    assert run.baseline is not None
    assert len(draw(collect("Holes", "1/100", torn, run.baseline), tmp_path, "k", "c")) == len(PICTURES)


def test_table(run: RunData) -> None:
    text = printed(run)
    for word in ("observed", "baseline", "plan", "effect", "90 % interval", "Invention applications", "2030"):
        assert word in text
    assert "1,820 (2024)" in text
    table = indicator_table(run)
    assert table is not None
    assert table.row_count == len(HEADLINES)
    # Too narrow a line wraps and loses no number.
    assert all(word in printed(run, 80) for word in ("1,820", "90 % interval"))


def test_targets(run: RunData) -> None:
    table = target_table(run)
    assert table is not None
    assert "100 %" in printed(run)


def test_every_province_has_its_own_tile() -> None:
    assert set(TILES) == {province.name_en for province in data.provinces()}
    assert len(set(TILES.values())) == 31


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [
        (1234567.0, False, "1,235,000"), (12345.0, False, "12,340"), (5269.0, False, "5,269"), (999.6, False, "1,000"),
        (54.04, False, "54.0"), (3.456, True, "+3.46"), (-0.5, False, "\N{MINUS SIGN}0.50"), (0.0, True, "0"),
        (-0.00123, True, "\N{MINUS SIGN}0.0012"), (float("nan"), False, ""), (-1e-9, True, "0"),
    ],
)  # fmt: skip
def test_numbers(value: float, signed: bool, text: str) -> None:
    assert numbers.text(value, signed) == text


def test_large_units_have_names() -> None:
    assert numbers.scaled("patents", 5.3e6) == (1e6, "million patents")
    assert numbers.scaled("patents", 53_000) == (1e3, "thousand patents")
    assert numbers.scaled("percent", 5.3e6) == (1.0, "percent")
