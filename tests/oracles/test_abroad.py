"""Filing abroad, the licences across the border and the economy: against closed forms, and the signs of their measures.

Signs are tests of the code (a lever pulls the way it is written), not evidence about the world.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

from harness import LARGE_CELL, Floats, call, owners, paths, records, theta
from ipplan import ledger as L
from ipplan.compiled import kernel
from ipplan.levers import Entry
from ipplan.phases import economy, families, inflow, royalties
from ipplan.rights import keys
from ipplan.rights.abroad import ABROAD_SLOTS, FROM_ABROAD, PAST, PRIORITY, no_contracts, no_families
from ipplan.rights.docket import Filed
from ipplan.system import READS
from ipplan.world import BRICS, DESTINATIONS, FOREIGN, INVENTION, N_CELLS, N_DESTINATIONS, N_FIELDS, N_KINDS, US
from mechanisms import filings

MONTHS = 220
ONE = owners(1)


# --- families --------------------------------------------------------------------------------------------------------
def filed_with(log_values: Floats) -> Filed:
    """Inventions of one owner with these first-year returns."""
    n = len(log_values)
    return filings(n, owner=0, serial=np.arange(n) % 65536, right=INVENTION, log_value=log_values)


class Abroad:
    """Families filed at home in month 0 by one owner, followed abroad until ``until``."""

    def __init__(self, log_values: Floats, table: Floats, until: int = 12) -> None:
        self.tally, self.contracts = L.Tally.empty(), no_contracts()
        self.known = keys.with_room(keys.Filings.empty(), 2 * len(log_values))
        terms = families.terms(table)
        self.families = no_families().with_room(8 * len(log_values))
        call(families.note, month=0, filed=filed_with(log_values), cells=ONE.cell, cut=terms.cut,
             families=self.families)  # fmt: skip
        self.granted_by_month = []
        for month in range(1, until + 1):
            self.families = self.families.with_room(8 * len(log_values))
            self.contracts = self.contracts.with_room(8 * len(log_values))
            both: dict[str, Any] = {
                "seed": 1, "month": month, "families": self.families, "contracts": self.contracts, "cells": ONE.cell,
                "theta": table, "royalty_theta": theta("royalties"), "gdp": 1.0, "granted_abroad": self.known,
                "tally": self.tally, "worth": terms.worth, "cost": terms.cost, "benefit": terms.benefit,
            }  # fmt: skip
            call(families.decide, **both)
            call(families.conclude_abroad, **both)
            self.granted_by_month.append(self.count(L.GRANTED_ABROAD).sum())

    def count(self, first: int) -> NDArray[np.int64]:
        """Return a flow by destination."""
        found: NDArray[np.int64] = self.tally.flows[..., first : first + N_DESTINATIONS].sum(axis=(0, 1))
        return found


def thresholds(table: Floats) -> Floats:
    """Log first-year return from which each destination pays at an average fit, written out by hand."""
    def read(name: str) -> float:
        return float(table[READS["families"].index(name), LARGE_CELL])

    keep = read("renewal.discount") * (1 - read("renewal.decay.invention"))
    years = (keep**4 - keep**20) / (1 - keep)
    lost = read("overseas.dispute_risk") * (1 - read("overseas.guidance")) * read("overseas.dispute_loss")
    return np.array([
        math.log(read(f"overseas.cost.{c}") * (1 - read("overseas.subsidy"))
                 / (years * read(f"overseas.market.{c}") * read(f"overseas.enforcement.{c}") * (1 - lost)))
        for c in DESTINATIONS
    ])  # fmt: skip


def test_a_family_goes_where_its_value_times_enforcement_exceeds_the_cost() -> None:
    """Without a spread of fits the rule is sharp: V_c p_c (1 - r (1 - g) l) > kappa_c (1 - s), destination by one."""
    table = theta("families", overseas__market_spread=0.0, overseas__label_benefit=0.0)
    edges = thresholds(table)
    for side in (-1e-3, 1e-3):
        values = edges + side
        expected = (values[:, None] > edges).sum(axis=0)
        np.testing.assert_array_equal(Abroad(values, table).count(L.FILED_ABROAD), expected)


@pytest.mark.parametrize("spread", [0.3, 0.6, 1.0])
def test_the_share_that_files_is_that_of_a_normal_fit(spread: float) -> None:
    """Returns at a threshold's edge and around it: Phi((ln v - edge) / sd), cut at two and a half deviations."""
    table = theta("families", overseas__market_spread=spread, overseas__label_benefit=0.0)
    edges, n = thresholds(table), 20_000
    for value in (edges[US], edges[US] + 0.5):
        found = Abroad(np.full(n, value), table).count(L.FILED_ABROAD) / n
        closed = norm.cdf((value - edges) / spread)
        closed[np.abs(value - edges) > families.WORST_FIT * spread] = np.round(closed)[
            np.abs(value - edges) > families.WORST_FIT * spread]  # fmt: skip
        np.testing.assert_allclose(found, closed, atol=4.5 * 0.5 / math.sqrt(n))


def test_who_is_rewarded_for_the_label_goes_to_one_place_only() -> None:
    values = np.full(2_000, thresholds(theta("families")).min() - 3.0)
    poor = theta("families", overseas__label_benefit=0.0, overseas__market_spread=0.0)
    assert Abroad(values, poor).count(L.FILED_ABROAD).sum() == 0
    rich = theta("families", overseas__label_benefit=200_000.0, overseas__market_spread=0.0)
    cheapest = Abroad(values, rich).count(L.FILED_ABROAD)
    assert cheapest.sum() == 2_000 and np.count_nonzero(cheapest) == 1
    assert np.argmax(cheapest) == np.argmax(np.exp(values[0] + families.terms(rich).worth[:, 0])
                                            - families.terms(rich).cost[:, 0])  # fmt: skip


def test_what_is_not_noted_at_filing_could_not_have_paid() -> None:
    """The cut at filing leaves out nothing that files under its terms, nor under somewhat better ones a year later."""
    table = theta("families")
    terms = families.terms(table)
    best = terms.cut[LARGE_CELL] + terms.worth[:, 0] + families.WORST_FIT * table[families.SPREAD, 0]
    assert (np.exp(best + families.HEADROOM) <= (terms.cost[:, 0] - terms.benefit[0]) * (1 + 1e-9)).all()
    assert np.isinf(terms.cut[FOREIGN::N_KINDS]).all()


def test_no_grant_before_the_thirtieth_month_and_pendency() -> None:
    """Through the PCT a case enters at 30 months; at the least it is pending for half the mean."""
    values = np.full(4_000, 30.0)
    table = theta("families", overseas__pct_share=1.0, overseas__work_sharing=0.0)
    world = Abroad(values, table, MONTHS)
    first = 1 + int(np.argmax(np.array(world.granted_by_month) > 0))
    soonest = min(table[families.PENDENCY + c, 0] for c in range(N_DESTINATIONS))
    assert 30 + soonest / 2 - 0.5 <= first <= 30 + soonest / 2 + 3
    direct = Abroad(values, theta("families", overseas__pct_share=0.0, overseas__work_sharing=0.0), MONTHS)
    assert 1 + int(np.argmax(np.array(direct.granted_by_month) > 0)) == first - 18


def test_every_case_is_pending_granted_or_refused_at_its_rate() -> None:
    n = 6_000
    table = theta("families")
    for until in (12, 40, MONTHS):
        world = Abroad(np.full(n, 30.0), table, until)
        pending = world.tally.stocks[..., L.PENDING_ABROAD : L.PENDING_ABROAD + N_DESTINATIONS].sum(axis=(0, 1))
        filed, granted, refused = (world.count(f) for f in (L.FILED_ABROAD, L.GRANTED_ABROAD, L.REFUSED_ABROAD))
        np.testing.assert_array_equal(filed, pending + granted + refused)
        lying = records(world.families)
        np.testing.assert_array_equal(pending, np.bincount(lying["place"], minlength=N_DESTINATIONS))
    assert (filed == n).all() and pending.sum() == 0
    rates = table[families.GRANT_RATE : families.GRANT_RATE + N_DESTINATIONS, 0]
    np.testing.assert_allclose(granted / n, rates, atol=4.5 * 0.5 / math.sqrt(n))
    assert world.tally.flows[..., L.FAMILIES_GRANTED].sum() == world.known[-1] <= n


def with_measure(name: str, phase: str, month: int = 119) -> Floats:
    return paths([Entry(name, 0, None, 1.0)]).table(READS[phase], 120).at(month)


def expected_grants(table: Floats) -> Floats:
    """Grants by destination of lognormal returns as the model files them (large firms), by integration."""
    value = 9.84 + 1.17 * norm.ppf((np.arange(40_000) + 0.5) / 40_000)
    terms = families.terms(table)
    z = (np.log(terms.cost[:, :1]) - terms.worth[:, :1] - value) / table[families.SPREAD, 0]
    share = np.where(z > families.WORST_FIT, 0.0, norm.sf(z)).mean(axis=1)
    grants: Floats = share * table[families.GRANT_RATE : families.GRANT_RATE + N_DESTINATIONS, 0]
    return grants


@pytest.mark.parametrize("name", ["wipo_cooperation", "new_field_international_rules", "belt_and_road_cooperation",
                                  "five_offices_cooperation", "brics_cooperation", "bilateral_cooperation",
                                  "foreign_related_protection", "sep_risk_warning"])  # fmt: skip
def test_cooperation_brings_families_abroad(name: str) -> None:
    before, after = expected_grants(theta("families")), expected_grants(with_measure(name, "families"))
    assert (after >= before).all() and after.sum() > before.sum()


def test_brics_cooperation_stays_below_one_percent_of_grants_abroad() -> None:
    before, after = expected_grants(theta("families")), expected_grants(with_measure("brics_cooperation", "families"))
    assert 0 < after.sum() / before.sum() - 1 < 0.01
    np.testing.assert_array_equal(np.delete(after, BRICS), np.delete(before, BRICS))


# --- ids -------------------------------------------------------------------------------------------------------------
@kernel
def _fill(places, owner, serial, filed, new):
    for i in range(len(owner)):
        new[i] = keys.put(places, owner[i], serial[i], filed[i])


@kernel
def _ask(places, owner, serial, filed, held):
    for i in range(len(owner)):
        held[i] = keys.holds(places, owner[i], serial[i], filed[i])


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 65535), st.integers(-900, 300)), max_size=400))
def test_a_set_of_filings_holds_what_was_put_in_and_nothing_else(ids: list[tuple[int, int, int]]) -> None:
    places, half = keys.Filings.empty(), len(ids) // 2
    columns = np.array(ids, np.int64).reshape(-1, 3).T
    for part in (slice(0, half), slice(half, None)):
        places = keys.with_room(places, len(ids))
        new = np.zeros(len(columns[0][part]), np.bool_)
        _fill(places, *(np.ascontiguousarray(column[part]) for column in columns), new)
    assert places.book[0] == len(set(ids))
    places = keys.with_room(places, 5_000)
    held = np.zeros(2 * len(ids), np.bool_)
    other = np.concatenate([columns, columns + np.array([[0], [0], [1300]])], axis=1)
    _ask(places, *np.ascontiguousarray(other), held)
    assert held[: len(ids)].all() and not held[len(ids) :].any()


# --- royalties -------------------------------------------------------------------------------------------------------
@given(st.floats(0, 1e9), st.floats(0, 1), st.floats(0, 1), st.floats(0, 3))
def test_a_royalty_is_the_holders_share_of_the_value_and_of_what_it_holds_up(
    value: float, share: float, hold_up: float, switching: float
) -> None:
    closed = share * (value + hold_up * switching * value)
    assert royalties.royalty(value, share, hold_up, switching) == pytest.approx(closed)


def test_parties_agree_by_the_surplus_over_the_noise() -> None:
    assert royalties.agreement(1.0, 2.0) == pytest.approx(norm.cdf(1.0))
    assert royalties.agreement(1.0, 1.0) > royalties.agreement(1.0, 2.0) > royalties.agreement(0.5, 2.0) > 0.5


def imports(years: int = 25, supply: float = 1.0, **values: float) -> tuple[Floats, L.Tally]:
    """Royalties a year of 600 firms that import licences, in yuan, year by year."""
    table = theta("royalties", **values)
    people = owners(600, ideas=1.0 / 600, field=0)
    contracts, tally = no_contracts(), L.Tally.empty()
    paid = []
    for month in range(-PAST, 12 * years - PAST):
        left = 600
        while left:
            contracts = contracts.with_room(0)
            left = call(royalties.license_in, seed=1, month=month, low=600 - left, high=600, drawn=0.2, weight=1.0,
                        supply=supply, owners=people, theta=table, contracts=contracts)  # fmt: skip
        call(royalties.pay, seed=1, month=month, contracts=contracts, cells=people.cell, theta=table, gdp=1.0,
             tally=tally)  # fmt: skip
        paid.append(tally.flows[..., L.ROYALTIES_IMPORTED].sum())
    yearly: Floats = np.diff(np.array(paid, np.float64)[11::12])
    return yearly, tally


PLAIN = {"royalties__contracts_per_year": 9000.0, "royalties__large_share": 1.0, "royalties__import_value": 1e6,
         "royalties__holder_share": 0.4, "royalties__years": 5.0, "sep__share": 0.0}  # fmt: skip


def test_royalties_settle_at_contracts_times_years_times_the_share_of_their_worth() -> None:
    yearly, _ = imports(**PLAIN)
    assert yearly[-10:].mean() == pytest.approx(9000 * 0.2 * 5 * 0.4 * 1e6, rel=0.03)
    more, _ = imports(supply=1.5, **PLAIN)
    assert more[-10:].mean() == pytest.approx(1.5 * yearly[-10:].mean(), rel=0.03)


def test_hold_up_raises_and_hold_out_withholds_royalties_on_standards() -> None:
    standard = {**PLAIN, "sep__share": 1.0, "sep__switching": 1.0, "sep__hold_up": 0.5}
    sure, _ = imports(**{**standard, "sep__information_noise": 0.01})
    assert sure[-10:].mean() == pytest.approx(9000 * 0.2 * 5 * 0.4 * 1.5e6, rel=0.03)
    noisy = {**standard, "sep__information_noise": 2.0}
    _, weak = imports(**{**noisy, "sep__enforcement": 0.0})
    _, strong = imports(**{**noisy, "sep__enforcement": 1.0})
    total = [t.flows.sum(axis=(0, 1)) for t in (weak, strong)]
    assert total[0][L.ROYALTIES_WITHHELD] == total[0][L.ROYALTIES_DISPUTED] == total[1][L.ROYALTIES_DISPUTED] > 0
    assert total[1][L.ROYALTIES_WITHHELD] == 0
    paid = [one[L.ROYALTIES_IMPORTED] for one in total]
    assert paid[1] - paid[0] == total[0][L.ROYALTIES_WITHHELD]


def test_warning_and_guidelines_lessen_disputes_and_hold_up() -> None:
    before, after = theta("royalties"), with_measure("sep_risk_warning", "royalties")
    agree = [royalties.agreement(t[royalties.SWITCHING, 0], t[royalties.NOISE, 0]) for t in (before, after)]
    assert agree[1] > agree[0]
    assert after[royalties.HOLD_UP, 0] < before[royalties.HOLD_UP, 0]


def test_a_family_licensed_abroad_pays_from_its_grant_on() -> None:
    world = Abroad(np.full(3_000, 16.0), theta("families"), MONTHS)
    granted = int(world.count(L.GRANTED_ABROAD).sum())
    lying = records(world.contracts)
    chance = theta("royalties")[royalties.ABROAD_SHARE, 0]
    assert len(lying) == pytest.approx(granted * chance, abs=4.5 * math.sqrt(granted * chance))
    assert (lying["start"] > 12).all() and (lying["place"] != FROM_ABROAD).all()


# --- what comes in ---------------------------------------------------------------------------------------------------
def test_foreign_ideas_follow_enforcement_and_nobody_elses_do() -> None:
    rates = np.random.default_rng(1).random((4, N_CELLS))
    same = inflow.with_inflow(rates, theta("inflow"))
    np.testing.assert_array_equal(same, rates)
    more = inflow.with_inflow(rates, theta("inflow", foreign__enforcement=1.2, foreign__inflow_elasticity=0.5))
    np.testing.assert_allclose(more[0, FOREIGN::N_KINDS], rates[0, FOREIGN::N_KINDS] * 1.2**0.5)
    others = np.arange(N_CELLS) % N_KINDS != FOREIGN
    np.testing.assert_array_equal(more[:, others], rates[:, others])
    np.testing.assert_array_equal(more[1:], rates[1:])


def test_shared_work_saves_the_hours_of_families_searched_elsewhere() -> None:
    waiting = np.array([300, 200, 50, 150, 100, 200])
    table = theta("inflow", overseas__work_sharing=0.2)
    assert inflow.hours_saved(waiting, table) == pytest.approx(0.2 * table[inflow.SEARCHED, 0] * 0.2)
    assert inflow.hours_saved(np.zeros(6, np.int64), table) == 0.0
    assert with_measure("five_offices_cooperation", "inflow")[inflow.WORK_SHARING, 0] > 0.05


# --- the economy -----------------------------------------------------------------------------------------------------
def test_the_share_of_patent_intensive_industries_follows_their_patents_in_use() -> None:
    table = theta("economy")[:, 0]
    used = np.full((N_FIELDS, N_KINDS), 100)
    start = economy.Industries.start(used)
    for _ in range(24):
        assert economy.patent_intensive_share(start, used, table) == pytest.approx(table[economy.SHARE], rel=1e-12)
    for _ in range(600):
        grown = economy.patent_intensive_share(start, 2 * used, table)
    assert grown == pytest.approx(table[economy.SHARE] * 2 ** table[economy.ELASTICITY], rel=1e-6)
    unclassified = used.copy()
    unclassified[6:] *= 50  # transport and consumer goods are not in the classification
    other = economy.Industries.start(used)
    for _ in range(100):
        share = economy.patent_intensive_share(other, unclassified, table)
    assert share == pytest.approx(table[economy.SHARE], rel=1e-6)


def test_the_copyright_share_is_a_path_with_noise_and_a_weak_link() -> None:
    def path(enforcement: float, seed: int) -> Floats:
        table = theta("economy", foreign__enforcement=enforcement)[:, 0]
        state = economy.Industries.start(np.ones((N_FIELDS, N_KINDS), np.int64))
        return np.array([economy.copyright_share(state, seed, month, table) for month in range(1200)])

    table = theta("economy")[:, 0]
    one = path(1.0, 1)
    trend = table[economy.CR_SHARE] + table[economy.CR_TREND] * (np.arange(1200) - 5.5) / 12
    assert np.std(one - trend) == pytest.approx(table[economy.CR_NOISE], rel=0.35)
    np.testing.assert_allclose(path(1.3, 1) - one, table[economy.CR_LINK] * math.log(1.3), atol=1e-12)
    assert not np.array_equal(path(1.0, 2), one)


def test_candidates_wait_for_their_first_anniversary() -> None:
    table = theta("families")
    world = Abroad(np.full(50, 30.0), table, 11)
    assert world.count(L.FILED_ABROAD).sum() == 0
    assert world.families.first[PRIORITY * ABROAD_SLOTS + 12 + PAST] >= 0


# --- disputes abroad ------------------------------------------------------------------------------------------------
def test_disputes_meet_the_granted_at_their_risk_and_guidance_averts_its_share() -> None:
    """Of the worth of what is granted, risk x (1 - g) x loss is lost and risk x g x loss averted."""
    risk, loss, guided = 0.3, 0.5, 0.4
    given = theta("families", overseas__dispute_risk=risk, overseas__dispute_loss=loss, overseas__guidance=guided,
                  overseas__label_benefit=0.0)  # fmt: skip
    lived = Abroad(np.full(20_000, 12.5), given, until=200)
    granted = int(lived.count(L.GRANTED_ABROAD).sum())
    flows = lived.tally.flows.sum(axis=(0, 1))
    met, helped = int(flows[families.DISPUTES]), int(flows[families.GUIDED])
    assert granted > 2000
    assert abs(met - risk * granted) <= 4.5 * (granted * risk * (1 - risk)) ** 0.5
    assert abs(helped - guided * met) <= 4.5 * (met * guided * (1 - guided)) ** 0.5
    lost, averted = float(flows[families.LOSS]), float(flows[families.AVERTED])
    assert averted / (lost + averted) == pytest.approx(guided, abs=0.1)
    nothing = Abroad(np.full(2000, 12.5), theta("families", overseas__dispute_risk=0.0), until=200).tally.flows
    assert nothing[..., families.DISPUTES].sum() == 0 == nothing[..., families.LOSS].sum()


def test_a_family_that_counts_from_its_filing_is_known_before_it_is_granted() -> None:
    for switch in (0.0, 1.0):
        lived = Abroad(np.full(200, 12.0), theta("families", definition__family_when_filed=switch), until=12)
        filed = int(lived.tally.flows[..., L.FAMILIES_FILED].sum())
        assert filed > 50 and int(lived.known.book[0]) == filed * switch
        later = Abroad(np.full(200, 12.0), theta("families", definition__family_when_filed=switch), until=200)
        granted = int(later.tally.flows[..., L.FAMILIES_GRANTED].sum())
        assert 0 < granted <= filed and int(later.known.book[0]) == granted + filed * switch
