"""The fit: its loss is what it says, chance weighs less, and drivers reach those they should and nobody else."""

from __future__ import annotations

import numpy as np
import pytest

from harness import theta
from ipplan.analysis import fit, hindcast, trust_box
from ipplan.phases import finance, invention, lending
from ipplan.system import RELATIVE_DRIVERS
from ipplan.world import FOREIGN, N_KINDS, SME


@pytest.mark.parametrize("loss", [trust_box.soft, trust_box.misses])
def test_a_loss_is_the_square_near_a_hit_and_its_derivative_fits(loss: trust_box.Loss) -> None:
    z, step = np.array([0.1, 0.25, 1.0, 4.0, 100.0]), 1e-6
    np.testing.assert_allclose(loss(z)[1], (loss(z + step)[0] - loss(z - step)[0]) / (2 * step), rtol=1e-5)
    assert loss(np.zeros(1))[0] == 0.0 and loss(np.zeros(1))[1] == 1.0
    assert trust_box.misses(np.ones(1))[0] == pytest.approx(0.5)


def test_a_search_finds_the_least_of_a_curved_valley_and_reckons_few_jacobians() -> None:
    counted = [0]

    def residuals(x: np.ndarray) -> np.ndarray:  # Rosenbrock's valley (1960) in the unit box, least at (0.6, 0.36)
        return np.array([10.0 * (x[1] - x[0] ** 2), x[0] - 0.6, 0.0])

    def jacobian(x: np.ndarray) -> np.ndarray:
        counted[0] += 1
        return np.array([[-20.0 * x[0], 10.0], [1.0, 0.0], [0.0, 0.0]])

    search = trust_box.Search(residuals, jacobian, 2, np.array([0.1, 0.9]))
    np.testing.assert_allclose(search.run(trust_box.soft, 60, lambda loss: None), [0.6, 0.36], atol=0.02)
    assert counted[0] <= 6
    corner = trust_box.Search(lambda x: x + 1.0, lambda x: np.eye(2), 2, np.array([0.5, 0.9]), edge=0.01)
    np.testing.assert_allclose(corner.run(trust_box.soft, 40, lambda loss: None), 0.01, atol=1e-9)


def test_points_that_vary_between_seeds_weigh_less() -> None:
    wanted = [hindcast.Point("x", 2017, 10.0, "official", 2.0)] * 2
    runs = np.array([[10.0, 6.0], [10.0, 14.0], [10.0, 6.0], [10.0, 14.0]])
    error = np.std([6.0, 14.0, 6.0, 14.0], ddof=1) / 2.0 / 2.0
    np.testing.assert_allclose(fit.sureness(runs, wanted), [1.0, 1.0 / np.sqrt(1.0 + error**2)])
    np.testing.assert_array_equal(fit.sureness(runs[:1], wanted), 1.0)


def rates(**factors: float) -> np.ndarray:
    """Return rates of arrivals [stream, cell] of a January with some drivers at a multiple of 2017."""
    drivers = {name: np.full(1, factors.get(name, 1.0)) for name in RELATIVE_DRIVERS}
    table = theta("invention", fabrication__driver_elasticity=0.5)
    found: np.ndarray = invention.rates_by_month(table[None], drivers, 1.0)[0]
    return found


def test_families_due_move_foreigners_only_and_the_status_small_firms_only() -> None:
    usual = rates()
    kind = np.arange(usual.shape[1]) % N_KINDS
    changed = rates(foreign_families_due=1.5) != usual
    assert changed[invention.IDEA].tolist() == (kind == FOREIGN).tolist() and not changed[1:].any()
    status = rates(high_tech_enterprises=4.0) / usual
    np.testing.assert_allclose(status[invention.OCCASION], np.where(kind == SME, 2.0, 1.0))


def test_firms_seek_loans_as_credit_widens() -> None:
    table = theta("finance", finance__credit_elasticity=0.5)
    wider = finance.with_credit(table, 4.0)
    np.testing.assert_allclose(wider[lending.SEEK_RATE], 2.0 * table[lending.SEEK_RATE])
    np.testing.assert_array_equal(finance.with_credit(table, 1.0), table)


def test_occasions_for_a_status_are_what_it_has_added() -> None:
    table = theta("invention", fabrication__driver_elasticity=0.5)[None]
    drivers = {name: np.array([1.0, 4.0, 0.5]) for name in RELATIVE_DRIVERS}
    found = invention.for_status(table, drivers)
    small = np.arange(found.shape[1]) % N_KINDS == SME
    np.testing.assert_allclose(found[:, small].T, np.tile([0.0, 0.5, 0.0], (small.sum(), 1)))
    assert not found[:, ~small].any()
    usual = invention.rates_by_month(table, {**drivers, "high_tech_enterprises": np.ones(3)}, 1.0)
    more = invention.rates_by_month(table, drivers, 1.0)
    kept = more[1, invention.OCCASION] * (1.0 - found[1])
    np.testing.assert_allclose(kept, usual[1, invention.OCCASION])  # what is left for marks
