"""Every scenario that is shipped runs: at toy size, over its whole horizon, beside its baseline."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from ipplan import clock, schema
from ipplan.indicators import ALL, IndicatorFrame
from ipplan.runs.batch import simulate
from ipplan.scenario import Resolved, load, resolve

FOLDER = Path(__file__).parents[1] / "scenarios"
FILES = sorted(path.stem for path in FOLDER.glob("*.toml"))
WATCHED = ("grants_invention", "hv_inventions_per_10k", "ip_pledge_financing", "overseas_invention_grants")
HISTORY_DIFFERS = ("fourteenth_plan",)
"""Plans whose baseline has another history, so that they part from it before any entry of their own."""


@cache
def resolved(name: str) -> Resolved:
    return replace(resolve(load(FOLDER / f"{name}.toml")), scale=Fraction(1, 10_000), replicates=1)


@cache
def frame(name: str, end: int) -> IndicatorFrame:
    return simulate(replace(resolved(name), end=end), seed=5)


@pytest.mark.parametrize("name", FILES)
def test_a_scenario_runs_to_its_end_and_parts_from_its_baseline_when_its_plan_begins(name: str) -> None:
    scenario = resolved(name)
    found = frame(name, scenario.end)
    for indicator in WATCHED:
        values = found.annual[found.keys.index((indicator, ALL))]
        assert np.isfinite(values).all() and (values >= 0).all()
    if scenario.baseline is None:
        return
    other = frame(scenario.baseline.name, scenario.end)
    assert not np.array_equal(found.monthly, other.monthly, equal_nan=True)
    if name not in HISTORY_DIFFERS:
        first = min(one.entry.start for one in scenario.schedule if one.entry.origin == "plan")
        assert first == clock.month("2026-01")
        np.testing.assert_array_equal(found.monthly[:, :first], other.monthly[:, :first])


@pytest.mark.parametrize("name", FILES)
def test_a_scenario_says_what_it_is(name: str) -> None:
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    assert text.startswith("# "), "a comment on top says what the scenario asks"
    assert "will " not in text.split("title =")[0].replace("will of", ""), "if these assumptions hold, never 'will'"
    row = rf"`{name}\.toml`|`deployment_N\.toml`" if name.startswith("deployment_") else rf"`{name}\.toml`"
    assert re.search(row, (FOLDER / "README.md").read_text(encoding="utf-8"))


def test_each_deployment_of_the_fifteenth_plan_has_a_file_of_its_own() -> None:
    """And every entry carries its deployment's label, so that no file misses a measure."""
    labels = {one.plan for one in resolved("fifteenth_plan").schedule if one.entry.origin == "plan"}
    assert all(re.fullmatch(r"deployment [1-7]", label) for label in labels)
    assert {label.replace(" ", "_") for label in labels} == {name for name in FILES if name.startswith("deployment_")}
    for label in labels:
        alone = resolved(label.replace(" ", "_"))
        whole = {one.entry for one in resolved("fifteenth_plan").schedule if one.plan == label}
        assert {one.entry for one in alone.schedule if one.entry.origin == "plan"} == whole


def test_the_fourteenth_plan_is_its_rows_of_history_and_its_eight_targets_fall_due() -> None:
    plan = resolved("fourteenth_plan")
    assert plan.baseline is not None
    without = {(one.entry.measure, one.entry.start) for one in plan.baseline.schedule}
    for one in plan.schedule:
        assert (one.plan == "14th") != ((one.entry.measure, one.entry.start) in without)
    due = [target for target in schema.targets() if target.plan == "14th_ip_plan"]
    assert len(due) == 8
    assert all(target.target_year in clock.full_years(plan.start, plan.end) for target in due)


def test_low_and_high_are_the_plan_at_other_strengths() -> None:
    def strengths(name: str) -> dict[str, float]:
        return {one.entry.measure: one.entry.strength for one in resolved(name).schedule if one.entry.origin == "plan"}

    central = strengths("fifteenth_plan")
    assert strengths("fifteenth_plan_low") == {measure: 0.5 * s for measure, s in central.items()}
    assert strengths("fifteenth_plan_high") == {measure: 1.5 * s for measure, s in central.items()}
