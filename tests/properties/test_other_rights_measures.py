"""Signs of the measures for geographical indications, layout designs and data: tests of the code.

A measure moves what it says it moves, through the mechanism it names. That is no evidence that it does so in the world.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

import numpy as np
import pytest

from harness import Floats, history, paths, system
from ipplan import schema
from ipplan.ledger import OTHER_RIGHT_GAUGES
from ipplan.levers import Entry
from ipplan.phases import other_rights

END, FROM = 120, 84
MEASURES = ("gi_legislation", "gi_demonstration_areas", "gi_promotion", "gi_unification", "layout_design_regulations",
            "data_ip_pilots", "data_registry_uniqueness")  # fmt: skip
STRENGTHS = (0.5, 1.0, 1.5)
SEEDS = (1, 2)


@cache
def seen(measure: str, strength: float = 1.0, seed: int = 1, provinces: frozenset[int] | None = None) -> Floats:
    """Return the gauges [gauge, month] of history without absorption, with one measure more from 2024 on."""
    past = [entry for entry in history() if entry.measure != "gi_unification"]
    plan = [] if measure == "none" else [Entry(measure, FROM, None, strength, provinces=provinces)]
    run = system(paths((*past, *plan)), scale=1e-4, seed=seed, end=END)
    for month in range(END):
        other_rights.other_rights(run, month)
    found: Floats = run.other_rights.seen.T
    return found


def figure(name: str, per: str | None, measure: str, strength: float) -> float:
    """Return a gauge (over another one) over the last two years, as a mean of seeds."""
    rows = [seen(measure, strength, seed)[:, -24:].sum(axis=1) for seed in SEEDS]
    mean = dict(zip(OTHER_RIGHT_GAUGES, np.mean(rows, axis=0), strict=True))
    return float(mean[name] / (mean[per] if per else 1.0))


SIGNS = MappingProxyType({
    "gi_legislation": (("gi_cheating", "gi_users", -1), ("gi_counterfeits", "gi_output", -1),
                       ("gi_conflicts", None, -1), ("gi_reputation", "gi_sales", 1), ("gi_output", None, 1)),
    "gi_demonstration_areas": (("gi_cheating", "gi_users", -1), ("gi_displaced", None, 1),
                               ("gi_reputation", "gi_sales", 1), ("gi_priced_out", "gi_producers", 1),
                               ("gi_output_treated", None, 1)),
    "gi_promotion": (("gi_users", None, 1), ("gi_output", None, 1), ("gi_products", None, 1),
                     ("gi_reputation", "gi_sales", -1), ("gi_cheating", "gi_users", 1)),
    "gi_unification": (("gi_products", None, 1), ("gi_users", None, 1)),
    "layout_design_regulations": (("layout_registered", None, 1), ("layout_infringed", "layout_in_force", -1),
                                  ("layout_secrets", "layout_registered", -1), ("layout_adopters", None, 1)),
    "data_ip_pilots": (("data_issued", None, 1), ("data_in_force_paper", "data_in_force", 1),
                       ("data_financed", None, 1), ("data_doubly_pledged", None, 1), ("data_licensed", None, 1)),
    "data_registry_uniqueness": (("data_doubly_pledged", "data_pledged", -1),
                                 ("data_in_force_paper", "data_in_force", -1)),
})  # fmt: skip


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_pulls_the_way_it_is_written_and_more_of_it_pulls_further(measure: str) -> None:
    for name, per, sign in SIGNS[measure]:
        path = [figure(name, per, "none", 1.0), *(figure(name, per, measure, s) for s in STRENGTHS)]
        steps = sign * np.diff(path)
        assert (steps >= -1e-9 * abs(path[0])).all() and sign * (path[-1] - path[0]) > 0, (name, path)


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_moves_before_a_measure_is_there_nor_at_strength_nought(measure: str) -> None:
    none = seen("none")
    one = seen(measure)
    np.testing.assert_array_equal(one[:, : FROM + 1], none[:, : FROM + 1])
    assert not np.array_equal(one, none)
    np.testing.assert_array_equal(seen(measure, 0.0), none)


def test_measures_keep_to_their_right() -> None:
    """What is done for one right moves no bit of another's."""
    none = seen("none")
    for measure in MEASURES:
        changed = {name.split("_")[0] for name, row, old in zip(OTHER_RIGHT_GAUGES, seen(measure), none, strict=True)
                   if not np.array_equal(row, old)}  # fmt: skip
        assert changed == {measure.split("_")[0]}


def test_a_measure_in_some_provinces_works_in_part() -> None:
    whole, none = figure("gi_conflicts", None, "gi_legislation", 1.0), figure("gi_conflicts", None, "none", 1.0)
    rows = [seen("gi_legislation", 1.0, seed, frozenset(range(10)))[:, -24:].sum(axis=1) for seed in SEEDS]
    part = dict(zip(OTHER_RIGHT_GAUGES, np.mean(rows, axis=0), strict=True))["gi_conflicts"]
    assert whole < part < none


def test_measures_stand_in_the_schema_with_their_side_effects() -> None:
    for name in MEASURES:
        measure = schema.measures()[name]
        assert measure.side_effects and measure.expects
        assert all(expected.indicator in schema.indicators() for expected in measure.expects)
