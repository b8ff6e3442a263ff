"""Open licences: a taker's chance, the price an owner posts, who declares, and what becomes of a declaration."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from harness import LARGE_CELL, SME_CELL, Floats, owners, records
from ipplan import ledger as L
from ipplan.phases import open_offer
from ipplan.phases.open_offer import BARGAIN, CHANCE, LOG_PRICE, LOWEST, NODES, STEP
from ipplan.rights.register import R_LICENSED, R_USED
from ipplan.streams import normal_cdf
from ipplan.world import INVENTION, N_FIELDS
from mechanisms import Estate, plain_fees, quiet_life, quiet_market

N = 20_000
DECLARED, NOMINAL, WITHDRAWN, LAPSED, TAKEN, REVENUE, SPARED = (
    L.flow(f"open_{name}") for name in ("declared", "nominal", "withdrawn", "lapsed", "taken", "revenue", "relief")
)  # fmt: skip


def table(spread: float, sd: float, fallback: float = 0.0) -> Floats:
    posted = np.zeros((3, NODES))
    open_offer.post(spread, sd, fallback, posted)
    return posted


@pytest.mark.parametrize("spread", [0.0, 0.3, 2.5])
@pytest.mark.parametrize("x", [-2.0, 0.0, 1.5])
def test_a_takers_chance_is_that_of_a_uniform_distance_and_a_normal_fit(x: float, spread: float) -> None:
    middles = (np.arange(20_000) + 0.5) / 20_000 * spread
    closed = np.mean([normal_cdf(-(x + t) / 0.8) for t in middles[:: 1 if spread else 20_000]])
    assert open_offer.willing(x, spread, 0.8) == pytest.approx(closed, abs=1e-7)


@pytest.mark.parametrize("sd", [0.4, 0.8, 1.2])
def test_the_posted_price_is_the_monopoly_price_of_a_lognormal_demand(sd: float) -> None:
    """Without distance and cost: log P = log v + sd z, where the hazard of the normal at z is sd."""
    low, high = -8.0, 8.0
    for _ in range(80):
        z = 0.5 * (low + high)
        hazard = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) / normal_cdf(-z)
        low, high = (z, high) if hazard < sd else (low, z)
    x = LOWEST + (NODES - 1) * STEP  # the adoption cost is e^-12 of the value
    found = table(0.0, sd)[:, -1]
    assert found[LOG_PRICE] - x == pytest.approx(sd * z, abs=2e-4)
    assert found[CHANCE] == pytest.approx(normal_cdf(-z), abs=1e-4)


@pytest.mark.parametrize("spread", [0.0, 2.5])
def test_no_other_price_brings_more(spread: float) -> None:
    posted = table(spread, 0.8)
    for node in range(0, NODES, 8):
        x = LOWEST + node * STEP
        prices = np.exp(posted[LOG_PRICE, node] + np.linspace(-2.0, 2.0, 401))
        revenue = [p * open_offer.willing(math.log1p(p) - x, spread, 0.8) for p in prices]
        best = math.exp(posted[LOG_PRICE, node]) * posted[CHANCE, node]
        assert best >= max(revenue) * (1 - 1e-9)


def test_a_bargained_deal_is_worth_the_mean_gain_of_a_call() -> None:
    """Without distance: E[(W - 1)+] of a lognormal (Black & Scholes 1973); with it, by integration."""
    sd = 0.8
    for node in range(8, NODES, 8):
        x = LOWEST + node * STEP
        call = math.exp(x + sd * sd / 2) * normal_cdf(x / sd + sd) - normal_cdf(x / sd)
        assert table(0.0, sd)[BARGAIN, node] == pytest.approx(call, rel=1e-9)
    rng = np.random.default_rng(2)
    worth = np.exp(2.0 - 2.5 * rng.random(10**6) + sd * rng.standard_normal(10**6))
    gain = np.maximum(worth - 1.0 - 0.15 * math.exp(2.0), 0.0)
    found = open_offer.mean_gain(2.0, 2.5, sd, 0.15)
    assert found == pytest.approx(gain.mean(), abs=4.5 * gain.std() / 1000 + 0.002 * gain.mean())


def estate(
    cell: int = LARGE_CELL, log_value: float = 10.0, life: dict[str, Any] | None = None,
    fees: dict[str, Any] | None = None, **values: Any,
) -> Estate:  # fmt: skip
    """Unused inventions, a month before their owners all weigh an open licence; nobody was met in the first months.

    A declaration costs next to nothing, unless said otherwise.
    """
    market = quiet_market(**{
        "open_licence__attention": 1.0, "open_licence__cost": 1e-3, "open_licence__exclusivity": 1e-12,
        "open_licence__relief": 1e-9, "open_licence__visibility": 0.0, "market__seller_share": 0.0,
        "market__adoption_cost": 3000.0, "market__fit_length": 0.2, "market__absorptive_log_sd": 0.8,
        "market__value_kept": 0.999, "market__offer_share_all": 0.5, "market__use_after_deal": 0.0, **values,
    })  # fmt: skip
    rights = Estate(owners(40, cell), np.full(N, log_value), INVENTION, quiet_life(**(life or {})),
                    plain_fees(**{"renewal__fee_level": 0.0, **(fees or {})}), market)  # fmt: skip
    rights.live(11)
    rights.rates = np.full(N_FIELDS, 0.05)
    return rights


def flows(rights: Estate) -> Floats:
    return np.asarray(rights.tally.flows.sum(axis=(0, 1)), np.float64)


def test_takers_come_with_meetings_and_pay_the_posted_price() -> None:
    rights = estate()
    rights.live(12)
    assert flows(rights)[DECLARED] == rights.tally.stocks[..., L.stock("open_licences")].sum() == N
    before = flows(rights)[TAKEN]
    rights.live(23)
    x = math.log(math.exp(10.0) * 0.999 / 3000)
    log_price, chance = (np.interp(x, LOWEST + np.arange(NODES) * STEP, rights.prices.posted[row])
                         for row in (LOG_PRICE, CHANCE))  # fmt: skip
    monthly = (1.0 - math.exp(-0.05 * 0.5)) * chance
    taken = flows(rights)[TAKEN] - before
    assert taken == pytest.approx(N * 11 * monthly, abs=4.5 * math.sqrt(N * 11 * monthly) + 0.002 * N * 11 * monthly)
    assert flows(rights)[REVENUE] / flows(rights)[TAKEN] == pytest.approx(3000 * math.exp(log_price), abs=1.0)
    assert flows(rights)[TAKEN] == flows(rights)[L.LICENSED] and flows(rights)[REVENUE] == flows(rights)[L.PRICE_PAID]
    licensed = np.count_nonzero(records(rights.register)["flags"] & R_LICENSED)
    assert licensed == rights.tally.stocks[..., L.LICENSED_OUT].sum() > 0


def test_a_declaration_is_withdrawn_when_it_no_longer_pays() -> None:
    rights = estate()
    rights.live(30)
    rights.market = estate(open_licence__cost=1e9).market
    rights.live(36)
    assert flows(rights)[WITHDRAWN] == N == flows(rights)[DECLARED]
    assert rights.tally.stocks[..., L.stock("open_licences")].sum() == 0
    assert rights.tally.stocks[..., L.IN_FORCE].sum() == len(records(rights.register)) == N


def test_who_gives_up_more_with_exclusivity_declares_less() -> None:
    """Lognormal taste: the share that declares is the normal distribution of the log of revenue over what is lost."""
    shares = []
    for exclusivity in (0.001, 0.005, 0.025):
        rights = estate(open_licence__exclusivity=exclusivity, open_licence__exclusivity_log_sd=1.5)
        rights.live(12)
        value = math.exp(10.0) * 0.999
        at = LOWEST + np.arange(NODES) * STEP
        log_price, chance = (np.interp(math.log(value / 3000), at, rights.prices.posted[row])
                             for row in (LOG_PRICE, CHANCE))  # fmt: skip
        revenue = 12 * 0.05 * 0.5 * 3000 * math.exp(log_price) * chance
        closed = normal_cdf(math.log((revenue - 1e-3) / (exclusivity * value)) / 1.5)
        shares.append(flows(rights)[DECLARED] / N)
        assert shares[-1] == pytest.approx(closed, abs=4.5 * math.sqrt(closed * (1 - closed) / N) + 1e-6)
    assert shares[0] > shares[1] > shares[2] > 0


def test_bargaining_without_hurdles_beats_a_posted_price() -> None:
    sure = {"market__seller_share": 0.999, "market__safety": 0.999, "market__owner_fallback": 0.001}
    rights = estate(**sure)
    rights.live(12)
    assert flows(rights)[DECLARED] == 0


def test_the_relief_is_the_better_of_two_and_makes_nominal_declarations() -> None:
    """A worthless patent is declared for the relief alone; who has 85 % relief already gains nothing by it."""
    worthless = {"log_value": 2.0, "fees": {"renewal__fee_level": 1.0, "renewal__holding_benefit": 10.0,
                                            "filing__fee_relief": 0.85, "renewal__relief_years": 20.0}}  # fmt: skip
    firm = estate(LARGE_CELL, **worthless, open_licence__relief=0.15, open_licence__cost=50.0)
    firm.live(12)
    assert flows(firm)[DECLARED] == flows(firm)[NOMINAL] == N  # 135 yuan of 900 are worth more than 50
    firm.live(24)
    assert flows(firm)[SPARED] == 135 * N
    small = estate(SME_CELL, **worthless, open_licence__relief=0.15, open_licence__cost=50.0)
    small.live(24)
    assert flows(small)[DECLARED] == flows(small)[SPARED] == 0
    without = estate(LARGE_CELL, **worthless, open_licence__relief=1e-9, open_licence__cost=50.0)
    without.live(24)
    assert flows(without)[DECLARED] == 0


def test_declared_patents_are_kept_or_lapse_like_others_and_the_books_balance() -> None:
    rights = estate(log_value=5.0, fees={"renewal__fee_level": 1.0})  # worth less than their fee, and not looked at
    rights.live(12)
    assert flows(rights)[L.LAPSED] == N and flows(rights)[DECLARED] == 0
    rights = estate(fees={"renewal__fee_level": 1.0, "renewal__shock_sd": 0.0})
    rights.live(240)
    assert flows(rights)[DECLARED] == flows(rights)[LAPSED] + flows(rights)[WITHDRAWN] == N
    assert flows(rights)[L.LAPSED] + flows(rights)[L.EXPIRED] == N
    for name in (L.stock("open_licences"), L.IN_FORCE, L.USED, L.LICENSED_OUT):
        assert rights.tally.stocks[..., name].sum() == 0


def test_own_use_begins_and_ends_at_its_hazards_under_an_open_licence() -> None:
    life = {"use__hazard_all": 0.3, "use__stop_hazard": 0.2, "use__quality_loading": 0.0}
    rights = estate(life=life, log_value=12.0)
    rights.live(200)
    used = np.mean(records(rights.register)["flags"] & R_USED != 0)
    closed = 0.3 / 0.5
    assert used == pytest.approx(closed, abs=0.02)
