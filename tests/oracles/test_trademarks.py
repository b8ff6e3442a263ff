"""Marks against closed forms: portfolios, squatters' prospects, opposition, life on the register, the rush."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, special, stats

from harness import SME_CELL, Floats, call, owners, paths, records, theta
from ipplan import ledger as L
from ipplan import schema
from ipplan.agents.applicants import Applicants
from ipplan.compiled import kernel
from ipplan.ledger import Tally
from ipplan.levers import Entry
from ipplan.phases import cancellation, conclusion, opposition, portfolio, squatting
from ipplan.phases import prospects as pr
from ipplan.phases.infringement import MARK_EVENTS_PER_YEAR as EVENTS
from ipplan.phases.invention import OCCASION
from ipplan.rights.docket import ALLOWED, BAD, BEFORE, DECIDED, REFUSED, SLOTS, STRUCK, Docket
from ipplan.rights.register import MARK, R_BAD, R_USED, Register
from ipplan.world import N_CELLS, N_FIELDS, TRADEMARK
from mechanisms import Estate, decide, examine, examiners, filings, plain_fees, quiet_life, quiet_market, receive

N = 40_000


def near(found: int, n: int, p: float) -> bool:
    """Within 4.5 standard errors of a binomial count."""
    return abs(found - n * p) <= 4.5 * np.sqrt(n * p * (1 - p)) + 1


def total(tally: Tally, name: str) -> int:
    return int(tally.flows[:, TRADEMARK, L.flow(name)].sum())


# --- portfolios ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("n", "severity"), [(5.0, 2.0), (10.0, 2.0), (15.0, 0.5), (20.0, 0.5), (40.0, 1.0)])
def test_a_portfolio_beyond_need_is_refused_by_the_curve(n: float, severity: float) -> None:
    """Need is 10 for a business of mean size; a squatter has nothing to show, 60 % of the honest show theirs."""
    people, tally = owners(N, size=1.0), Tally.empty()
    flags = (np.arange(N) % 2 == 0) * BAD
    docket = receive(people, filings(N, right=TRADEMARK, flags=flags), Docket.empty(), tally)
    people.marks[:] = n
    table = theta("examination", examination__portfolio_severity=severity, examination__mark_need=10.0,
                  examination__need_shown=0.6, examination__trademark_pass=1.0)  # fmt: skip
    found = records(examine(docket, people, examiners(), table, tally))["flags"]
    curve = 1.0 - np.exp(-severity * max(0.0, n / 10.0 - 1.0))
    refused = found & (STRUCK | REFUSED) == STRUCK | REFUSED
    assert near(int(refused[found & BAD != 0].sum()), N // 2, curve)
    assert near(int(refused[found & BAD == 0].sum()), N // 2, 0.4 * curve)
    assert (found[~refused] & ALLOWED != 0).all()


def test_a_steady_filer_has_a_years_filings_as_its_portfolio() -> None:
    people = owners(1)
    for month in range(120):
        receive(people, filings(3, right=TRADEMARK, owner=0, serial=np.arange(3)), Docket.empty(), Tally.empty(), month)
    assert people.marks[0] == pytest.approx(3 * 12, rel=1e-3)


# --- squatters' prospects --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("bargaining", "success"), [(0.4, 0.5), (0.6, 0.5), (0.6, 0.9), (0.9, 0.4)])
def test_the_mean_price_is_the_integral_of_the_price(bargaining: float, success: float) -> None:
    mu, sd, cost = 10.0, 1.2, 20_000.0
    found = squatting.mean_price(mu, sd, bargaining, success, cost)
    closed, _ = integrate.quad(
        lambda z: squatting.price(np.exp(mu + sd * z), bargaining, success, cost) * stats.norm.pdf(z), -9, 9, limit=400
    )
    assert found == pytest.approx(closed, rel=1e-6)


def test_a_price_leaves_the_owner_no_better_off_without_the_deal() -> None:
    for stake in (1e3, 1e4, 1e5, 1e6):
        paid = squatting.price(stake, 0.6, 0.7, 2e4)
        assert paid <= stake * 0.6 and stake - paid >= 0.7 * stake - 2e4


LIFE = {"squatting__owner_rate": 0.06, "squatting__willing": 0.5, "screening__mark_invalidation": 0.05,
        "cancellation__request_rate": 0.015, "cancellation__ex_officio_rate": 0.01, "cancellation__token_use": 0.2,
        "squatting__use_share": 0.0, "squatting__invalidation_cost": 1e-9,
        "squatting__invalidation_success": 0.4}  # fmt: skip


def test_squatted_marks_are_sold_at_the_rate_a_squatter_expects() -> None:
    """Without discounting, the expected resale is the mean price times the chance of a sale within ten years."""
    table = quiet_life(**LIFE)
    rights = Estate(owners(40, SME_CELL), np.full(N, 8.0), TRADEMARK, table, plain_fees(), quiet_market(), bad=1)
    rights.live(119)
    k = 0.05 + 0.06 * (0.5 + 0.5 * 0.4)
    late = k + 0.025 * 0.8
    years = (1 - np.exp(-3 * k)) / k + np.exp(-3 * k) * (1 - np.exp(-7 * late)) / late
    sold, price = total(rights.tally, "squatted_sold"), total(rights.tally, "squatted_price")
    # months against continuous time, and no candidate month in the last: within 2 %
    assert sold == pytest.approx(N * 0.06 * 0.5 * years, abs=4.5 * np.sqrt(sold) + 0.02 * sold)
    prospects = theta("prospects", **LIFE, squatting__discount_rate=1e-9)
    terms, debt = reckoned(prospects, prospects)
    survives = 1.0 - terms[SME_CELL, pr.BAD] * opposition.right_decision(prospects[pr.DISCRIMINATION, 0])
    expected = terms[SME_CELL, pr.PAYOFF] / survives
    assert price / N == pytest.approx(expected, rel=0.06) and (debt == 0.0).all()
    held = int(rights.tally.stocks[:, TRADEMARK, L.IN_FORCE].sum())
    gone = total(rights.tally, "invalidated") + total(rights.tally, "nonuse_granted")
    assert held == N - gone - total(rights.tally, "nonuse_ex_officio")


def first_alike(table: Floats) -> NDArray[np.int64]:
    _, first, group = np.unique(table, axis=1, return_index=True, return_inverse=True)
    found: NDArray[np.int64] = first[group.reshape(-1)]
    return found


def reckoned(now: Floats, announced: Floats, exposure: float = 0.2) -> tuple[Floats, Floats]:
    terms, debt = np.zeros((N_CELLS, 8)), np.zeros((N_CELLS, 2))
    pr.reckon(now, announced, np.zeros((2, 2, N_CELLS)), exposure, terms, debt, first_alike(now))
    return terms, debt


@pytest.mark.parametrize(
    ("name", "value"),
    [("squatting__invalidation_success", 0.9), ("screening__mark_invalidation", 0.3), ("opposition__watch_rate", 0.5),
     ("cancellation__ex_officio_rate", 0.014), ("squatting__willing", 0.2), ("opposition__discrimination", 4.0)],
)  # fmt: skip
def test_what_threatens_a_squatted_mark_lowers_its_payoff(name: str, value: float) -> None:
    base, harder = theta("prospects"), theta("prospects", **{name: value})
    payoff = [reckoned(table, table)[0][SME_CELL, pr.PAYOFF] for table in (base, harder)]
    assert payoff[1] < 0.99 * payoff[0]


def test_cells_that_measures_leave_alike_are_reckoned_alike_whatever_the_others() -> None:
    table = theta("prospects")
    odd = table.copy()
    odd[squatting.SUCCESS, 7:9] = 0.8
    plain, mixed = reckoned(table, table)[0], reckoned(odd, odd)[0]
    same = np.ones(N_CELLS, np.bool_)
    same[7:9] = False
    np.testing.assert_array_equal(plain[same], mixed[same])
    assert (mixed[7:9, pr.PAYOFF] < plain[7:9, pr.PAYOFF]).all()


@pytest.mark.parametrize(("prize", "portfolio_size"), [(3000.0, 0.0), (3000.0, 29.0), (6000.0, 59.0)])
def test_squatting_happens_by_its_expected_utility(prize: float, portfolio_size: float) -> None:
    """A logit around EU = (1 - p) (1 - p_ref) R - p F; need 10, one mark, severity 0.3."""
    never = {f"fabrication__success__{right}": 0.0 for right in ("invention", "utility_model", "design")}
    dear = {f"fabrication__cost__{right}": 1e7 for right in ("invention", "utility_model", "design")}
    table = theta("filing", **{
        **never, **dear, "fabrication__success__trademark": 1.0, "fabrication__resale_value": prize,
        "fabrication__cost__trademark": 0.0,
        "filing__fee__trademark": 0.0, "agencies__trademark_fee": 0.0, "brand__filing_subsidy": 0.0,
        "fabrication__moral_cost_all": 0.0, "fabrication__contagion": 0.0, "fabrication__batch_size": 1.0,
        "fabrication__batch_ratio__trademark": 1.0, "belief__prior_weight": 1e9, "belief__prior_detection": 0.2,
        "belief__ambiguity_sd": 0.0, "sanction__trademark": 4000.0, "examination__portfolio_severity": 0.3,
        "examination__mark_need": 10.0, "fabrication__logit_scale": 800.0,
    })  # fmt: skip
    filed, _ = decide(owners(N, SME_CELL, size=1.0, marks=portfolio_size), table, OCCASION)
    refused = 1.0 - np.exp(-0.3 * max(0.0, (portfolio_size + 1.0) / 10.0 - 1.0))
    utility = 0.8 * (1.0 - refused) * prize - 0.2 * 4000.0
    assert near(int(filed.book[0]), N, special.expit(utility / 800.0))


# --- the rush --------------------------------------------------------------------------------------------------------
def test_what_is_brought_forward_before_a_law_is_missing_after_it() -> None:
    now = theta("prospects")
    law = theta("prospects", sanction__trademark=2000.0, examination__portfolio_severity=1.0)
    terms, debt = np.zeros((N_CELLS, 8)), np.zeros((N_CELLS, 2))
    multipliers = []
    for month in range(200):
        pr.reckon(law if month >= 6 else now, now if month < 1 else law, np.zeros((2, 2, N_CELLS)), 0.26, terms, debt,
                  np.zeros(N_CELLS, np.int64))  # fmt: skip
        multipliers.append(terms[SME_CELL, pr.RUSH])
    path = np.array(multipliers)
    assert path[0] == 1.0 and (path[1:6] > 1.02).all() and (path[6:60] < 1.0).all()
    assert (path >= 0.0).all() and abs((path - 1.0).sum()) < 1e-5 and debt[SME_CELL, 0] < 1e-5


def test_brand_owners_file_in_defence_as_squatting_has_it() -> None:
    table = theta("prospects", squatting__defensive_response=0.3, squatting__exposure_reference=0.2)
    for exposure, factor in ((0.2, 1.0), (0.0, 1.0 / 1.3), (0.4, 1.6 / 1.3)):
        terms, _ = reckoned(table, table, exposure)
        assert terms[0, pr.DEFENCE] == pytest.approx(factor)
        assert terms[0, pr.DEFENSIVE] == pytest.approx(1.0 - 1.0 / (1.3 * factor))


# --- opposition ------------------------------------------------------------------------------------------------------
def test_oppositions_are_noticed_worth_it_decided_rightly_and_take_their_time() -> None:
    d = 1.6
    table = theta("prospects", opposition__discrimination=d, opposition__watch_rate=0.2, opposition__window_months=3.0,
                  opposition__conflict_share=0.3, opposition__malicious_share=0.1,
                  opposition__cost=5000.0)  # fmt: skip
    terms, _ = reckoned(table, table)
    right, notice = stats.norm.cdf(d / 2), 1 - np.exp(-0.6)
    mu = np.log(table[squatting.RESALE, 0] * table[squatting.STAKE_RATIO, 0])
    sd = table[squatting.STAKE_SD, 0]
    founded, malicious = (notice * stats.norm.cdf((mu - np.log(5000 / p)) / sd) for p in (right, 1 - right))
    np.testing.assert_allclose(terms[0, pr.FOUNDED : pr.MALICIOUS + 1], [0.3 * founded, founded, 0.1 * malicious])

    flags = (np.arange(N) % 2 == 0) * BAD
    people, tally = owners(N), Tally.empty()
    docket = receive(people, filings(N, right=TRADEMARK, flags=flags), Docket.empty(), tally)
    strike = np.concatenate([np.zeros((N_CELLS, 2)), terms[:, pr.FOUNDED : pr.MALICIOUS + 1]], axis=1)
    exam = theta("examination", examination__trademark_pass=1.0, examination__prosecution_months__trademark=1.0)
    docket = examine(docket, people, examiners(), exam, tally, strike=strike)
    decisions = theta("conclusion", opposition__discrimination=d, opposition__months=7.0, examination__unregistered=0.0)
    register = Register.empty()
    for month in range(1, 12):
        docket, register = docket.with_room(N), register.with_room(marks=N)
        conclude(month, docket, people, register, decisions, tally)
    bad, opposed = total(tally, "opposed_bad"), total(tally, "opposed")
    assert near(bad, N // 2, founded)
    assert near(opposed - bad, N // 2, 0.3 * founded + 0.1 * malicious)
    assert near(total(tally, "opposed_maliciously"), N // 2, 0.1 * malicious)
    assert total(tally, "oppositions_decided") == opposed and total(tally, "opposition_months") == 7 * opposed
    lost = total(tally, "lost_to_malicious_opposition")
    assert near(total(tally, "oppositions_upheld") - lost, opposed - total(tally, "opposed_maliciously"), right)
    assert near(lost, total(tally, "opposed_maliciously"), 1 - right)
    assert total(tally, "granted") == N - total(tally, "oppositions_upheld")
    assert not any(docket.first[DECIDED + TRADEMARK * SLOTS + month + BEFORE] >= 0 for month in range(40))


def conclude(
    month: int, docket: Docket, people: Applicants, register: Register, decisions: Floats, tally: Tally
) -> None:
    call(conclusion.conclude, seed=1, month=month, docket=docket, owners=people, register=register, theta=decisions,
         force_theta=theta("in_force"), market_theta=theta("market"), rates=np.zeros(N_FIELDS),
         tally=tally)  # fmt: skip


def test_the_line_for_oppositions_is_the_backlog_over_capacity() -> None:
    table = theta("conclusion", opposition__months=9.0, opposition__capacity=15_000.0)
    first = len(table) - len(opposition.READS)
    for pending, months in ((0.0, 9.0), (100_000.0, 9.0), (300_000.0, 20.0)):
        found = opposition.with_backlog(table, first, pending)
        assert (found[first] == months).all()
        np.testing.assert_array_equal(np.delete(found, first, axis=0), np.delete(table, first, axis=0))


# --- life on the register --------------------------------------------------------------------------------------------
def test_use_of_marks_starts_and_stops_towards_its_stationary_share() -> None:
    """A chain of two states: p(t) = s + (p(0) - s) exp(-(a + b) t), s = a / (a + b)."""
    start, stop = 0.006, 0.03
    table = quiet_life(brand__use_at_grant=1.0, brand__use_start=start, brand__use_stop=stop,
                       cancellation__request_rate=0.0, cancellation__malicious_rate=0.0,
                       cancellation__ex_officio_rate=0.0)  # fmt: skip
    rights = Estate(owners(40, SME_CELL), np.full(N, 8.0), TRADEMARK, table, plain_fees(), quiet_market())
    stationary = start / (start + stop)
    for years in (4, 9):
        rights.live(12 * years)
        share = stationary + (1 - stationary) * np.exp(-(start + stop) * years)
        used = int(rights.tally.stocks[:, TRADEMARK, L.USED].sum())
        assert abs(used - N * share) <= 4.5 * np.sqrt(N * share * (1 - share)) + 0.003 * N
    assert rights.tally.stocks[:, TRADEMARK, L.IN_FORCE].sum() == N


def test_idle_marks_fall_to_cancellation_after_three_years() -> None:
    request, office, token = 0.018, 0.015, 0.25
    table = quiet_life(brand__use_at_grant=0.0, brand__use_start=0.0, cancellation__request_rate=request,
                       cancellation__ex_officio_rate=office, cancellation__token_use=token)  # fmt: skip
    rights = Estate(owners(40, SME_CELL), np.full(N, 8.0), TRADEMARK, table, plain_fees(), quiet_market())
    rights.live(35)
    assert rights.tally.stocks[:, TRADEMARK, L.IN_FORCE].sum() == N
    rights.live(119)
    left = np.exp(-(request + office) * (1 - token) * 7.0)
    held = int(rights.tally.stocks[:, TRADEMARK, L.IN_FORCE].sum())
    assert abs(held - N * left) <= 4.5 * np.sqrt(N * left * (1 - left)) + 100
    ours, theirs = total(rights.tally, "nonuse_ex_officio"), total(rights.tally, "nonuse_granted")
    assert near(theirs, ours + theirs, request / (request + office))
    assert near(theirs, total(rights.tally, "nonuse_requested"), 1 - token)


@kernel
def _attack(rights, u, theta, at, tally, fell):
    for i in range(len(rights)):
        fell[i] = cancellation.cancelled(rights[i], 0, u[i], ((i * 0.6180339887498949) % 1.0), theta, at, tally)


def test_marks_in_use_fall_where_proof_fails_unless_malice_is_found() -> None:
    table = theta("prospects", cancellation__request_rate=0.01, cancellation__mistaken_ratio=0.2,
                  cancellation__malicious_rate=0.003, cancellation__proof=0.9,
                  cancellation__malice_found=0.4)  # fmt: skip
    rights = np.zeros(N, MARK)
    rights["flags"] = R_USED
    rights["flags"][: N // 4] |= R_BAD
    u = np.where(np.arange(N) % 2 == 0, 0.001, 0.004)  # below 0.002 by mistake, then malicious
    fell: NDArray[np.bool_] = np.zeros(N, np.bool_)
    tally = Tally.empty()
    _attack(rights, u, table, 0, tally, fell)
    malicious = np.arange(N) % 2 == 1
    assert total(tally, "nonuse_requested") == N and total(tally, "nonuse_malicious") == N // 2
    assert total(tally, "nonuse_malice_found") == pytest.approx(0.4 * N / 2, abs=10)
    assert fell[~malicious].mean() == pytest.approx(0.1, abs=0.002)
    assert fell[malicious].mean() == pytest.approx(0.6 * 0.1, abs=0.002)
    assert total(tally, "nonuse_granted") == fell.sum() and total(tally, "nonuse_granted_used") == fell[N // 4 :].sum()


def test_the_bounds_leave_room_for_all_that_happens_at_candidate_months() -> None:
    """An honest mark has ``EVENTS`` candidate months a year: more than all its rates together can reach."""
    known = schema.primitives()
    idle = sum(known[name].high for name in ("cancellation.request_rate", "cancellation.ex_officio_rate",
                                             "brand.use_start"))  # fmt: skip
    assert idle < EVENTS and known["brand.use_stop"].high < EVENTS


def test_helpers_are_what_their_names_say() -> None:
    assert portfolio.refusal(10.0, 10.0, 5.0) == 0.0
    assert opposition.right_decision(0.0) == 0.5


def test_what_is_announced_is_what_the_delay_will_bring() -> None:
    law = paths([Entry("trademark_law_revision", 10, None, 0.7)])
    ahead = law.announced(pr.READS, 60)
    moved = {pr.READS[row] for row in ahead}
    assert moved == {"sanction.trademark", "examination.portfolio_severity", "opposition.window_months",
                     "cancellation.ex_officio_rate"}  # fmt: skip
    for row, path in ahead.items():
        now = np.broadcast_to(law.path(pr.READS[row], 60), (60, N_CELLS))
        np.testing.assert_allclose(path[:54], now[6:], rtol=1e-12)
    for schedule in ((), [Entry("malicious_trademark_governance", 10, None, 1.0)]):
        assert paths(schedule).announced(pr.READS, 60) == {}
