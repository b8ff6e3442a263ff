"""Step 8: owners keep a right for another year when it is worth the fee (Schankerman & Pakes 1986).

The return of a right decays by a share d a year and has a passing shock: r_t = V (1-d)^t exp(eta_t). The owner pays
the annuity c_t when r_t + B + beta E[W_{t+1}] >= c_t, where B is the status benefit of holding the right and W the
value of renewing well from next year on, found by backward induction on a grid of log V. Without shocks the value of
waiting is nil once r_t < c_t, and survival has the closed form of test V16.
"""

from __future__ import annotations

import numpy as np

from ipplan.compiled import helper, inlined, kernel
from ipplan.phases.filing import VALUE_CELLS, VALUE_LOW, VALUE_STEP
from ipplan.world import DESIGN, INVENTION, N_CELLS, N_KINDS, UTILITY_MODEL

# compiled-constants
MOST_YEARS = 21
LONGER_DESIGNS_FROM = 53
"""Designs filed from June 2021 (month 53) may live fifteen years instead of ten (Patent Law of 2020, article 42)."""

TABLE_READS = (
    "renewal.decay.invention", "renewal.decay.utility_model", "renewal.decay.design", "renewal.shock_sd",
    "renewal.discount", "renewal.holding_benefit", "renewal.fee_level", "renewal.relief_years",
    "filing.payoff.*", "filing.payoff_ratio.utility_model", "filing.payoff_ratio.design", "filing.fee_relief",
    "renewal.expected_grant_years.invention", "renewal.expected_grant_years.utility_model",
    "renewal.expected_grant_years.design", "university.weight_counts",
)  # fmt: skip
(
    DECAY_INVENTION, DECAY_UM, DECAY_DESIGN, SHOCK, DISCOUNT, HOLDING, FEE_LEVEL, RELIEF_YEARS, PAYOFF, RATIO_UM,
    RATIO_DESIGN, RELIEF, GRANT_YEARS, _, _, WEIGHT_COUNTS,
) = range(16)  # fmt: skip

# Yuan a year by year of life (from filing), CNIPA schedule: inventions, utility models, designs.
ANNUITIES = np.zeros((3, MOST_YEARS))
ANNUITIES[0, 1:] = [900] * 3 + [1200] * 3 + [2000] * 3 + [4000] * 3 + [6000] * 3 + [8000] * 5
ANNUITIES[1, 1:] = [600] * 3 + [900] * 2 + [1200] * 3 + [2000] * 12
ANNUITIES[2, 1:] = [600] * 3 + [900] * 2 + [1200] * 3 + [2000] * 12

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@helper
def term_years(right, filed):
    """Return the longest life in years from filing."""
    if right == INVENTION:
        return 20
    return 15 if right == DESIGN and filed >= LONGER_DESIGNS_FROM else 10


@helper
def annuity(right, year, years_since_grant, kind, level, relief, relief_years):
    """Return the fee in yuan for a year of life; small and public owners pay less for some years after grant."""
    fee = level * ANNUITIES[right, min(year, MOST_YEARS - 1)]
    if kind != 0 and kind != 5 and years_since_grant < relief_years:
        fee *= 1.0 - relief
    return fee


@kernel
def _induct(theta, nodes, weights, waiting, values, room):
    """Fill ``waiting`` [kind, right, age, grid] with beta E[W_{age+1}] and ``values`` [kind, right, grid].

    ``values`` are W at grant; shocks are integrated over ``nodes`` with ``weights``; ``room`` is scratch.
    """
    after, now, new, shocks = room
    for g in range(VALUE_CELLS):
        new[g] = np.exp(VALUE_LOW + g * VALUE_STEP)
    for kind in range(N_KINDS):
        for k in range(len(nodes)):
            shocks[k] = np.exp(theta[SHOCK, kind] * nodes[k])
        for right in range(3):
            hold = holding(theta, kind, right)
            decay = theta[DECAY_INVENTION + right, kind]
            beta = theta[DISCOUNT, kind]
            years = term_years(right, 1000)
            granted = theta[GRANT_YEARS + right, kind]
            after[:] = 0.0
            for age in range(years, -1, -1):
                fee = annuity(right, age + 1, age - granted, kind, theta[FEE_LEVEL, kind], theta[RELIEF, kind],
                              theta[RELIEF_YEARS, kind])
                kept = (1.0 - decay) ** age
                for g in range(VALUE_CELLS):
                    waiting[kind, right, age, g] = beta * after[g]
                    if age >= years:
                        now[g] = 0.0
                        continue
                    base = new[g] * kept
                    total = 0.0
                    for k in range(len(nodes)):
                        total += weights[k] * max(0.0, base * shocks[k] + hold - fee + beta * after[g])
                    now[g] = total
                if age == int(granted + 0.5):
                    for g in range(VALUE_CELLS):
                        values[kind, right, g] = now[g]
                for g in range(VALUE_CELLS):
                    after[g] = now[g]


@inlined
def holding(theta, cell, right):
    """Return the yearly status benefit in yuan of holding a right (``theta`` [read, cell])."""
    benefit = theta[HOLDING, cell] * theta[PAYOFF, cell]
    if right == UTILITY_MODEL:
        return benefit * theta[RATIO_UM, cell]
    return benefit * theta[RATIO_DESIGN, cell] if right == DESIGN else benefit


def keeping_tables(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (waiting [kind, right, age, grid], values [kind, right, grid]) in yuan, both flat.

    ``theta`` [read, cell] is averaged over the mainland provinces for each kind: owners reckon with the nation.
    """
    if (theta == theta[:, :1]).all():
        national = np.ascontiguousarray(theta[:, :N_KINDS])
    else:
        national = theta.reshape(len(theta), N_CELLS // N_KINDS, N_KINDS)[:, :-1].mean(axis=1)
    waiting = np.zeros((N_KINDS, 3, MOST_YEARS, VALUE_CELLS), np.float64)
    values = np.zeros((N_KINDS, 3, VALUE_CELLS), np.float64)
    _induct(np.ascontiguousarray(national), _NODES, _WEIGHTS, waiting, values, tuple(np.zeros((4, VALUE_CELLS))))
    return waiting.ravel(), values.ravel()
