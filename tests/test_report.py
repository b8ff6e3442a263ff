"""Pictures and tables: they are drawn for every shape of run, say where they come from, and write numbers well."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from rich.console import Console

from ipplan import data, schema
from ipplan.cli.folder import aims, dates
from ipplan.report import numbers
from ipplan.report.figures import PICTURES, draw, panels, style
from ipplan.report.figures.provinces import TILES
from ipplan.report.rundata import OWN, Aim, MeasureDate, RunData, collect, short_title
from ipplan.report.table import HEADLINES, already_due, indicator_table, show, target_table
from ipplan.scenario import Resolved, load, resolve
from synthetic import ensemble

DATES = (
    MeasureDate(50, "Irregular filing measures", "history"),
    MeasureDate(108, "Special rectification of the agency industry", "plan"),
)


MINE = Aim("invention_pendency_months", 2030, 14.0, "at_most")


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "DPI", 40)


@pytest.fixture(scope="module")
def run() -> RunData:
    targets = (MINE, *schema.targets())
    return collect("A plan", "1/100", ensemble("plan", shift=0.1), ensemble("baseline"), targets, DATES)


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


def test_targets_of_the_plan_have_rows_and_earlier_ones_one_line(run: RunData) -> None:
    table = target_table(run)
    assert table is not None
    assert table.row_count == 1
    text = printed(run)
    [row] = [line for line in text.splitlines() if OWN in line]
    assert row.split()[:9] == ["Invention", "examination", "time", "months", "2030", "\N{LESS-THAN OR EQUAL TO}", "14",
                               "the", "planner's"]  # fmt: skip
    assert row.count("%") == 2
    line = already_due(run)
    assert line.startswith("Already due before the plan's first measure (2026-01): ")
    assert "High-value inventions per 10,000 people" in line
    assert "12 patents in 2025 (14th plan, outline 2035)" in line
    assert line.endswith("in 2020 (13th plan).")
    assert line.split(":")[0] in text


def test_official_targets_due_after_the_first_measure_keep_their_plan(run: RunData, alone: RunData) -> None:
    early = replace(run, dates=(replace(DATES[1], month=50),))
    assert {(aim.target_year, aim.plan) for aim in early.aims if aim.series == "hv_inventions_per_10k"} == {
        (2025, "14th_ip_plan"), (2025, "outline_2035")}  # fmt: skip
    assert "14th plan" in printed(early, 130)
    assert "13th plan" in already_due(early)
    assert alone.already_due == ()  # without measures of its own a run is held against all of them
    mine = replace(run, targets=(Aim("hv_inventions_per_10k", 2020, 12.0, "at_least"),))
    assert (len(mine.aims), already_due(mine)) == (1, "")


def test_no_target_no_table(run: RunData) -> None:
    none = replace(run, targets=())
    assert target_table(none) is None
    assert "Targets" not in printed(none)
    assert "due" not in printed(none)


@pytest.fixture(scope="module")
def fifteenth() -> Resolved:
    return resolve(load(Path(__file__).parents[1] / "scenarios" / "fifteenth_plan.toml"))


def test_the_fifteenth_plan_has_targets_of_its_own(fifteenth: Resolved) -> None:
    own = [aim for aim in aims(fifteenth) if aim.plan == OWN]
    assert len(own) >= 3
    assert {aim.target_year for aim in own} == {2030}
    assert all("own" in (target.source or "") for target in fifteenth.targets)
    assert fifteenth.to_toml().count("[[targets]]  # the planner's own, not official\n") == len(own)


def test_a_target_that_is_official_too_stands_once(fifteenth: Resolved) -> None:
    same = fifteenth.targets[0].model_copy(update={"value": 12.0, "year": 2025})
    found = [aim.plan for aim in aims(replace(fifteenth, targets=(same, same))) if aim.target == 12 and
             aim.target_year == 2025]  # fmt: skip
    assert found == [OWN]


def test_measures_are_named_by_their_titles(fifteenth: Resolved, run: RunData) -> None:
    planned = [date for date in dates(fifteenth) if date.origin == "plan"]
    titles = {measure.title_en for measure in schema.measures().values()}
    assert {date.label for date in planned} <= titles
    assert [date.label for date in planned if date.ends] == ["Special rectification of the agency industry"]
    notes = panels.date_notes(replace(run, dates=tuple(planned)))
    assert [note.partition(":")[0] for note in notes] == [
        "2026-01, the plan starts", "2026-07, the plan starts", "2027-01, the plan ends",
    ]  # fmt: skip
    assert "Targets of the plan, handed down to provinces;" in notes[0]
    assert notes[1].endswith(f": {schema.measures()['trademark_law_revision'].title_en}.")
    assert not any(name in note for note in notes for name in schema.measures())


def test_many_dates_are_ticks_and_few_lines(run: RunData) -> None:
    def lines(months: range) -> int:
        planned = tuple(MeasureDate(month, "A measure", "plan") for month in months)
        axes = Figure().add_subplot()
        panels.dates(axes, replace(run, dates=planned))
        return len(axes.lines) - 1  # one for the ticks of history

    assert lines(range(100, 103)) == 3
    assert lines(range(100, 130)) == 1
    many = replace(run, dates=tuple(MeasureDate(month, "A measure", "plan") for month in range(100, 130)))
    assert panels.date_notes(many)[-1].startswith("And 22 later dates")


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Exit of patent subsidies", "Exit of patent subsidies"),
        ("Rapid rights centres (pre-examination)", "Rapid rights centres"),
        ("Precise services in it: priority, fast and deferred", "Precise services in it"),
        ("Pledges, loans and to the rest that has to do with them", "Pledges, loans \N{HORIZONTAL ELLIPSIS}"),
        ("Inventory revitalization at the universities", "Inventory revitalization \N{HORIZONTAL ELLIPSIS}"),
        ("x" * 50, "x" * 28 + " \N{HORIZONTAL ELLIPSIS}"),
    ],
)
def test_long_titles_are_shortened_where_it_makes_sense(title: str, short: str) -> None:
    assert short_title(title, 30) == short
    assert len(short) <= 30


def overlaps(page: style.Page) -> list[tuple[str, str]]:
    """Texts of a page (headlines, notes, titles, units, ticks) that lie on one another or reach over the edge."""
    page.figure.canvas.draw()
    texts = list(page.figure.texts)
    for axes in page.axes[: page.used]:
        texts += [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text() and text.get_visible()]
    width = page.figure.bbox.width
    found = [(name, "the edge") for name, box in boxes if box.x0 < 0 or box.x1 > width]
    for place, (one, first) in enumerate(boxes):
        found += [(one, other) for other, second in boxes[:place]
                  if min(first.x1, second.x1) - max(first.x0, second.x0) > 0.5
                  and min(first.y1, second.y1) - max(first.y0, second.y0) > 0.5]  # fmt: skip
    return found


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.NAME)
def test_no_text_of_a_picture_lies_on_another(picture: ModuleType, run: RunData, fifteenth: Resolved) -> None:
    page = picture.draw(replace(run, targets=tuple(aims(fifteenth)), dates=tuple(dates(fifteenth))))
    assert page is not None
    assert overlaps(page) == []


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
