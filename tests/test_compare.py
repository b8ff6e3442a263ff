"""Annual tables, paired effects and attainment, against the textbook."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from ipplan.analysis.compare import (
    AnnualRow,
    EffectRow,
    Ensemble,
    annual_table,
    attainment,
    effects_table,
    mean_difference,
    stack,
    write_rows,
)
from ipplan.indicators import evaluate
from test_indicators import make_ledger

POPULATION = np.full(24, 1400.0)


def ensemble(run: str, seeds: range) -> Ensemble:
    return stack(run, [evaluate(make_ledger(24, seed=seed), POPULATION) for seed in seeds])


@pytest.fixture(scope="module")
def baseline() -> Ensemble:
    return ensemble("baseline", range(4))


@pytest.fixture(scope="module")
def plan() -> Ensemble:
    return ensemble("plan", range(10, 14))


def test_interval_is_students() -> None:
    differences = np.random.default_rng(3).normal(2.0, 1.0, (12, 5))
    paired = mean_difference(differences)
    low, high = stats.t.interval(
        0.90, 11, loc=differences.mean(axis=0), scale=stats.sem(differences, axis=0)
    )  # fmt: skip
    np.testing.assert_allclose(paired.low, low)
    np.testing.assert_allclose(paired.high, high)
    np.testing.assert_allclose(paired.share_positive, (differences > 0).mean(axis=0))


def test_coverage_of_the_interval() -> None:
    draws = np.random.default_rng(4).normal(1.0, 2.0, (6, 20_000))
    paired = mean_difference(draws)
    assert ((paired.low < 1) & (paired.high > 1)).mean() == pytest.approx(0.9, abs=0.01)


def test_one_replicate_has_no_interval_and_missing_pairs_are_left_out() -> None:
    one = mean_difference(np.array([[3.0, np.nan]]))
    assert one.effect[0] == 3.0
    assert math.isnan(one.low[0])
    assert math.isnan(one.effect[1])
    some = mean_difference(np.array([[1.0], [np.nan], [3.0]]))
    assert some.effect[0] == 2.0
    assert some.low[0] == pytest.approx(2.0 - stats.t.ppf(0.95, 1) * 1.0)


def test_annual_rows(baseline: Ensemble) -> None:
    rows = {(row.indicator, row.group, row.year): row for row in annual_table([baseline])}
    row = rows["grants_invention", "all", 2018]
    values = baseline.by_year("grants_invention")[:, 1]
    assert (row.mean, row.p50) == (pytest.approx(values.mean()), pytest.approx(np.median(values)))
    assert row.p05 == pytest.approx(np.quantile(values, 0.05))
    assert row.unit == "patents per year"
    assert row.observed == 432000
    assert math.isnan(rows["grants_invention", "applicant:sme", 2018].observed)
    assert {year for _, _, year in rows} == {2017, 2018}


def test_effects_are_paired(baseline: Ensemble, plan: Ensemble) -> None:
    rows = {(row.indicator, row.group, row.year): row for row in effects_table(baseline, plan)}
    difference = plan.by_year("detection_gap")[:, 0] - baseline.by_year("detection_gap")[:, 0]
    row = rows["detection_gap", "all", 2017]
    assert row.effect == pytest.approx(difference.mean())
    assert row.high - row.effect == pytest.approx(stats.t.ppf(0.95, 3) * stats.sem(difference))
    assert row.share_positive == (difference > 0).mean()
    assert row.effect == pytest.approx((plan.by_year("detection_gap") - baseline.by_year("detection_gap"))[:, 0].mean())


def test_the_same_run_has_no_effect(baseline: Ensemble) -> None:
    rows = effects_table(baseline, replace(baseline, run="plan"))
    assert rows
    assert all((row.effect, row.low, row.high, row.share_positive) == (0, 0, 0, 0) for row in rows)


def test_unpaired_runs_are_refused(baseline: Ensemble) -> None:
    with pytest.raises(ValueError, match="nothing can be paired"):
        effects_table(baseline, ensemble("plan", range(3)))


def test_displacement_is_a_ratio_of_changes(baseline: Ensemble) -> None:
    annual = baseline.annual.copy()
    noise = np.linspace(0.9, 1.1, baseline.replicates)
    annual[:, baseline.place("bad_faith_patent_filings"), 1] -= 1000 * noise
    annual[:, baseline.place("bad_faith_trademark_filings"), 1] += 300 * noise[::-1]
    rows = [row for row in effects_table(baseline, replace(baseline, run="plan", annual=annual))
            if row.indicator == "displacement_to_trademarks"]  # fmt: skip
    assert [row.year for row in rows] == [2018]
    assert rows[0].effect == pytest.approx(0.3)
    assert rows[0].low < 0.3 < rows[0].high
    assert rows[0].share_positive == 1.0


def test_attainment(baseline: Ensemble) -> None:
    values = baseline.by_year("inventions_per_10k")[:, 1]
    middle = float(np.median(values))
    target = SimpleNamespace(series="inventions_per_10k", target_year=2018, target=middle, direction="at_least")
    other = SimpleNamespace(series="hague_applications", target_year=2018, target=1.0, direction="at_least")
    found = attainment([baseline], [target, other])
    assert [(item.run, item.share) for item in found] == [("baseline", 0.5)]


def test_files(tmp_path: Path, baseline: Ensemble, plan: Ensemble) -> None:
    write_rows(tmp_path / "annual.csv", AnnualRow, annual_table([baseline, plan]))
    write_rows(tmp_path / "effects.csv", EffectRow, effects_table(baseline, plan))
    with (tmp_path / "annual.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["run", "indicator", "group", "unit", "year", "mean", "p05", "p50", "p95", "observed"]
    assert {row["run"] for row in rows} == {"baseline", "plan"}
    assert {row["observed"] for row in rows if row["indicator"] == "detection_gap"} == {""}
    header = (tmp_path / "effects.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "indicator,group,year,effect,low,high,share_positive"
