"""V21: pools of complements and of substitutes against Cournot's closed forms; who joins, holds out, stuffs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness import Floats, paths, run, theta
from ipplan import ledger as L
from ipplan.levers import Entry
from ipplan.phases import pools
from ipplan.world import N_FIELDS


def table(**values: float) -> Floats:
    return theta("pools", **{f"pool__{name}": value for name, value in values.items()})[:, 0]


def field(n: int, members: int = 0, needed: int | None = None) -> pools.Pools:
    """Fields of ``n`` holders of which the first ``members`` are in a pool; all are needed unless said otherwise."""
    ids = np.arange(n)
    essential = np.tile(ids < (n if needed is None else needed), (N_FIELDS, 1))
    return pools.Pools(essential, np.tile(ids < members, (N_FIELDS, 1)))


PURE = {"complement_share": 1.0, "stacked_share": 1.0, "transaction_cost": 0.0}


@pytest.mark.parametrize("n", [2, 3, 5, 12, 60])
def test_v21_a_pool_of_n_complements_sells_n_plus_one_halves_as_much(n: int) -> None:
    whole = field(n, n)
    whole.look(table(**PURE))
    np.testing.assert_allclose(whole.licensing, (n + 1) / 2, rtol=1e-12)
    assert whole.levels[3] == pytest.approx(n / (n + 1)) and whole.levels[4] == pytest.approx(0.5)
    alone = field(n)
    alone.look(table(**PURE))
    np.testing.assert_array_equal(alone.licensing, 1.0)
    part = field(n, n - 1)  # the pool and one who holds out: two sellers
    part.look(table(**PURE))
    np.testing.assert_allclose(part.licensing, (n + 1) / 3, rtol=1e-12)


@pytest.mark.parametrize("n", [2, 5, 12])
def test_v21_substitutes_reverse_the_sign(n: int) -> None:
    whole = field(n, n)
    whole.look(table(**{**PURE, "complement_share": 0.0}))
    np.testing.assert_allclose(whole.licensing, (n + 1) / (2 * n), rtol=1e-12)
    assert (whole.licensing < 1).all()
    assert whole.levels[3] == pytest.approx(1 / (n + 1)) and whole.levels[4] == pytest.approx(0.5)


@pytest.mark.parametrize("k", [1, 2, 7])
@pytest.mark.parametrize("cost", [0.0, 0.02])
def test_nobody_gains_by_another_royalty(k: int, cost: float) -> None:
    """Royalties are a Nash equilibrium of linear demand 1 - total - k cost."""
    sellers = np.array([float(k)])
    each = float(pools.stack(sellers, cost)[0]) / k
    own = np.linspace(0.0, 1.0, 100_001)
    profit = own * np.maximum(0.0, 1.0 - (k - 1) * each - own - k * cost)
    assert own[profit.argmax()] == pytest.approx(each, abs=1e-5)
    assert profit.max() == pytest.approx(float(pools.earned(sellers, cost)[0]), abs=1e-9)
    assert float(pools.quantity(sellers, cost)[0]) == pytest.approx(1 - k * each - k * cost)


def test_a_pool_saves_transaction_costs() -> None:
    gains = []
    for cost in (0.0, 0.01, 0.03):
        whole = field(10, 10)
        whole.look(table(**{**PURE, "transaction_cost": cost}))
        gains.append(whole.licensing[0])
    assert gains[0] < gains[1] < gains[2]


def test_all_gain_by_a_pool_of_all_and_one_gains_more_by_holding_out() -> None:
    for n in (2, 3, 10, 50):
        shared, apart, outside = (float(pools.earned(np.array([k]), 0.0)[0]) for k in (1.0, float(n), 2.0))
        assert shared / n > apart
        assert n < 3 or outside > shared / n


def late(seeds: int = 12, **values: Any) -> Floats:
    """Mean gauges of the pools of some worlds after six years."""
    given = table(**{"approach": 0.5, "essential_share": 0.6, "screening": 0.4, "noise": 0.3, **values})
    levels = []
    for seed in range(seeds):
        found = pools.Pools.start(seed, given)
        for month in range(0, 72, pools.MONTHS):
            found.approach(seed, month, given)
        found.look(given)
        levels.append(found.levels)
    return np.mean(levels, axis=0)


MEMBERS, COVERED, STUFFED, ALONE, STACK, LICENSING = range(6)


def test_an_outsider_that_can_enforce_alone_holds_out() -> None:
    weak, strong = (late(enforced_alone=part, complement_share=1.0) for part in (0.05, 0.9))
    assert weak[COVERED] > 90 > 40 > strong[COVERED]
    assert weak[LICENSING] > strong[LICENSING] and weak[STACK] < strong[STACK] <= strong[ALONE]


def test_who_thinks_the_pool_stands_or_falls_with_him_joins() -> None:
    assert late(pivotal=0.9)[COVERED] > late(pivotal=0.05)[COVERED] + 10


def test_evaluation_keeps_out_what_nobody_needs_and_stuffing_keeps_out_the_needed() -> None:
    tight, loose = late(screening=1.0), late(screening=0.0)
    assert tight[STUFFED] == 0 < 20 < loose[STUFFED]
    assert tight[COVERED] > loose[COVERED]


def test_more_who_are_approached_more_members() -> None:
    counts = [late(approach=rate)[MEMBERS] for rate in (0.0, 0.1, 0.5)]
    assert counts[0] == 0 < counts[1] < counts[2]


def test_without_pools_no_bit_of_the_market_moves() -> None:
    found = field(12)
    found.look(table())
    rates = np.random.default_rng(1).random(N_FIELDS)
    np.testing.assert_array_equal(rates * found.licensing, rates)


def test_the_run_uses_these_pools() -> None:
    """V21 in the run: meetings follow the factor of the closed form (checks of the code, not of the world)."""
    given = {"pool.stacked_share": 0.5, "pool.enforced_alone": 0.05}
    one = run(paths([Entry("patent_pools", 0, None, 1.0, build_up=1.0)], given), 1 / 1000, 3, 36)
    none = run(paths((), given), 1 / 1000, 3, 36)
    assert none.gauges["pool_members"].max() == 0 and (none.gauges["pool_licensing"] == 1.0).all()
    assert one.gauges["pool_coverage"][-1] > 30
    assert one.gauges["royalty_stack"][-1] < one.gauges["royalty_stack_alone"][-1]
    np.testing.assert_array_equal(one.flows_monthly[:3], none.flows_monthly[:3])
    factor = one.gauges["pool_licensing"][24:].mean()
    met, before = (ledger.flows_monthly[24:, L.MEETINGS].sum() for ledger in (one, none))
    error = (1 / met + 1 / before) ** 0.5
    assert factor > 1.1 and met / before == pytest.approx(factor, rel=0.12 + 3 * error)


# --- royalties in money ----------------------------------------------------------------------------------------------
MONEY = {**PURE, "choke_price": 1e6}
USERS = np.full(N_FIELDS, 1e6)


@pytest.mark.parametrize("n", [2, 5, 12])
def test_a_pool_of_all_earns_a_quarter_of_what_all_would_pay_at_most(n: int) -> None:
    """Linear demand and one seller: half the users at half the choke price; n sellers: 1/(n + 1) of both, each."""
    whole, alone = field(n, n), field(n)
    takers, pooled, outside = whole.royalties(USERS, table(**MONEY))
    assert takers == pytest.approx(N_FIELDS * 5e5) and outside == 0.0
    assert pooled == pytest.approx(N_FIELDS * 1e6 * 1e6 / 4)
    takers, pooled, outside = alone.royalties(USERS, table(**MONEY))
    assert takers == 0 == pooled
    assert outside == pytest.approx(N_FIELDS * n * 1e6 * 1e6 / (n + 1) ** 2, rel=1e-5)


@pytest.mark.parametrize("n", [2, 3, 12, 60])
def test_what_holders_receive_is_what_users_pay(n: int) -> None:
    """Conservation: licences times royalties over all sellers is the stack times what is sold, users whole."""
    part = field(n, n // 2, needed=max(2, n - 1))
    for share in (0.0, 0.7, 1.0):
        given = table(**{**MONEY, "complement_share": share, "transaction_cost": 0.01})
        _, pooled, outside = part.royalties(USERS, given)
        k = part.sellers()
        paid = share * pools.stack(k, 0.01) * pools.quantity(k, 0.01) + (1 - share) * (
            pools.stack(k, 0.01, complement=False) * pools.quantity(k, 0.01, complement=False))  # fmt: skip
        assert pooled + outside == pytest.approx(float(paid.sum()) * 1e12, rel=1e-4)


def test_takers_are_whole_firms_and_nobody_pays_where_nobody_is() -> None:
    takers, pooled, _ = field(3, 3).royalties(np.full(N_FIELDS, 7.9), table(**MONEY))
    assert takers == N_FIELDS * 3 and pooled == pytest.approx(takers * 5e5)
    assert field(3, 3).royalties(np.zeros(N_FIELDS), table(**MONEY)) == (0.0, 0.0, 0.0)


def test_royalties_of_a_run_start_with_its_pools() -> None:
    one = run(paths([Entry("patent_pools", 12, None, 1.0, build_up=1.0)]), 1 / 5000, 3, 48).gauges
    assert (one["pool_royalties"][:12] == 0.0).all() and (one["pool_takers"][:12] == 0.0).all()
    assert one["stack_royalties_outside"][0] > 0.0
    assert one["pool_royalties"][-1] > 0.0 and one["pool_takers"][-1] == int(one["pool_takers"][-1]) > 0
