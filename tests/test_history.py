"""The packaged data and the history: the crosswalk is complete, and the scenario is what it generates."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from ipplan import clock, data, schema, world
from ipplan.errors import InputError

SCENARIO = Path(__file__).parent.parent / "scenarios" / "history.toml"


def test_every_row_of_the_timeline_is_crossed() -> None:
    crossed = {(row.event.date, row.event.measure, row.event.event) for row in data.crosswalk()}
    assert crossed == {(event.date, event.measure, event.event) for event in data.timeline()}
    assert len(crossed) == len(data.timeline()) == 89


def test_a_row_is_a_known_measure_or_context_with_a_reason() -> None:
    known = schema.measures()
    for row in data.crosswalk():
        assert row.reason
        if row.measure == "context":
            assert row.start is None and row.strength == 0.0
        else:
            assert row.measure in known and 0 < row.strength <= 1.5
            assert row.start is not None and row.start >= clock.FIRST_MONTH
            assert row.end is None or row.end > row.start
            assert row.plan == ("14th" if row.start >= clock.month("2020-12") else "13th") or row.plan == "none"


def test_spans_of_a_measure_do_not_overlap_and_campaigns_end() -> None:
    entries = data.history_schedule()
    for one, two in pairwise(entries):
        assert one.measure != two.measure or (one.end is not None and one.end <= two.start)
    ends = {entry.measure: entry.end for entry in entries}
    for campaign in ("agency_blue_sky", "agency_rectification", "stock_patent_revitalization",
                     "patent_conversion_support"):
        assert ends[campaign] is not None
    for rule in ("subsidy_exit", "utility_model_check", "annuity_fee_reduction", "trademark_fee_cut",
                 "bad_faith_filing_governance"):
        assert ends[rule] is None


def test_without_a_plan_what_was_there_before_goes_on() -> None:
    left = data.history_schedule(frozenset({"14th"}))
    assert {entry.plan for entry in left} == {"13th", "none"}
    governance = [entry for entry in left if entry.measure == "bad_faith_filing_governance"]
    assert [(entry.strength, entry.end) for entry in governance] == [(0.1, clock.month("2018-12")), (0.3, None)]
    assert "subsidy_exit" not in {entry.measure for entry in left}
    sky = next(entry for entry in left if entry.measure == "agency_blue_sky")
    assert sky.end == clock.month("2024-01")
    with pytest.raises(InputError, match="Did you mean '14th'"):
        data.history_schedule(frozenset({"14"}))


def test_the_scenario_is_what_the_crosswalk_generates() -> None:
    text = SCENARIO.read_text(encoding="utf-8")
    assert text == data.history_toml()
    rows = tomllib.loads(text)["measures"]
    read = [(row["measure"], clock.month(row["from"]), clock.month(row["to"]) if "to" in row else None,
             row["strength"]) for row in rows]
    assert read == [(one.measure, one.start, one.end, one.strength) for one in data.history_schedule()]


def test_observations_provinces_and_series() -> None:
    assert sum(len(data.observed(name)) for name in data.series()) == 587
    grants = data.observed("grants_invention")[2021]
    assert (grants.value, grants.status) == (695946.0, "official")
    assert len(data.observed_partial("hv_inventions_per_10k")) >= 2
    assert [place.index for place in data.provinces()] == list(range(world.N_PROVINCES))
    assert sum(place.population_10k_2022 for place in data.provinces()) == 140976
    assert data.province("Jiangxi").figure("valid_inventions_2016") is None
    assert data.targets()[0].target == 12


@pytest.mark.parametrize("name", ["guangdong", "Guangdong", "广东", "广东省", 44, "44"])
def test_a_province_by_any_of_its_names(name: str | int) -> None:
    assert data.province(name).code == 44


@pytest.mark.parametrize(("name", "right"), [("Guandong", "Guangdong"), ("bejing", "Beijing")])
def test_an_unknown_province_or_series_is_named(name: str, right: str) -> None:
    with pytest.raises(InputError, match=f"Did you mean '{right}'"):
        data.province(name)
    with pytest.raises(InputError, match="Did you mean 'grants_invention'"):
        data.observed("grants_inventions")
