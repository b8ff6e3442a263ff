"""Tiers of small firms: shares of a Pareto law, use with an unchanged mean, guarantees that fall with size."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from harness import SME_CELL, Floats, history, owners, paths, run, system, theta
from ipplan import ledger as L
from ipplan.compiled import plain
from ipplan.ledger import Ledger
from ipplan.phases import lending, tiers
from ipplan.phases import market as mk
from ipplan.world import FIRM_TIERS, INVENTION, SME
from mechanisms import Estate, plain_fees, quiet_life, quiet_market

N = 40_000
guaranteed = plain(tiers.guaranteed)


@pytest.mark.parametrize(("micro", "medium", "exponent"), [(0.6, 0.08, 1.6), (0.8, 0.03, 1.3), (0.3, 0.3, 3.0)])
def test_shares_of_ideas_are_areas_under_the_quantiles_of_a_pareto_law(
    micro: float, medium: float, exponent: float
) -> None:
    found = tiers.idea_shares(np.array(micro), np.array(medium), np.array(exponent))
    law = stats.pareto(exponent)
    mean = exponent / (exponent - 1.0)
    for share, low, high in zip(found, (0.0, micro, 1.0 - medium), (micro, 1.0 - medium, 1.0), strict=True):
        area, _ = integrate.quad(lambda x: law.ppf(x) / mean, low, high, limit=400)
        assert float(share) == pytest.approx(area, rel=1e-3)
    assert float(sum(found)) == pytest.approx(1.0)


def test_with_an_exponent_below_one_the_largest_have_it_all() -> None:
    found = tiers.idea_shares(np.array(0.6), np.array(0.08), np.array(0.9))
    assert [float(share) for share in found] == [0.0, 0.0, 1.0]


def market(micro: float, medium: float, months: int = 1) -> Floats:
    """A table [month, read, cell] of which only the rows of tiers matter."""
    table = np.zeros((months, mk.TIER_USE + len(tiers.READS), 6))
    for row, value in zip(range(mk.TIER_USE, table.shape[1]), (micro, medium, 0.6, 0.08, 1.6), strict=True):
        table[:, row] = value
    return table


def test_the_mean_use_of_2017_is_the_kinds_whatever_the_ratios() -> None:
    weights = tiers.idea_shares(np.array(0.6), np.array(0.08), np.array(1.6))
    for micro, medium in ((1.0, 1.0), (0.4, 1.3), (0.1, 3.0)):
        table = market(micro, medium)
        tiers.reckon(table, mk.TIER_USE)
        factors = table[0, mk.TIER_USE : mk.TIER_USE + 3, 0]
        assert float(np.array(weights) @ factors) == pytest.approx(1.0)
        assert factors[0] / factors[1] == pytest.approx(micro) and factors[2] / factors[1] == pytest.approx(medium)


def test_what_moves_one_tier_leaves_the_others() -> None:
    table = market(0.4, 1.3, months=2)
    table[1, mk.TIER_USE] = 0.6
    tiers.reckon(table, mk.TIER_USE)
    assert table[1, mk.TIER_USE, 0] == pytest.approx(1.5 * table[0, mk.TIER_USE, 0])
    np.testing.assert_array_equal(table[1, mk.TIER_USE + 1 : mk.TIER_USE + 3], table[0, mk.TIER_USE + 1 :][:2])


def test_use_settles_by_tier_where_it_begins_as_often_as_it_ends() -> None:
    """A chain of two states: p(t) = s (1 - exp(-(a + b) t)), s = a / (a + b), a the kind's hazard times the factor."""
    hazard, stop, years = 0.12, 0.1, 6
    table = quiet_market(market__efficiency=0.0)
    table[mk.TIER_USE : mk.TIER_USE + 3] = np.array([0.4, 1.0, 1.3])[:, None]
    life = quiet_life(use__hazard_all=hazard, use__stop_hazard=stop, use__quality_loading=0.0)
    for tier, factor in zip(range(4), (1.0, 0.4, 1.0, 1.3), strict=True):
        people = owners(40, SME_CELL, tier=tier)
        rights = Estate(people, np.full(N, 14.0), INVENTION, life, plain_fees(), table)
        rights.live(12 * years)
        a = hazard * factor
        share = a / (a + stop) * (1.0 - np.exp(-(a + stop) * years))
        used = int(rights.tally.stocks[:, INVENTION, L.USED].sum())
        assert abs(used - N * share) <= 4.5 * np.sqrt(N * share * (1 - share)) + 0.01 * N
        kept = [int(rights.tally.flows[..., L.flow(f"kept_{name}")].sum()) for name in FIRM_TIERS]
        assert kept == [N * years if tier == code + 1 else 0 for code in range(3)]


def test_guarantees_fall_with_size_by_the_tilt_and_not_without_one() -> None:
    by_tier = [guaranteed(0.3, np.log(4 / 3), tier) for tier in (1, 2, 3, 0)]
    assert by_tier == pytest.approx([0.4, 0.3, 0.225, 0.3 * (3 / 4) ** 2])
    assert [guaranteed(0.3, 0.0, tier) for tier in range(4)] == [0.3] * 4
    assert guaranteed(0.9, 0.7, 1) == tiers.MOST_GUARANTEED


@pytest.fixture(scope="module")
def ledgers() -> dict[float, Ledger]:
    """Runs in which loans are many, without and with a tilt."""
    many = {"finance.seek_rate": 0.8, "finance.default_rate": 0.05, "finance.cost": 0.012}
    worlds = {tilt: paths(history(), {**many, "finance.guarantee_tilt": tilt}) for tilt in (0.0, 0.4)}
    return {tilt: run(world, 1 / 400, 2, 48) for tilt, world in worlds.items()}


def test_a_tilt_lets_more_micro_firms_borrow_and_fewer_others(ledgers: dict[float, Ledger]) -> None:
    refused, others = [], []
    for tilt in (0.0, 0.4):
        flows = ledgers[tilt].flows_monthly.sum(axis=(0, 2, 3))
        sought, sought_micro = flows[L.LOANS_SOUGHT], flows[lending.SOUGHT_MICRO]
        assert 50 < sought_micro < sought
        refused.append(flows[lending.REFUSED_MICRO] / sought_micro)
        others.append((flows[L.LOANS_REFUSED] - flows[lending.REFUSED_MICRO]) / (sought - sought_micro))
    assert refused[1] < refused[0] and others[1] > others[0]


def test_micro_small_and_medium_firms_use_as_the_survey_orders_them(ledgers: dict[float, Ledger]) -> None:
    flows = ledgers[0.0].flows_monthly[24:].sum(axis=(0, 2, 3))
    rates = [flows[L.flow(f"used_kept_{name}")] / flows[L.flow(f"kept_{name}")] for name in FIRM_TIERS]
    assert rates[0] < rates[1] < rates[2]


def test_the_tiers_of_a_population_are_the_shares_of_its_firms() -> None:
    people = system(paths(), scale=1 / 500, end=1).applicants
    firms = people.kind == SME
    assert (people.tier[~firms] == 0).all()
    counts = np.bincount(people.tier[firms], minlength=4)[1:] / firms.sum()
    assert counts == pytest.approx([0.6, 0.32, 0.08], abs=0.005)
    ideas = [people.ideas[firms & (people.tier == code)].sum() for code in (1, 2, 3)]
    closed = tiers.idea_shares(np.array(0.6), np.array(0.08), np.array(1.6))
    assert ideas == pytest.approx([float(share) for share in closed], abs=0.05)
    assert theta("market").shape[0] == mk.TIER_USE + len(tiers.READS)
