"""Per-head indicators at 1/500 and 1/2000 agree within Monte-Carlo error (test V4), and where small samples bias.

Each of m indicators is compared by Welch's t over independent seeds, two-sided, at 0.01 / m: were the
two scales alike, the whole test would refuse them in one case of a hundred. The seeds are fixed, so it never flickers.

Where small samples bias (80 seeds, five years, seen while writing this): below 1/1000 an agency has about one case a
month, so its cash flow is lumpier than an agency's of the nation, and more close: 4 % fewer agencies at 1/2000 and
19 % at 1/10000 after five years. Owners number at least 62 a kind, so the tail of the large ones is cut. What is scarce
(transfer staff) is refused more often where demand is lumpy. These are not asked to agree here.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from harness import history, paths, run
from ipplan import ledger as L
from ipplan.ledger import Ledger
from ipplan.world import RIGHTS

END, COARSE, FINE = 48, 1 / 2000, 1 / 500
SEEDS = {FINE: range(500, 510), COARSE: range(2000, 2024), 1 / 10_000: range(10_000, 10_040)}
ERROR = 0.01


def heads(ledger: Ledger) -> dict[str, float]:
    """Indicators of the nation from one run."""
    flows, stocks = ledger.flows_monthly.sum(axis=(0, 3)), ledger.stocks_monthly[-1].sum(axis=2)
    found = {}
    for right, name in enumerate(RIGHTS):
        for flow in (L.FILED, L.FILED_BAD, L.CONCLUDED, L.GRANTED, L.LAPSED):
            found[f"{L.FLOWS[flow]} {name}"] = flows[flow, right] * ledger.grossing
        for stock in (L.IN_FORCE, L.IN_FORCE_BAD):
            found[f"{L.STOCKS[stock]} {name}"] = stocks[stock, right] * ledger.grossing
    for right, name in enumerate(RIGHTS[:2]):
        found[f"quality {name}"] = flows[L.QUALITY_GRANTED, right] / flows[L.GRANTED, right]
        found[f"pending {name}"] = stocks[L.PENDING_EXAM, right] * ledger.grossing
    for flow in (L.IDEAS, L.KEPT_SECRET, L.NOT_FILED, L.OPPORTUNITIES, L.USED_STARTED, L.USED_STOPPED, L.MEETINGS,
                 L.RELATED_TRANSFER, L.REEXAM_REQUESTED, L.REQUESTED):  # fmt: skip
        found[L.FLOWS[flow]] = flows[flow].sum() * ledger.grossing
    for stock in (L.USED, L.IDLE, L.OVERSEAS, L.SEI, L.HIGH_VALUE_LATENT):
        found[L.STOCKS[stock]] = stocks[stock].sum() * ledger.grossing
    waits = ledger.waits.sum(axis=0)
    for lane, name in enumerate(L.WAIT_LANES):
        found[f"wait {name}"] = waits[lane] @ np.arange(L.MAX_WAIT) / max(waits[lane].sum(), 1)
    for gauge in ("belief_patent", "belief_trademark", "hours_per_invention", "search_recall"):
        found[gauge] = ledger.gauges[gauge][-12:].mean()
    return found


APART = ("meetings", "wait fast", "wait priority", "wait deferred")


@cache
def seen(scale: float) -> dict[str, NDArray[np.float64]]:
    rows = [heads(run(paths(history()), scale, seed, END)) for seed in SEEDS[scale]]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def differ(name: str, scale: float, error: float) -> str:
    """Say how an indicator differs from that at 1/500, or nothing where it does not significantly."""
    fine, coarse = seen(FINE)[name], seen(scale)[name]
    p = stats.ttest_ind(fine, coarse, equal_var=False).pvalue
    return "" if p > error else f"{name}: {coarse.mean() / fine.mean() - 1:+.1%} (p = {p:.1g})"


def test_indicators_per_head_do_not_depend_on_the_scale() -> None:
    names = [name for name in seen(FINE) if name not in APART]
    assert len(names) >= 50
    assert [text for name in names if (text := differ(name, COARSE, ERROR / len(names)))] == []


def test_the_comparison_would_see_a_difference_of_a_few_percent() -> None:
    """The power of the test: the standard error of the difference is below 2 % for the main counts."""
    for name in (
        "filed invention",
        "filed utility_model",
        "granted utility_model",
        "concluded invention",
        "in_force invention",
    ):
        fine, coarse = seen(FINE)[name], seen(COARSE)[name]
        assert np.hypot(stats.sem(fine), stats.sem(coarse)) / fine.mean() < 0.02, name


def test_meetings_do_not_depend_on_the_scale() -> None:
    assert [differ("meetings", scale, ERROR / 2) for scale in (COARSE, 1 / 10_000)] == ["", ""]


@pytest.mark.parametrize("lane", ["fast", "priority"])
def test_fast_lanes_are_as_fast_at_a_small_scale(lane: str) -> None:
    assert [differ(f"wait {lane}", scale, ERROR / 4) for scale in (COARSE, 1 / 10_000)] == ["", ""]
