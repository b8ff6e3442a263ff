"""Geographical indications, layout designs and data against closed forms, and their books.

``live`` runs the kernels alone, on the groups and cohorts of a system that does nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import lognorm, norm, poisson

from harness import Floats, paths, system
from ipplan.agents import holders as table_of_holders
from ipplan.agents.holders import DATA, LAYOUT, SLOTS
from ipplan.agents.producers import N_PRODUCER_GROUPS, PER_PROVINCE, dealt
from ipplan.ledger import OTHER_RIGHT_GAUGES
from ipplan.levers import Entry
from ipplan.phases import indications as gi
from ipplan.phases import lending, other_rights
from ipplan.phases import registrations as rg
from ipplan.streams import counted
from ipplan.system import IPSystem

REGISTER = [Entry("data_ip_pilots", 0, None, 1.0, build_up=0.0)]
QUIET = {"gi.entry_rate": 6e-5, "gi.exit_rate": 0.0011, "gi.recognition": 6e-4, "gi.conflict_rate": 6e-4}
"""Nothing but reputation moves, or hardly."""


def live(
    months: int, values: Mapping[str, float] | None = None, plan: list[Entry] | None = None, seed: int = 1
) -> tuple[IPSystem, dict[str, Floats]]:
    """Return the system after some months of other rights only, and their gauges by name."""
    found = system(paths(plan or (), values), scale=1e-4, seed=seed, end=months)
    for month in range(months):
        other_rights.other_rights(found, month)
    return found, dict(zip(OTHER_RIGHT_GAUGES, found.other_rights.seen.T, strict=True))


# --- geographical indications ----------------------------------------------------------------------------------------
def test_the_share_willing_is_a_half_at_the_threshold_and_the_threshold_without_tastes() -> None:
    """A member cheats if pi R gap > p F: the limit of no differences between members."""
    assert gi.share_willing(0.04, 0.04, 0.7) == pytest.approx(0.5)
    assert gi.share_willing(0.0401, 0.04, 1e-6) == 1.0
    assert gi.share_willing(0.0399, 0.04, 1e-6) == 0.0
    assert gi.share_willing(0.06, 0.04, 0.7) == pytest.approx(norm.cdf(math.log(1.5) / 0.7), abs=1e-7)
    assert gi.share_willing(0.0, 0.04, 1.0) == 0.0 and gi.share_willing(0.04, 0.0, 1.0) == 1.0


@given(gain=st.floats(1e-4, 1.0), loss=st.floats(1e-4, 1.0), more=st.floats(1.001, 5.0), sd=st.floats(0.1, 3.0))
def test_certainty_and_severity_deter_alike_and_gains_tempt(gain: float, loss: float, more: float, sd: float) -> None:
    assert gi.share_willing(gain, loss * more, sd) <= gi.share_willing(gain, loss, sd)
    assert gi.share_willing(gain * more, loss, sd) >= gi.share_willing(gain, loss, sd)


@pytest.mark.parametrize("sd", [0.5, 1.8])
def test_the_smallest_user_gains_nothing_and_sales_follow_the_largest(sd: float) -> None:
    """Sizes are lognormal with mean one: the share above s*, and their part of all sales by integration."""
    net, per_producer, cost = 0.05, 4e6, 1e5
    smallest = cost / (net * per_producer)
    sizes = lognorm(sd, scale=math.exp(-0.5 * sd * sd))
    share = gi.share_viable(net, per_producer, cost, sd)
    assert share == pytest.approx(sizes.sf(smallest), abs=1e-9)
    sold = quad(lambda s: s * sizes.pdf(s), smallest, math.inf, limit=400)[0]
    assert gi.share_of_sales(share, sd) == pytest.approx(sold, abs=1e-6)
    assert gi.share_viable(-0.01, per_producer, cost, sd) == 0.0
    assert gi.share_of_sales(0.0, sd) == 0.0 and gi.share_of_sales(1.0, sd) == 1.0


def test_reputation_settles_where_it_equals_the_quality_that_buyers_meet() -> None:
    """R* = q (1 - gap x(R*)) / (1 + k(R*)), with belief at inspections x power: solved apart from the model."""
    value = {**QUIET, "gi.displaced_share": 1e-9, "gi.demonstration_share": 1e-9, "gi.inspection_response": 1.0,
             "gi.reputation_speed": 0.2, "gi.learning": 0.5, "gi.dilution": 1e-9}  # fmt: skip
    run, _ = live(160, value)
    table = {name.removeprefix("gi."): row for name, row in zip(gi.READS, run.tables["gi"].at(0)[:, 0], strict=True)}
    for group in run.other_rights.producers.groups[::10]:
        loss = table["inspection"] * table["test_power"] * table["sanction"]

        def gap(r: float, group: np.void = group, loss: float = loss) -> float:
            x = norm.cdf(math.log(table["premium"] * r * table["quality_gap"] / loss) / table["taste_sd"])
            k = table["counterfeit"] * norm.cdf(math.log(table["premium"] * r / loss) / table["taste_sd"])
            return float(r - group["quality"] * (1 - table["quality_gap"] * x) / (1 + k))

        assert group["reputation"] == pytest.approx(brentq(gap, 1e-3, 1.0), rel=1e-6)


def test_reputation_adapts_at_its_speed() -> None:
    """With nobody tempted, R_t = q + (R_0 - q)(1 - h)^t."""
    value = {**QUIET, "gi.sanction": 19.9, "gi.taste_sd": 0.06, "gi.counterfeit": 0.006, "gi.dilution": 1e-9,
             "gi.demonstration_share": 1e-9}  # fmt: skip
    run, _ = live(1, value)
    start = run.other_rights.producers.groups["reputation"].copy()
    for _ in range(29):
        gi.month_of_groups(
            1, 0, 1.0, run.other_rights.producers.groups, run.other_rights.producers.displaced,
            run.tables["gi"].at(0), run.other_rights.seen,
        )  # fmt: skip
    groups = run.other_rights.producers.groups
    expected = groups["quality"] + (start - groups["quality"]) * (1 - 0.04) ** 29
    np.testing.assert_allclose(groups["reputation"], expected, rtol=1e-9)


def test_the_books_of_products_and_users_balance() -> None:
    plan = [Entry("gi_unification", 24, None, 1.0), Entry("gi_promotion", 12, None, 1.0)]
    run, seen = live(60, plan=plan)
    groups, fresh = run.other_rights.producers.groups, live(1)[0]
    first = {name: seen[name][0] for name in seen}
    assert first["gi_products"] - first["gi_recognised"] - first["gi_absorbed"] == 2300
    assert first["gi_users"] - first["gi_entered"] + first["gi_left"] == 8000
    for stock, more, less in (("gi_products", ("gi_recognised", "gi_absorbed"), ()),
                              ("gi_users", ("gi_entered",), ("gi_left",))):  # fmt: skip
        change = sum(seen[name][1:] for name in more) - sum((seen[name][1:] for name in less), start=np.zeros(59))
        np.testing.assert_array_equal(np.diff(seen[stock]), change)
    assert seen["gi_absorbed"].sum() == fresh.other_rights.producers.groups["outside"].sum() - groups["outside"].sum()
    assert (groups["users"] >= 0).all() and (groups["users"] <= groups["producers"]).all()
    assert (groups["outside"] >= 0).all() and seen["gi_absorbed"].sum() > 2000


@pytest.mark.parametrize("moved_on", [1e-9, 0.5, 1.0 - 1e-9])
def test_what_the_nation_gains_is_what_treated_areas_gain_less_what_is_displaced(moved_on: float) -> None:
    """V28: of the counterfeits that monitoring keeps out of treated groups, the displaced part turns up elsewhere.

    A month is lived twice from one state, with and without more monitoring in treated groups; sales are the same.
    """
    values = {**QUIET, "gi.displaced_share": moved_on, "gi.demonstration_share": 1 / PER_PROVINCE,
              "gi.standard_lift": 1e-9, "gi.compliance_ratio": 1 + 1e-9, "gi.vigilance": 3.0}  # fmt: skip
    without = {**values, "gi.vigilance": 1 + 1e-12}
    counterfeits = {}
    for name, given_values in (("with", values), ("without", without)):
        run, _ = live(1, given_values)
        groups, displaced = run.other_rights.producers.groups, run.other_rights.producers.displaced
        groups["vigilance"] = np.where(groups["rank"] == 0, given_values["gi.vigilance"], 1.0)
        groups["reputation"], groups["belief"] = 0.6, 0.1
        for _ in range(2):
            keep = groups["reputation"].copy(), groups["belief"].copy()
            gi.month_of_groups(1, 0, 1.0, groups, displaced, run.tables["gi"].at(0), run.other_rights.seen)
            groups["reputation"], groups["belief"] = keep
        counterfeits[name] = run.other_rights.seen[0, gi.COUNTERFEITS]
        if name == "with":
            kept_out = run.other_rights.seen[0, gi.DISPLACED_SALES] / moved_on
    national = counterfeits["without"] - counterfeits["with"]
    assert kept_out > 0
    assert national == pytest.approx(kept_out * (1 - moved_on), rel=2e-3, abs=2e-3 * kept_out)


# --- layout designs and data -----------------------------------------------------------------------------------------
def test_without_deterrence_the_rule_is_the_plain_one() -> None:
    """p_copy Loss (p1 - p0) > cost where copiers enter in any case."""
    p0, p1, p_copy = 0.2, 0.5, 0.3
    sure = 1e9  # a copier's gain over what it pays
    least = rg.worth_registering(p_copy, rg.lost(p0, sure, 1.0), rg.lost(p1, sure, 1.0), 0.0, 4000.0, 0.0)
    assert least == pytest.approx(4000.0 / (p_copy * (p1 - p0)))


@given(
    chi=st.floats(0.01, 0.99), p0=st.floats(0.01, 0.9), p1=st.floats(0.01, 0.9), use=st.floats(0.0, 0.1),
    fee=st.floats(10.0, 1e4), secrecy=st.floats(10.0, 1e4), value=st.floats(100.0, 1e8),
)  # fmt: skip
def test_an_object_is_registered_exactly_where_that_is_best(
    chi: float, p0: float, p1: float, use: float, fee: float, secrecy: float, value: float
) -> None:
    """The closed threshold against the comparison of the three options, written out."""
    in_secret, registered = rg.lost(p0, 0.6, 1.0), rg.lost(p1, 0.6, 1.0)
    gains = {"open": -chi * value, "secret": -chi * in_secret * value - secrecy,
             "registered": -chi * registered * value + use * value - fee}  # fmt: skip
    least = rg.worth_registering(chi, in_secret, registered, use, fee, secrecy)
    margin = abs(gains["registered"] - max(gains["open"], gains["secret"]))
    cheap_and_weak = fee <= secrecy and chi * (in_secret - registered) + use < 0  # then secrets win at high values
    if margin > 1e-6 * value and not cheap_and_weak:
        assert (max(gains, key=lambda name: gains[name]) == "registered") == (value > least)


def test_copiers_are_deterred_by_relief_and_damages() -> None:
    assert rg.entering(0.3, 0.3, 1.0) == pytest.approx(0.5)  # gain = p D
    assert rg.entering(0.31, 0.3, 1e-6) == 0.0 and rg.entering(0.29, 0.3, 1e-6) == 1.0
    chances = [rg.entering(p, 0.6, 1.0) for p in (0.0, 0.1, 0.3, 0.9)]
    assert chances == sorted(chances, reverse=True) and chances[0] == 1.0
    assert rg.entering(0.3, 0.4, 1.0) < rg.entering(0.3, 0.6, 1.0)


def test_means_of_what_is_registered() -> None:
    value = lognorm(1.5, scale=math.exp(11.5))
    least = 2e5
    mean = quad(lambda x: math.exp(x) * norm.pdf(x, 11.5, 1.5), math.log(least), 40)[0] / value.sf(least)
    assert rg.share_above(11.5, 1.5, least) == pytest.approx(value.sf(least), abs=1e-9)
    assert rg.mean_above(11.5, 1.5, least) == pytest.approx(mean, rel=1e-6)


@pytest.mark.parametrize("guaranteed", [0.0, 0.3])
def test_banks_lend_on_data_as_on_patents(guaranteed: float) -> None:
    """The share of borrowers with ``lending.profit`` not below nought, counted over a grid of default odds."""
    z = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    odds = 0.022 / 0.978 * np.exp(0.6 * z)
    profits = [lending.profit(p, 0.03, 0.1, guaranteed, 0.01) for p in odds / (1 + odds)]
    share = rg.lent_share(0.022, 0.6, 0.03, 0.1, guaranteed, 0.01)
    assert 0.05 < share < 0.95
    assert share == pytest.approx(np.mean(np.array(profits) >= 0), abs=1e-3)
    assert rg.lent_share(0.022, 0.6, 0.009, 0.1, guaranteed, 0.01) == 0.0


def test_awareness_spreads_as_in_bass() -> None:
    """F(t) = (1 - e^(-(p+q)t)) / (1 + q/p e^(-(p+q)t)) with everything worth registering, in steps of a month.

    The recursion of months holds in expectation; what chance of the first month (a standard deviation of 0.36 %) adds
    stays, relative to the level. The curve in continuous time differs by the length of a step, 3 % of the time scale.
    """
    p, q, n = 0.004, 0.03, 1.9e7
    values = {"registration.innovation.data": p, "registration.imitation.data": q, "registration.holders.data": n,
              "registration.value_log_median.data": 17.9, "registration.fee.data": 10.5,
              "registration.secrecy_cost.data": 11.0, "registration.use_value.data": 0.9}  # fmt: skip
    run = system(paths(REGISTER, values), scale=1e-4, end=168)
    run.drivers["enterprise_population"][:] = 1.0
    for month in range(168):
        other_rights.other_rights(run, month)
    adopters = run.ledger.gauges["data_adopters"][1:] / (0.99 * n)  # a measure works from the month after its first
    share, steps = 0.0, []
    for _ in range(167):
        share += (p + q * share) * (1 - share)
        steps.append(share)
    np.testing.assert_allclose(adopters, steps, rtol=4 * 0.0036)
    t = np.arange(1, 168)
    curve = (1 - np.exp(-(p + q) * t)) / (1 + q / p * np.exp(-(p + q) * t))
    np.testing.assert_allclose(adopters, curve, atol=0.02)


def test_certificates_in_force_are_those_registered_less_those_expired() -> None:
    run, seen = live(100, plan=REGISTER)
    start = {"layout": 13_500, "data": 0}
    for right in ("layout", "data"):
        flow = np.cumsum(seen[f"{right}_registered"] - seen[f"{right}_expired"])
        np.testing.assert_array_equal(seen[f"{right}_in_force"], start[right] + flow)
        np.testing.assert_array_equal(seen[f"{right}_issued"], start[right] + np.cumsum(seen[f"{right}_registered"]))
        assert (seen[f"{right}_paper_registered"] <= seen[f"{right}_registered"]).all()
        assert (seen[f"{right}_in_force_paper"] <= seen[f"{right}_in_force"]).all()
        assert (seen[f"{right}_stopped"] <= seen[f"{right}_infringed"]).all()
        assert (seen[f"{right}_doubly_pledged"] <= seen[f"{right}_pledged"]).all()
    cohorts, expiring = run.other_rights.holders.cohorts, run.other_rights.holders.expiring
    np.testing.assert_array_equal(expiring[:, :, 0].sum(axis=2), cohorts["genuine"])
    np.testing.assert_array_equal(expiring[:, :, 1].sum(axis=2), cohorts["paper"])
    assert expiring.min() >= 0


def test_data_expire_after_their_term_and_not_before() -> None:
    _, seen = live(60, plan=REGISTER)
    assert not seen["data_expired"][:36].any()
    np.testing.assert_array_equal(seen["data_expired"][36:], seen["data_registered"][:24])


def test_layouts_of_the_start_expire_over_ten_years() -> None:
    _, seen = live(121)
    assert seen["layout_expired"][:120].sum() == 13_500
    assert seen["layout_expired"][120] == seen["layout_registered"][0]
    assert (np.diff(seen["layout_expired"][:120].reshape(-1, 12).sum(axis=1)) > 0).all()


def test_without_pilots_nobody_registers_data() -> None:
    _, seen = live(48)
    assert not any(seen[name].any() for name in seen if name.startswith("data_"))


@pytest.mark.parametrize("mean", [30.5, 45.0, 120.0, 900.0])
def test_large_counts_are_close_to_poisson(mean: float) -> None:
    """A uniform below the distribution function at n gives n or less: the error in probability, everywhere."""
    u = (np.arange(20_000) + 0.5) / 20_000
    counts = np.array([counted(x, mean) for x in u])
    n = np.arange(counts.min(), counts.max() + 1)
    np.testing.assert_allclose(np.searchsorted(counts, n, side="right") / len(u), poisson.cdf(n, mean), atol=3e-3)
    assert (np.diff(counts) >= 0).all()
    assert all(counted(x, mean * 1.01) >= counted(x, mean) for x in u[::50])


# --- tables ----------------------------------------------------------------------------------------------------------
def test_gauges_stand_in_the_order_of_the_kernels() -> None:
    assert len(OTHER_RIGHT_GAUGES) == gi.N_GAUGES + 2 * rg.N_GAUGES
    assert OTHER_RIGHT_GAUGES[gi.DISPLACED_SALES] == "gi_displaced" and OTHER_RIGHT_GAUGES[gi.OUTPUT] == "gi_output"
    for right, name in ((LAYOUT, "layout"), (DATA, "data")):
        first = gi.N_GAUGES + right * rg.N_GAUGES
        assert OTHER_RIGHT_GAUGES[first + rg.ISSUED] == f"{name}_issued"
        assert OTHER_RIGHT_GAUGES[first + rg.LICENSED] == f"{name}_licensed"
    assert len(rg.READS) == 2 * rg.N_READS and rg.READS[rg.N_READS + rg.SECOND] == "registration.second_pledge.data"
    assert gi.READS[gi.GROWTH] == "gi.growth" and SLOTS > 240


def test_what_is_dealt_adds_up() -> None:
    for total in (0.0, 1.0, 7.0, 2300.0):
        assert dealt(total, np.array([1.0, 2.5, 0.3, 7.0])).sum() == total


def test_every_group_and_cohort_is_there_and_varies_with_the_seed() -> None:
    one, two = live(1, seed=1)[0], live(1, seed=2)[0]
    groups = one.other_rights.producers.groups
    assert len(groups) == N_PRODUCER_GROUPS == 31 * PER_PROVINCE
    assert not np.array_equal(groups["quality"], two.other_rights.producers.groups["quality"])
    assert one.other_rights.holders.cohorts["share"].sum(axis=1) == pytest.approx([1.0, 1.0])
    assert len(table_of_holders.READS) == 5


def test_the_scale_of_the_run_does_not_matter() -> None:
    small, large = (system(paths(REGISTER), scale=scale, end=12) for scale in (1e-4, 4e-4))
    for run in (small, large):
        for month in range(12):
            other_rights.other_rights(run, month)
    np.testing.assert_array_equal(small.other_rights.seen, large.other_rights.seen)
