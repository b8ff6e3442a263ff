"""Drivers: dated paths hit their data and say what is assumed."""

from __future__ import annotations

import numpy as np
import pytest

from ipplan import clock, data, drivers
from ipplan.errors import InputError

NEEDED = ("rd_expenditure", "gdp", "population", "examiners_invention", "examiners_utility_model", "examiners_design",
          "examiners_trademark", "pendency_target", "trademark_pendency_target", "enterprise_population",
          "market_entities", "high_tech_enterprises", "large_firms")


@pytest.mark.parametrize("name", NEEDED)
def test_a_driver_covers_the_horizon(name: str) -> None:
    years = [point.year for point in drivers.drivers()[name].points]
    assert years[0] <= 2016 and years[-1] >= 2036
    path = drivers.path(name, range(clock.LAST_END))
    assert path.shape == (228,) and np.isfinite(path).all() and (path > 0).all()
    assert (np.abs(np.diff(np.log(path))) < 0.1).all()


def test_every_row_has_a_status_and_assumed_rows_a_reason() -> None:
    for driver in drivers.drivers().values():
        for point in driver.points:
            assert point.status in ("official", "rounded", "derived", "recalled", "secondary", "assumed")
            assert point.source
            assert point.status != "assumed" or point.note


def test_stocks_are_reached_in_december_and_flows_at_mid_year() -> None:
    population = drivers.path("population", range(228))
    assert population[clock.month("2021-12")] == pytest.approx(1412.6)
    research = drivers.path("rd_expenditure", range(228))
    assert research[clock.month("2020-06")] * research[clock.month("2020-07")] == pytest.approx(2.4**2, rel=5e-3)
    assert drivers.path("rd_expenditure", range(30, 31))[0] == research[30]


def test_observed_years_are_those_of_the_data() -> None:
    for name, series in (("population", "population"), ("rd_expenditure", "rd_expenditure"), ("gdp", "gdp_revised")):
        points = {point.year: point for point in drivers.drivers()[name].points}
        for year, observation in data.observed(series).items():
            assert (points[year].value, points[year].status) == (observation.value, observation.status)


def test_examiners_agree_with_the_published_total() -> None:
    groups = ("examiners_invention", "examiners_utility_model", "examiners_design", "examiners_trademark")
    total = sum(drivers.path(name, range(83, 84))[0] for name in groups)
    assert 18_000 <= total <= 18_500


def test_an_unknown_driver_is_named() -> None:
    with pytest.raises(InputError, match=r"unknown driver 'popultion'\. Did you mean 'population'\?"):
        drivers.path("popultion", range(3))


def test_a_scenario_puts_other_values_in_and_growth_beyond_them_is_kept() -> None:
    given = {"gdp": {2027: 150.0, 2030: 170.0}}
    own, changed = drivers.path("gdp", range(228)), drivers.path("gdp", range(228), given)
    before = clock.month("2026-06")
    np.testing.assert_array_equal(changed[:before], own[:before])
    ratio = changed / own
    mid = [clock.month(f"{year}-06") for year in (2027, 2030, 2033)]
    points = {point.year: point.value for point in drivers.drivers()["gdp"].points}
    assert ratio[mid[0]] == pytest.approx(150.0 / points[2027], rel=2e-3)
    assert ratio[mid[1]] == pytest.approx(170.0 / points[2030], rel=2e-3)
    assert ratio[mid[2]] == pytest.approx(170.0 / points[2030], rel=1e-12)
    np.testing.assert_array_equal(drivers.path("population", range(228), given), drivers.path("population", range(228)))
    assert drivers.changed(drivers.drivers()["gdp"], {}) is drivers.drivers()["gdp"]


def test_what_the_engine_reads_is_what_a_scenario_may_change() -> None:
    from ipplan.system import RELATIVE_DRIVERS, STAFF_DRIVERS

    assert {*RELATIVE_DRIVERS, *STAFF_DRIVERS} < set(drivers.READ) < set(drivers.drivers())
