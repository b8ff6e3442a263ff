"""V16: survival of rights in force against the closed form of Schankerman & Pakes without shocks, year by year.

A right of first-year return V ~ lognormal that decays by d a year is kept to anniversary t exactly when V is at
least the maximum over k <= t of c_{k+1} / (1-d)^k, c the annuity of a year of life. Values are quantiles of the law,
not draws, so the only error left is one part in the number of rights, and the printed numbers can be asked for.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from harness import LARGE_CELL, SME_CELL, Floats, owners
from ipplan import ledger as L
from ipplan.phases import renewal
from ipplan.world import DESIGN, INVENTION, UTILITY_MODEL
from mechanisms import Estate, plain_fees, quiet_life, quiet_market

N = 20_000
SIGMA, DECAY = 1.645, 0.15
CNIPA = [0, 900, 900, 900, 1200, 1200, 1200, 2000, 2000, 2000, 4000, 4000, 4000, 6000, 6000, 6000] + [8000] * 5
"""Annuities in yuan by year of life, written down here independently of the engine."""


def quantiles(mu: float, sigma: float, n: int = N) -> Floats:
    return mu + sigma * stats.norm.ppf((np.arange(n) + 0.5) / n)


def surviving(t: int, mu: float, sigma: float = SIGMA, decay: float = DECAY) -> float:
    """S(t) of closed_forms.py: the fee of year k falls due when the return has decayed k times, from k = 3 on."""
    need = max(CNIPA[k] / (1 - decay) ** k for k in range(3, t + 1))
    return float(stats.norm.sf((np.log(need) - mu) / sigma))


def estate(mu: float, granted: int = 0, right: int = INVENTION, cell: int = LARGE_CELL, sigma: float = SIGMA,
           **fees: float) -> Estate:  # fmt: skip
    decay = {f"renewal__decay__{name}": DECAY for name in ("invention", "utility_model", "design")}
    table = plain_fees(**{**decay, **fees})
    return Estate(owners(1, cell), quantiles(mu, sigma), right, quiet_life(), table, quiet_market(), granted)


def alive(rights: Estate, year: int) -> float:
    rights.live(12 * year)
    return float(rights.tally.stocks[..., L.IN_FORCE].sum() / N)


def test_survival_is_that_of_the_closed_form() -> None:
    """0.578, 0.500, 0.130, 0.031, 0.006 at t = 4, 6, 10, 15, 20.

    The engine pays the fee of year k at anniversary k - 1, after one decay less: with the first fee due in year 3 and
    the median lowered by one decay, its anniversary t - 1 is the closed form's year t.
    """
    mu = brentq(lambda m: surviving(6, m) - 0.5, 0, 15)
    rights = estate(mu + np.log(1 - DECAY), granted=13)
    for t, printed in ((4, 0.578), (6, 0.500), (10, 0.130), (15, 0.031), (20, 0.006)):
        found = alive(rights, t - 1)
        assert found == pytest.approx(surviving(t, mu), abs=2 / N), t
        assert found == pytest.approx(printed, abs=6e-4), t
    assert rights.tally.stocks[..., L.IN_FORCE].sum() > 0
    assert alive(rights, 20) == 0.0  # the term is over
    assert rights.tally.flows[..., L.EXPIRED].sum() == pytest.approx(N * surviving(20, mu), abs=2)


@pytest.mark.parametrize(
    ("decay", "sigma", "level"), [(0.15, 1.0, 1.0), (0.2, 1.645, 1.0), (0.3, 2.0, 0.5), (0.15, 1.2, 3.0)]
)
def test_survival_year_by_year(decay: float, sigma: float, level: float) -> None:
    mu = 8.0
    rights = estate(mu, sigma=sigma, renewal__decay__invention=decay, renewal__fee_level=level)
    need = 0.0
    for year in range(1, 20):
        need = max(need, level * CNIPA[year + 1] / (1 - decay) ** year)
        assert alive(rights, year) == pytest.approx(stats.norm.sf((np.log(need) - mu) / sigma), abs=2 / N), year


@pytest.mark.parametrize(("right", "term"), [(UTILITY_MODEL, 10), (DESIGN, 10)])
def test_terms_of_utility_models_and_of_designs_before_june_2021(right: int, term: int) -> None:
    rights = estate(30.0, right=right)  # worth any fee
    assert alive(rights, term - 1) == 1.0
    assert alive(rights, term) == 0.0
    assert rights.tally.flows[..., L.EXPIRED].sum() == N


def test_relief_keeps_what_a_small_owner_would_have_dropped() -> None:
    fees = {"filing__fee_relief": 0.85, "renewal__relief_years": 6.0}
    small, large = estate(6.5, cell=SME_CELL, **fees), estate(6.5, cell=LARGE_CELL, **fees)
    need = 0.0
    for year in range(1, 6):  # the relief ends six years after the grant
        need = max(need, 0.15 * CNIPA[year + 1] / (1 - DECAY) ** year)
        found = alive(small, year)
        assert found == pytest.approx(stats.norm.sf((np.log(need) - 6.5) / SIGMA), abs=2 / N)
        assert found > alive(large, year) + 0.2


def test_an_option_on_a_better_year_keeps_rights_alive() -> None:
    """With passing shocks waiting has a value, so more is kept than the shock alone would keep - never less."""
    calm, stormy = estate(6.0), estate(6.0, renewal__shock_sd=0.8)
    waiting_calm, _ = renewal.keeping_tables(calm.fees)
    waiting_stormy, _ = renewal.keeping_tables(stormy.fees)
    assert (waiting_stormy >= waiting_calm - 1e-9).all()
    assert waiting_stormy.sum() > waiting_calm.sum() * 1.01
    # and keeping it is worth what W says: value of a right kept for good, no fee, is a geometric sum
    free = plain_fees(renewal__fee_level=0.0, renewal__decay__invention=DECAY)
    _, values = renewal.keeping_tables(free)
    beta = free[renewal.DISCOUNT, 0]
    grid = values.reshape(6, 3, -1)[0, 0]
    years = np.arange(2, 20)
    truth = np.exp(8 * 0.125) * ((1 - DECAY) ** years * beta ** (years - 2)).sum()
    assert grid[8] == pytest.approx(truth, rel=1e-9)


def test_fees_paid_are_the_schedule_times_what_was_kept() -> None:
    rights = estate(8.0)
    total = 0.0
    for year in range(1, 15):
        kept = alive(rights, year) * N
        total += kept * CNIPA[year + 1]
        assert rights.tally.flows[..., L.FEES_PAID].sum() == pytest.approx(total, rel=1e-12)
