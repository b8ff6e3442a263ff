"""Marks filed abroad: the logit with one more alternative, and what governance at home moves there."""

from __future__ import annotations

import numpy as np
import pytest

from harness import SME_CELL, Floats, history, paths, run, theta
from ipplan import ledger as L
from ipplan.compiled import kernel, plain
from ipplan.ledger import Ledger
from ipplan.levers import Entry
from ipplan.phases import marks_abroad
from ipplan.phases import stakes as st
from ipplan.world import TRADEMARK
from mechanisms import filings

goes = plain(marks_abroad.goes_abroad)
FILED = L.flow("marks_filed_abroad")


@kernel
def _file(v, theta, cell, filed, tally):
    marks_abroad.file(v, theta, cell, filed, tally)


def table(**values: float) -> Floats:
    return theta("filing", **{f"squatting__abroad_{name}": value for name, value in values.items()})


@pytest.mark.parametrize("home", [1.0, 2.5, 9.0])
@pytest.mark.parametrize("subsidy", [0.0, 3000.0, 8000.0])
def test_the_share_is_that_of_the_logit(home: float, subsidy: float) -> None:
    given = table(reach=0.5, subsidy=subsidy)
    success, cost, moral = given[[st.ABROAD_SUCCESS, st.ABROAD_COST, st.ABROAD_MORAL], SME_CELL]
    gain = success * subsidy - cost - moral * 400.0 + 100.0
    weight = np.exp(gain / given[st.FAKE_SCALE, SME_CELL])
    x = (np.arange(4000) + 0.5) / 4000
    found = np.mean([goes(0.3, u, home, 400.0, 100.0, given, SME_CELL) for u in x])
    assert found == pytest.approx(weight / (home + weight), abs=1e-3)
    assert not goes(0.5, 0.0, home, 400.0, 100.0, given, SME_CELL), "out of reach"


def test_a_batch_is_no_larger_than_the_budget() -> None:
    given, tally, filed = table(cost=1000.0), L.Tally.empty(), filings(0)
    filed.purse[0] = 2500.0
    _file(0.999, given, SME_CELL, filed, tally)
    assert int(tally.flows[SME_CELL, TRADEMARK, FILED]) == 2 and filed.purse[0] == 500.0


@pytest.fixture(scope="module")
def ledgers() -> dict[str, Ledger]:
    past = [entry for entry in history() if entry.measure not in ("subsidy_exit", "malicious_trademark_governance")]
    common = {"squatting.abroad_reach": 0.4}
    plans = {"none": [], "governed": [Entry("malicious_trademark_governance", 12, None, 1.5)],
             "no subsidies": [Entry("subsidy_exit", 12, None, 1.0)]}
    found = {name: run(paths((*past, *plan), common), 1 / 500, 5, 48) for name, plan in plans.items()}
    return found | {"nowhere": run(paths(past, {"squatting.abroad_reach": 0.000101}), 1 / 500, 5, 48)}


def late(ledger: Ledger, flow: int) -> float:
    return float(ledger.flows_monthly[18:, flow, TRADEMARK].sum())


def test_what_is_stopped_at_home_goes_abroad_in_part(ledgers: dict[str, Ledger]) -> None:
    """The sign of the displacement ratio, between nought and one (a check of the code, not of the world)."""
    there = late(ledgers["governed"], FILED) - late(ledgers["none"], FILED)
    here = late(ledgers["governed"], L.FILED_BAD) - late(ledgers["none"], L.FILED_BAD)
    assert here < 0 < there < -here


def test_without_subsidies_fewer_marks_go_abroad(ledgers: dict[str, Ledger]) -> None:
    assert late(ledgers["no subsidies"], FILED) < 0.7 * late(ledgers["none"], FILED)


def test_home_loses_what_goes_abroad_and_nothing_else(ledgers: dict[str, Ledger]) -> None:
    assert late(ledgers["nowhere"], FILED) < 0.01 * late(ledgers["none"], FILED)
    assert late(ledgers["nowhere"], L.FILED_BAD) > late(ledgers["none"], L.FILED_BAD)
