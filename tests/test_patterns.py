"""Patterns: every question can be read, statistics meet closed forms, verdicts follow from the answers."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

import harness
from ipplan import drivers, schema
from ipplan.analysis import pattern_statistics, patterns
from ipplan.analysis.pattern_statistics import density_exponent, in_bins
from ipplan.analysis.patterns import Answer, Arm, Check, Judged, Pattern
from ipplan.errors import InputError
from ipplan.indicators import evaluate
from ipplan.ledger import IN_FORCE
from ipplan.schema.parsing import build

PATTERNS, ARMS = patterns.table()
CHECKS = [pytest.param(check, id=f"{pattern.id} {check.what}") for pattern in PATTERNS for check in pattern.checks]


@pytest.fixture(scope="module")
def frame() -> Any:
    ledger = harness.run(harness.paths(harness.history()), scale=1 / 10000, end=patterns.END)
    return evaluate(ledger, drivers.path("population", range(patterns.END)))


def test_all_patterns_stand_in_the_table_in_order() -> None:
    assert [pattern.id for pattern in PATTERNS] == [f"P{n}" for n in range(1, 24)]
    assert all(pattern.checks or pattern.gap for pattern in PATTERNS)


@pytest.mark.parametrize("check", CHECKS)
def test_every_question_names_what_exists(check: Check, frame: Any) -> None:
    assert {check.arm, check.against} <= set(ARMS)
    if check.read:
        assert isinstance(patterns.read(frame, check.read), float)


@pytest.mark.parametrize("name", ARMS)
def test_every_arm_names_measures_paths_and_primitives_that_exist(name: str) -> None:
    arm = ARMS[name]
    assert {*arm.without, *(more.measure for more in arm.add)} <= set(schema.measures())
    assert set(arm.drivers) <= set(drivers.drivers()) and set(arm.factors) <= set(schema.primitives())


@pytest.mark.parametrize("name", [name for name in ARMS if name != patterns.HISTORY])
def test_every_arm_differs_from_history(name: str) -> None:
    end = 36
    whole, history = (patterns.system_of(arm, 1 / 10000, 1) for arm in (ARMS[name], ARMS[patterns.HISTORY]))
    for system in (whole, history):
        for _ in range(end):
            system.step()
    assert not np.array_equal(whole.ledger.flows_monthly[:end], history.ledger.flows_monthly[:end])


def test_the_exponent_of_a_power_law_is_found_again() -> None:
    # p(x) ~ x^-2 beyond 50: the standard error of the estimate is (exponent - 1) / sqrt(n), Clauset et al. 2009
    n = 40_000
    holdings = np.floor(50.0 / (1.0 - (np.arange(n) + 0.5) / n) + 0.5)
    assert density_exponent(holdings, 1.0) == pytest.approx(2.0, abs=0.01)


def test_rights_in_bins_are_those_of_the_ledger() -> None:
    system = harness.system(harness.paths(), scale=1 / 5000, end=18)
    system.run()
    listed = sum(len(in_bins(table)) for block in system.blocks for table in (block.register, block.register.marks))
    assert listed == system.ledger.stocks_monthly[17, IN_FORCE].sum() > 1000


@pytest.mark.parametrize(
    ("values", "verdict"),
    [((1.5, 1.9), "holds"), ((1.5, 3.0), "in part"), ((0.0, math.nan), "fails"),
     ((1.5, math.nan), "in part"), ((math.nan, math.nan), "no cases"), ((), "not asked")],
)
def test_the_verdict_follows_from_the_answers(values: tuple[float, ...], verdict: str) -> None:
    check = Check(what="x", low=1.0, high=2.0, basis="b", read="patent_agencies@2020")
    judged = Judged(Pattern(id="P", title="t", observed="o"), tuple(Answer(check, value) for value in values))
    assert judged.verdict == verdict


def test_readings_divide_and_subtract() -> None:
    values = {"a": np.array([6.0, 8.0]), "b": np.array([3.0, 0.0])}
    frame = cast(Any, SimpleNamespace(years=(2020, 2021), by_year=lambda name, group: values[name]))
    assert patterns.read(frame, "a@2020 / b@2020") == 2.0
    assert patterns.read(frame, "a@2021 - a@2020") == 2.0
    assert math.isnan(patterns.read(frame, "a@2021 / b@2021"))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"read": "a@2020", "statistic": "little"}, "needs either"),
        ({"statistic": "no_such"}, "there is no statistic 'no_such'"),
        ({"read": "a@2020", "arm": "campaign"}, "an `arm` needs `change`"),
        ({"read": "a@2020", "low": 3.0}, "`low` should be below `high`"),
    ],
)
def test_a_wrong_row_is_one_sentence(row: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        build(Check, {"what": "w", "low": 0.0, "high": 1.0, "basis": "b", **row}, "here")


def test_history_is_the_history_of_the_scenarios() -> None:
    system = patterns.system_of(Arm(what="history"), 1 / 10000, 5)
    other = harness.system(harness.paths(harness.history()), scale=1 / 10000, seed=5, end=patterns.END)
    for one in (system, other):
        for _ in range(30):
            one.step()
    assert np.array_equal(system.ledger.flows_monthly, other.ledger.flows_monthly)


def test_looks_are_taken_when_their_month_has_come() -> None:
    assert {month % 12 for month, _ in pattern_statistics.LOOKS.values()} == {0}
    assert all(0 < month <= patterns.END for month, _ in pattern_statistics.LOOKS.values())
