"""Signs of the measures of the market for patents: tests of the code, no evidence of what they do in the world."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from harness import digest, history, paths, run
from ipplan import ledger as L
from ipplan.ledger import Ledger
from ipplan.levers import Entry
from ipplan.world import INSTITUTE, UNIVERSITY

SCALE, END, FROM = 1 / 400, 66, 30
ACADEMIC = slice(UNIVERSITY, INSTITUTE + 1)
COMMON = {"nominal.occasions": 0.1, "pool.stacked_share": 0.5}
"""What is rare is made common in all these runs, so that a small scale shows it."""
MEASURES = ("open_licensing", "patent_pools", "transformation_mechanisms")


@cache
def ledger(measure: str, strength: float = 1.0) -> Ledger:
    """The first years of the history without these measures, with one more from July 2019 on; ``none`` without."""
    plan = [] if measure == "none" else [Entry(measure, FROM, None, strength, build_up=1.0)]
    past = [entry for entry in history() if entry.measure not in MEASURES]
    return run(paths((*past, *plan), COMMON), SCALE, 21, END)


def late(name: str, flow: str, kinds: slice = slice(None)) -> float:
    """Events of a flow on patents after the measure came."""
    return float(ledger(name).flows_monthly[FROM + 6 :, L.flow(flow), :3, kinds].sum())


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_moves_before_a_measure_is_there(measure: str) -> None:
    one, none = ledger(measure), ledger("none")
    np.testing.assert_array_equal(one.flows_monthly[:FROM], none.flows_monthly[:FROM])
    assert not np.array_equal(one.flows_monthly[FROM:], none.flows_monthly[FROM:])


def test_measures_at_strength_zero_change_no_bit() -> None:
    past = [entry for entry in history() if entry.measure not in MEASURES]
    idle = [Entry(measure, 0, None, 0.0) for measure in MEASURES]
    assert digest(run(paths((*past, *idle)), end=36)) == digest(run(paths(past), end=36))


def test_open_licences_are_declared_and_taken_once_the_law_has_them() -> None:
    assert late("none", "open_declared") == 0
    declared, nominal = late("open_licensing", "open_declared"), late("open_licensing", "open_nominal")
    assert declared > 20 and 0 <= nominal < declared
    assert late("open_licensing", "open_taken") > 0
    ended = late("open_licensing", "open_withdrawn") + late("open_licensing", "open_lapsed")
    stock = ledger("open_licensing").stocks_monthly[:, L.stock("open_licences")].sum(axis=(1, 2))
    assert stock[-1] - stock[FROM + 5] == declared - ended and stock[-1] > 0 == stock[FROM - 1]


def test_pools_lower_the_stack_and_raise_meetings_and_are_not_complete() -> None:
    gauges = ledger("patent_pools").gauges
    assert gauges["royalty_stack"][-1] < gauges["royalty_stack_alone"][-1]
    assert 5 < gauges["pool_coverage"][-1] < 100 and gauges["pool_stuffed"][-1] > 0
    assert late("patent_pools", "meetings") > late("none", "meetings")


def test_an_evaluation_by_conversions_gets_more_of_both_kinds() -> None:
    for flow, factor in (("nominal_licensed", 1.2), ("meetings", 1.0)):
        assert late("transformation_mechanisms", flow, ACADEMIC) > factor * late("none", flow, ACADEMIC)


def test_results_are_the_same_in_one_block_and_in_eight() -> None:
    given = paths([Entry("patent_pools", 0, None, 1.0)], {"open_licence.attention": 0.3, "nominal.occasions": 0.1})
    ledgers = [run(given, scale=1 / 3000, end=36, blocks=blocks) for blocks in (1, 8)]
    assert ledgers[0].flows_monthly[:, L.flow("open_declared")].sum() > 10
    assert digest(ledgers[0]) == digest(ledgers[1])
