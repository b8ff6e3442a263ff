"""How provinces work towards targets, where firms go and when they file: held against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import paths as primitive_paths
from harness import system, theta
from ipplan.agents.agencies import Agencies
from ipplan.analysis.demonstration import evaluate
from ipplan.compiled import kernel
from ipplan.phases import agency_market, effort, linkage, places
from ipplan.phases.invention import DESIGN_NEED, IDEA
from ipplan.world import INDIVIDUAL, N_CELLS, N_KINDS, N_PROVINCES, UNIVERSITY

ONE = np.ones(N_PROVINCES)


@kernel
def draw_places(agencies, table, found):
    """Let newcomers, whose parents stand in two provinces by turns, choose where to open."""
    for i in range(len(found)):
        found[i] = agency_market.drawn_place(3, i // 500, i % 500, agencies, i % 2, 2, table)



SHARE = st.floats(0.0, 0.3)


@given(SHARE, st.floats(0.0, 0.25))
def test_december_has_its_share_and_the_year_its_ideas(surge: float, pulled: float) -> None:
    """Test V24: where a share f is target-driven and pulled to December, its share is (1 - f) / 12 + f."""
    ordinary, december = places.held_back(np.full(N_CELLS, pulled), np.full(N_CELLS, surge))
    before = np.array([1.0 - surge] * 11 + [1.0 + 11.0 * surge]) / 12.0
    after = before * np.array([ordinary[IDEA, 0]] * 11 + [december[IDEA, 0]])
    f = surge + pulled
    assert after[-1] == pytest.approx((1.0 - f) / 12.0 + f, rel=1e-12)
    assert after.sum() == pytest.approx(1.0, rel=1e-12)
    assert np.all(ordinary[DESIGN_NEED] == 1.0)


@pytest.mark.parametrize("months", [0, 4, 10])
def test_a_plan_that_begins_within_the_year_holds_back_what_is_left_of_it(months: int) -> None:
    surge, pulled = np.full(N_CELLS, 0.03), np.full(N_CELLS, 0.1)
    ordinary, december = places.held_back(pulled, surge, months)
    lost, won = months * (1.0 - ordinary[IDEA]) * 0.97, (december[IDEA] - 1.0) * 1.33
    np.testing.assert_allclose(lost, won, rtol=1e-12, atol=1e-15)


def test_without_a_pull_no_bit_of_the_season_changes() -> None:
    for factors in places.held_back(np.zeros(N_CELLS), np.full(N_CELLS, 0.03)):
        assert np.all(factors == 1.0)


@pytest.mark.parametrize("ratio, audit, weight, scale", [(5.0, 0.3, 4.0, 1.0), (2.0, 0.0, 4.0, 0.5), (10, 1, 1, 2)])
def test_the_split_is_a_logit(ratio: float, audit: float, weight: float, scale: float) -> None:
    """Odds of cosmetic work: (c_real / c_cos)^(1/scale) exp(-a audit / scale)."""
    found = effort.cosmetic_share(np.full(4, ratio), np.full(4, audit), weight, scale, np.zeros((31, 1)))
    odds = ratio ** (1.0 / scale) * math.exp(-weight * audit / scale)
    np.testing.assert_allclose(found / (1.0 - found), odds, rtol=1e-12)


def test_audits_deter_and_a_lesson_is_an_audit_that_is_sure() -> None:
    shares = [effort.cosmetic_share(np.full(4, 5.0), effort.felt_audit(np.full(4, 0.3), np.full((1, 4), lesson)),
                                    4.0, 1.0, np.zeros((1, 1)))[0, 0] for lesson in (0.0, 0.5, 1.0)]  # fmt: skip
    assert shares[0] > shares[1] > shares[2]
    assert shares[2] == effort.cosmetic_share(np.full(4, 5.0), np.ones(4), 4.0, 1.0, np.zeros((1, 1)))[0, 0]


def test_effort_follows_gaps_within_the_budget() -> None:
    weights, gap = np.array([0.4, 0.3, 0.2, 0.1]), np.tile([0.1, 0.0, 0.2, 0.5], (3, 1))
    stake = np.array([0.0, 0.5, 1.0])
    free = effort.effort(stake, weights, gap, 2.0, 10.0)
    np.testing.assert_allclose(free[2], 2.0 * weights * gap[2])
    np.testing.assert_allclose(free[1], 0.5 * free[2])
    assert np.all(free[0] == 0.0)
    tight = effort.effort(stake, weights, gap, 100.0, 1.0)
    np.testing.assert_allclose(tight.sum(axis=1), [0.0, 1.0, 1.0])
    np.testing.assert_allclose(tight[1] / tight[1].sum(), free[1] / free[1].sum())


def test_the_ratchet_adds_part_of_what_exceeded_the_target() -> None:
    """Test of T' = (1 + g) T + r max(0, I - T): on the path a target grows by g, beyond it by more."""
    target, growth = np.full((2, 4), 100.0), np.full(4, 0.1)
    short = effort.ratcheted(np.full((2, 4), 90.0), target, growth, 0.5)
    above = effort.ratcheted(np.full((2, 4), 140.0), target, growth, 0.5)
    np.testing.assert_allclose(short, 110.0)
    np.testing.assert_allclose(above, 130.0)
    level, goal = 100.0, 110.0
    for _ in range(60):  # value grows by s = 20 % a year and target by g = 10 %: I / T tends to 1 + (s - g) / r
        level *= 1.2
        settled = level / goal
        goal = float(effort.ratcheted(np.full((1, 4), level), np.full((1, 4), goal), growth, 0.5)[0, 0])
    assert settled == pytest.approx(1.0 + (0.2 - 0.1) / 0.5, rel=1e-9)


def test_few_cases_are_held_towards_the_nation() -> None:
    value, target = np.array([[0.0] * 4, [110.0] * 4]), np.array([[1.0] * 4, [100.0] * 4])
    nation = 110.0 / 101.0
    held = effort.standing(value, target, np.array([[0.0] * 4, [1e9] * 4]), 50.0)
    np.testing.assert_allclose(held[0], nation)
    np.testing.assert_allclose(held[1], 1.1, rtol=1e-6)


def test_peers_are_others_of_the_region_and_only_better_ones_are_copied() -> None:
    regions = np.array([0, 0, 0, 1, 1, 2])
    for u in np.linspace(0.001, 0.999, 41):
        peer = effort.peers(regions, np.full(6, u))
        assert np.all(regions[peer] == regions) and np.all(peer[:5] != np.arange(5)) and peer[5] == 5
    lean, score = np.array([0.0, 2.0, 1.0]), np.array([0.5, 0.9, 0.7])
    found = effort.learned(lean, score, np.array([1, 0, 1]), np.array([True, True, False]), 0.5)
    np.testing.assert_allclose(found, [1.0, 2.0, 1.0])


@given(st.integers(0, 2**31 - 1), st.floats(0.01, 3.0))
def test_relocation_keeps_the_nation_and_those_who_cannot_move(seed: int, elasticity: float) -> None:
    """Test V28 at its root: what places win, others lose, for every kind of owner and of arrival."""
    draw = np.abs(np.sin(np.arange(1, 4 * N_CELLS + 1) * (1.0 + seed % 1000))).reshape(4, N_CELLS)
    benefit = np.abs(np.cos(np.arange(N_PROVINCES) * (1.0 + seed % 77)))
    factor = places.relocated(benefit, elasticity, draw)
    kinds = np.arange(N_CELLS) % N_KINDS
    for kind in range(N_KINDS):
        cells = kinds == kind
        np.testing.assert_allclose((draw * factor)[:, cells].sum(axis=1), draw[:, cells].sum(axis=1), rtol=1e-12)
    assert np.all(factor[:, (kinds > INDIVIDUAL) | (np.arange(N_CELLS) >= N_PROVINCES * N_KINDS)] == 1.0)
    a, b = factor[0, 0] / factor[0, N_KINDS], math.exp(elasticity * (benefit[0] - benefit[1]))
    assert a == pytest.approx(b, rel=1e-12)  # a logit: odds depend on the two places only
    assert UNIVERSITY > INDIVIDUAL


def test_where_all_places_offer_the_same_nobody_moves() -> None:
    assert np.all(places.relocated(0.3 * ONE, 1.0, np.ones((4, N_CELLS))) == 1.0)


def test_the_best_are_chosen_the_more_surely_the_more_performance_counts() -> None:
    performance, everyone = np.linspace(0.0, 3.0, N_PROVINCES), np.ones(N_PROVINCES, np.bool_)
    ahead = []
    for slope in (0.0, 1.5, 50.0):
        u = (np.arange(400)[:, None] * 0.754877666 + np.arange(N_PROVINCES) * 0.569840291 + 0.5 / 400) % 1.0
        picks = np.array([places.chosen(performance, everyone, 10, slope, row) for row in u])
        assert np.all(picks.sum(axis=1) == 10)
        ahead.append(picks[:, -10:].mean())
    assert ahead[0] == pytest.approx(10 / 31, abs=0.05)
    assert ahead[0] < ahead[1] < ahead[2] and ahead[2] > 0.95
    few = places.chosen(performance, np.arange(N_PROVINCES) < 3, 10, 1.5, u[0])
    np.testing.assert_array_equal(np.flatnonzero(few), [0, 1, 2])


def test_navigation_avoids_duplications_and_lifts_quality_by_what_they_cost() -> None:
    navigated = np.array([0.0, 0.5, 1.0])
    now = linkage.duplication(0.2, 0.4, 0.0, navigated)
    np.testing.assert_allclose(now, [0.2, 0.16, 0.12])
    gain = linkage.quality_gain(np.full(3, 0.6), 0.2, now, 0.5, 0.1, navigated)
    np.testing.assert_allclose(gain, 0.6 * np.array([0.0, 0.02 + 0.05, 0.04 + 0.1]))
    assert gain[0] == 0.0
    crowded = linkage.duplication(0.2, 0.4, 1.0, navigated)
    assert crowded[2] == pytest.approx(0.24)  # herding may undo it


def test_what_is_passed_on_is_known_as_at_home_at_most() -> None:
    """P = p0 + omega (p_home - p0), for those who move."""
    found = 0.1 + linkage.recognised(np.full(3, 0.1), np.array([0.0, 0.5, 1.0]), 1.0, 0.7)
    np.testing.assert_allclose(found, [0.1, 0.4, 0.7])
    assert linkage.recognised(np.array([0.9]), np.array([1.0]), 1.0, 0.7)[0] == 0.0


def test_newcomers_choose_between_two_places_by_a_logit() -> None:
    """Of two places drawn alike, that of pull a is taken with exp(a) / (exp(a) + exp(b)) (Luce 1959)."""
    n, pull = 40_000, 0.8
    table = theta("agencies")
    table[agency_market.PULL, :N_KINDS] = pull
    shape = system(primitive_paths(), scale=1e-4, end=1).agencies
    parts = {name: np.zeros((2, *column.shape[1:]), column.dtype) for name, column in shape._asdict().items()}
    parts["province"][:] = [0, 1]
    agencies = Agencies(**parts)
    found = np.empty(n, np.int64)
    draw_places(agencies, table, found)
    expected = 0.25 + 0.5 * math.exp(pull) / (math.exp(pull) + 1.0)  # a quarter of the pairs is twice that place
    assert (found == 0).mean() == pytest.approx(expected, abs=4.0 * 0.5 / math.sqrt(n))
    table[agency_market.PULL] = 0.3
    draw_places(agencies, table, found)
    np.testing.assert_array_equal(found, np.arange(n) % 2)  # no place draws more: all stay with the parent


def test_a_naive_study_finds_effect_selection_and_spillover_together() -> None:
    """Naive = selection + effect - spillover, exactly; the nation gains what is gained less what is displaced."""
    years, chosen = np.arange(8)[:, None], np.arange(5) < 2
    without = np.where(chosen, 100.0 * 1.1**years, 100.0 * 1.02**years)
    with_measure = without.copy()
    with_measure[4:, chosen] *= 1.08
    with_measure[4:, ~chosen] *= 0.97
    found = evaluate(with_measure, without, chosen, 0, 4)
    assert found.effect == pytest.approx(math.log(1.08)) and found.spillover == pytest.approx(math.log(0.97))
    assert found.naive == pytest.approx(found.selection + found.effect - found.spillover, rel=1e-12)
    assert found.bias > 0.0 and found.selection > 0.0
    assert found.national == pytest.approx((with_measure - without)[4:].sum())
    assert found.zero_sum_part == pytest.approx(found.displaced / found.treated_gain)
    with_measure[2] += 1.0
    with pytest.raises(ValueError, match="before the measure"):
        evaluate(with_measure, without, chosen, 0, 4)


def test_without_selection_and_spillover_a_naive_study_is_right() -> None:
    without = np.full((6, 4), 50.0)
    with_measure = without.copy()
    with_measure[3:, :2] *= 1.2
    found = evaluate(with_measure, without, np.arange(4) < 2, 0, 3)
    assert found.naive == pytest.approx(math.log(1.2)) and found.bias == pytest.approx(0.0, abs=1e-15)
    assert found.zero_sum_part == 0.0
