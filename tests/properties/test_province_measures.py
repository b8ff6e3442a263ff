"""Signs and identities of the measures of provinces: tests of the code, no evidence of what provinces do."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from harness import Floats, digest, history, paths, run, system
from ipplan import ledger as L
from ipplan.analysis.demonstration import evaluate
from ipplan.ledger import Ledger
from ipplan.levers import Entry
from ipplan.phases import conduct, provinces
from ipplan.phases.invention import IDEA, OCCASION
from ipplan.system import IPSystem
from ipplan.tables import PROVINCES
from ipplan.world import INVENTION, N_KINDS, N_PROVINCES, TRADEMARK

SCALE, FROM, END = 1 / 400, 24, 72
MEASURES = ("plan_targets", "leading_nation_demonstration", "plan_linkage", "province_collaboration")
COMMON = {"provinces.response": 100.0, "provinces.budget": 5.0, "provinces.real.high_value": 0.02,
          "provinces.december_pull": 1.0, "provinces.relocation": 1.0, "linkage.navigation_quality": 0.15}  # fmt: skip
"""What is small is made large in all these runs, so that a small scale shows it."""
FOREIGN_CELLS = N_PROVINCES * N_KINDS


@cache
def world(measure: str, strength: float = 1.0) -> IPSystem:
    """The first years of the history, with one measure more from 2019 on; ``none`` without."""
    plan = [] if measure == "none" else [Entry(measure, FROM, None, strength, build_up=0.0)]
    found = system(paths((*history(), *plan), COMMON), SCALE, 21, END)
    found.run()
    return found


def ledger(measure: str, strength: float = 1.0) -> Ledger:
    return world(measure, strength).ledger


def stock(measure: str, code: int, strength: float = 1.0) -> float:
    return float(ledger(measure, strength).stocks_monthly[-1, code, INVENTION].sum())


def flow(measure: str, *codes: int, strength: float = 1.0) -> float:
    return float(ledger(measure, strength).flows_monthly[FROM:, list(codes)].sum())


def gauge(measure: str, name: str, strength: float = 1.0) -> Floats:
    return ledger(measure, strength).gauges[name][FROM:]


# --- identities ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("measure", MEASURES)
def test_at_strength_nought_no_bit_changes(measure: str) -> None:
    before = digest(run(paths(history()), 1 / 5000, 7, 24))
    assert digest(run(paths((*history(), Entry(measure, 6, None, 0.0))), 1 / 5000, 7, 24)) == before


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_moves_before_a_measure_is_there(measure: str) -> None:
    one, none = ledger(measure), ledger("none")
    np.testing.assert_array_equal(one.flows_monthly[:FROM], none.flows_monthly[:FROM])
    assert not np.array_equal(one.flows_monthly[FROM:], none.flows_monthly[FROM:])


def test_blocks_and_threads_change_no_bit() -> None:
    plan = [Entry(measure, 12, None, 1.0, build_up=0.0) for measure in MEASURES]
    given = paths((*history(), *plan), COMMON)
    one = digest(run(given, 1 / 3000, 7, 36))
    for blocks, threads in ((3, 1), (8, 2)):
        assert digest(run(given, 1 / 3000, 7, 36, blocks=blocks, threads=threads)) == one


def test_when_a_measure_ends_phases_read_their_own_tables_again() -> None:
    over = system(paths((*history(), Entry("plan_targets", 12, 24, 1.0, build_up=0.0)), COMMON), 1 / 5000, 7, 26)
    while over.month < 25:  # strength follows a month after
        over.step()
    layers = over.government.layers
    assert any(layer.moves for layer in layers.values()) and over.government.targets.any()
    over.step()
    assert all(PROVINCES not in over.tables[name].layers for name in layers)
    assert not over.government.layers and over.government.seasons is None


# --- relocation ------------------------------------------------------------------------------------------------------
def test_arrivals_of_the_nation_do_not_change_where_firms_go_and_when_they_file() -> None:
    """Tests V28 and V24 in a run: expected arrivals by kind over a calendar year."""
    found = world("leading_nation_demonstration")
    state, mass = found.government, provinces.places.weights(found.applicants)
    late = world("plan_targets")
    surge = float(found.tables["conduct"].at(0)[conduct.SURGE, 0])
    year = np.stack([found.rates[FROM + 1]] * 12)  # a year in which drivers stand still
    year[11, (IDEA, OCCASION)] *= (1.0 + 11 * surge) / (1.0 - surge)
    for government in (state, late.government):
        assert government.seasons is not None
        factors = np.stack([government.seasons[0]] * 11 + [government.seasons[1]])
        for kind in range(N_KINDS):
            cells = slice(kind, FOREIGN_CELLS, N_KINDS)
            plain, moved = (float((mass * rates)[..., cells].sum()) for rates in (year, year * factors))
            assert moved == pytest.approx(plain, rel=1e-9)
    assert state.chosen.sum() == 10


def test_what_the_chosen_win_others_lose_in_part() -> None:
    """Test V28: the national effect is what the treated gain less what is displaced; firms go to the chosen."""
    found, chosen = world("leading_nation_demonstration"), world("leading_nation_demonstration").government.chosen

    def filed(name: str) -> Floats:
        cells = ledger(name).flows_yearly[:, L.FILED, :TRADEMARK, : N_PROVINCES * N_KINDS].sum(axis=1)
        return cells.reshape(len(cells), N_PROVINCES, N_KINDS).sum(axis=2).astype(np.float64)

    result = evaluate(filed("leading_nation_demonstration"), filed("none"), chosen, 0, FROM // 12)
    assert result.treated_gain > 0.0 and result.displaced > 0.0
    nation = (filed("leading_nation_demonstration") - filed("none"))[FROM // 12 :].sum()
    assert result.national == pytest.approx(float(nation))
    assert abs(result.national) < result.treated_gain
    assert result.naive == pytest.approx(result.selection + result.effect - result.spillover, rel=1e-9)
    assert found.ledger.gauges["relocated_filings"][FROM + 1 :].min() > 0.0


# --- signs -----------------------------------------------------------------------------------------------------------
STRENGTHS = (0.25, 0.5, 1.0)


def test_more_at_stake_more_effort_and_more_of_the_year_in_december() -> None:
    spent = [gauge("plan_targets", "province_effort", x).mean() for x in STRENGTHS]
    december = [gauge("plan_targets", "december_share", x)[11::12].mean() for x in STRENGTHS]
    assert 0.0 < spent[0] < spent[1] < spent[2]
    assert gauge("none", "december_share")[11::12].mean() < december[0] < december[1] < december[2]
    bias = [gauge("plan_targets", "local_bias", x).mean() for x in STRENGTHS]
    assert gauge("none", "local_bias").mean() < bias[0] < bias[1] < bias[2]
    assert gauge("plan_targets", "province_audit_findings").sum() > 0


@pytest.mark.parametrize("strength", STRENGTHS)
def test_official_and_latent_counts_part_ways_under_targets(strength: float) -> None:
    """Test V34: labels, roll-overs and related-party deals rise; what they stand for does not, or less."""
    official = stock("plan_targets", L.HIGH_VALUE, strength) / stock("none", L.HIGH_VALUE)
    latent = stock("plan_targets", L.HIGH_VALUE_LATENT, strength) / stock("none", L.HIGH_VALUE_LATENT)
    assert official > 1.0 and official > latent
    assert flow("plan_targets", L.RELATED_TRANSFER, strength=strength) > flow("none", L.RELATED_TRANSFER)
    assert flow("plan_targets", L.REGISTERED_ROLLED, strength=strength) > flow("none", L.REGISTERED_ROLLED)
    related = flow("plan_targets", L.RELATED_TRANSFER, strength=strength) / flow("none", L.RELATED_TRANSFER)
    used = stock("plan_targets", L.USED, strength) / stock("none", L.USED)
    assert related > used


def test_sure_audits_leave_less_cosmetic_work() -> None:
    plan = (*history(), Entry("plan_targets", FROM, None, 1.0, build_up=0.0))
    audits = {f"provinces.audit.{target}": 0.99 for target in ("high_value", "overseas", "pledge", "deals")}
    strict = run(paths(plan, {**COMMON, **audits}), 1 / 2000, 21, FROM + 24).gauges
    lax = run(paths(plan, COMMON), 1 / 2000, 21, FROM + 24).gauges
    share = [float(one["province_effort_cosmetic"].sum() / one["province_effort"].sum()) for one in (strict, lax)]
    assert share[0] < share[1]


def test_navigation_avoids_duplicated_projects_and_lifts_quality() -> None:
    avoided = [gauge("plan_linkage", "duplicated_projects", x).sum() for x in STRENGTHS]
    assert gauge("none", "duplicated_projects").sum() > avoided[0] > avoided[1] > avoided[2]
    assert stock("plan_linkage", L.SEI) > stock("none", L.SEI)
    assert flow("plan_linkage", L.QUALITY_GRANTED) / flow("plan_linkage", L.GRANTED) > flow(
        "none", L.QUALITY_GRANTED
    ) / flow("none", L.GRANTED)


def test_passing_on_lowers_local_bias_and_shortens_disputes() -> None:
    bias = [gauge("province_collaboration", "local_bias", x).mean() for x in STRENGTHS]
    assert gauge("none", "local_bias").mean() > bias[0] > bias[1] > bias[2]

    def months(measure: str) -> float:
        waits = ledger(measure).waits[FROM + 12 :, L.FORUM_LANES + L.COURT].sum(axis=0)
        return float(waits @ np.arange(L.MAX_WAIT) / waits.sum())

    assert months("province_collaboration") < months("none")
    theta = world("province_collaboration").tables["agencies"].at(END - 1)
    plain = world("none").tables["agencies"].at(END - 1)
    rows = provinces.MOVED["agencies"]
    assert np.all(theta[rows[0], : N_PROVINCES * N_KINDS] > plain[rows[0], : N_PROVINCES * N_KINDS])  # recognised
    assert np.all(theta[rows[1], : N_PROVINCES * N_KINDS] > plain[rows[1], : N_PROVINCES * N_KINDS])  # errors travel


def test_a_demonstration_builds_capacity_where_it_is() -> None:
    chosen = world("leading_nation_demonstration").government.chosen
    theta = world("leading_nation_demonstration").tables["protection"].at(END - 1)
    plain = world("none").tables["protection"].at(END - 1)
    row = provinces.MOVED["protection"][0]
    built = provinces.seats(theta[row]) / provinces.seats(plain[row])
    np.testing.assert_allclose(built[chosen], np.exp(0.2))
    assert np.all(built[~chosen] == 1.0)
