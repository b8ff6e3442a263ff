"""V18, V19: meetings, deals and their price, idle stock, and the thinning that carries all hazards in force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import LARGE_CELL, UNIVERSITY_CELL, Floats, owners, records
from ipplan import ledger as L
from ipplan.ledger import Tally
from ipplan.phases import chances, market
from ipplan.rights.register import R_LICENSED, R_TRADED, R_USED
from ipplan.world import INVENTION, N_FIELDS, N_KINDS
from mechanisms import Estate, meet, plain_fees, quiet_life, quiet_market

N = 40_000
SHARES = np.array([0.19, 0.15, 0.2, 0.13, 0.08, 0.08, 0.08, 0.09])
YEARS = 12
counts = st.integers(0, 100_000)


# --- V18 meetings ----------------------------------------------------------------------------------------------------
def meetings(efficiency: float, buyers: float, unused: Floats, firms: float, elasticity: float = 0.5) -> Floats:
    """Return meetings a month by field: rate per patent on offer times patents on offer."""
    offers = np.array([0.1, 0.12, 0.25, 0.4, 0.4, 0.02])
    rates = np.zeros(N_FIELDS)
    market.meeting_rates(efficiency, buyers, elasticity, offers, unused.astype(np.int64), firms, SHARES, rates)
    return np.asarray(rates * (unused @ offers))


@given(
    st.lists(counts, min_size=N_FIELDS * N_KINDS, max_size=N_FIELDS * N_KINDS),
    st.floats(0.05, 200),
    st.floats(1, 1e7),
    st.floats(0.01, 50),
)
def test_v18_meetings_double_when_both_sides_double(
    stock: list[int], buyers: float, firms: float, efficiency: float
) -> None:
    unused = np.array(stock, np.int64).reshape(N_FIELDS, N_KINDS)
    one = meetings(efficiency, buyers, unused, firms)
    np.testing.assert_allclose(meetings(efficiency, buyers, 2 * unused, 2 * firms), 2 * one, rtol=1e-12)
    # elasticity one half in each side
    np.testing.assert_allclose(meetings(efficiency, buyers, 4 * unused, firms), 2 * one, rtol=1e-12)
    np.testing.assert_allclose(meetings(efficiency, 4 * buyers, unused, firms), 2 * one, rtol=1e-12)
    np.testing.assert_allclose(meetings(3 * efficiency, buyers, unused, firms), 3 * one, rtol=1e-12)
    offered = unused @ np.array([0.1, 0.12, 0.25, 0.4, 0.4, 0.02])
    searching = buyers * firms / 1000 * SHARES
    np.testing.assert_allclose(one, efficiency * np.sqrt(searching * offered), rtol=1e-9)
    # another elasticity: buyers count for more, offers for less, both sides together as before
    other = meetings(efficiency, buyers, unused, firms, 0.7)
    np.testing.assert_allclose(other, efficiency * searching**0.7 * offered**0.3, rtol=1e-9)
    np.testing.assert_allclose(meetings(efficiency, buyers, 2 * unused, 2 * firms, 0.7), 2 * other, rtol=1e-12)


def test_no_patents_on_offer_no_meetings() -> None:
    assert (meetings(1.0, 4.0, np.zeros((N_FIELDS, N_KINDS)), 1000.0) == 0).all()


# --- V19 deals -------------------------------------------------------------------------------------------------------
def sure(**values: float) -> Floats:
    """A meeting of which nothing is left to chance: perfect fit, average absorption, safe, no fear."""
    return quiet_market(**{
        "market__fit_length": 1e12, "market__absorptive_log_sd": 0.0, "market__owner_fallback": 0.2,
        "market__adoption_cost": 3000.0, "market__seller_share": 0.4, "market__safety": 1.0,
        "market__licence_share": 0.35, "university__liability": 0.0, **values,
    })  # fmt: skip


@pytest.mark.parametrize("value", [0.0, 1000.0, 3700.0, 3750.0])
def test_v19_no_trade_without_a_surplus(value: float) -> None:
    """The surplus, 0.8 value - 3000, is at most nothing up to 3750 yuan."""
    tally = Tally.empty()
    ends = meet(value, 2_000, LARGE_CELL, sure(), tally)
    assert (ends == market.NO_DEAL).all()
    flows = tally.flows[:, INVENTION].sum(axis=0)
    assert flows[L.MEETINGS] == flows[L.NO_SURPLUS] == 2_000
    assert flows[L.PRICE_PAID] == flows[L.LICENSED] == flows[L.TRANSFERRED] == 0


@pytest.mark.parametrize("value", [3751.0, 5000.0, 80_000.0])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_v19_the_price_splits_the_surplus(value: float, share: float) -> None:
    tally = Tally.empty()
    n = 2_000
    ends = meet(value, n, LARGE_CELL, sure(market__seller_share=share), tally)
    assert (ends != market.NO_DEAL).all()
    gain = value - 0.2 * value - 3000.0
    price = tally.flows[..., L.PRICE_PAID].sum() / n
    assert price == pytest.approx(0.2 * value + share * gain, abs=1.01)  # whole yuan
    seller, buyer = price - 0.2 * value, value - 3000.0 - price
    assert seller + buyer == pytest.approx(gain, abs=1e-6)
    assert seller >= -1.0 and buyer >= -1.0
    assert tally.flows[..., L.LICENSED].sum() == pytest.approx(0.35 * n, abs=4.5 * math.sqrt(n * 0.35 * 0.65))
    assert tally.flows[..., L.LICENSED].sum() + tally.flows[..., L.TRANSFERRED].sum() == n


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_v19_surplus_is_what_the_buyer_adds(buyer: float, fallback: float, cost: float) -> None:
    assert market.surplus(buyer, fallback, cost) == pytest.approx(buyer - fallback - cost)


def test_fit_falls_with_distance_and_absorption_is_lognormal() -> None:
    """Share of meetings with a surplus, by integration over distance and absorption."""
    table = sure(market__fit_length=0.2, market__absorptive_log_sd=0.8)
    tally = Tally.empty()
    meet(9000.0, N, LARGE_CELL, table, tally)
    rng = np.random.default_rng(3)
    gain = 9000 * np.exp(-0.5 * rng.random(10**6) / 0.2 + 0.8 * rng.standard_normal(10**6)) - 1800 - 3000
    closed = float((gain > 0).mean())
    found = 1 - tally.flows[..., L.NO_SURPLUS].sum() / N
    assert found == pytest.approx(closed, abs=4.5 * math.sqrt(closed * (1 - closed) / N))


def test_the_three_gates_of_a_university() -> None:
    """Staff free, no fear of liability, a safe deal: chances multiply; firms need neither staff nor courage."""
    values = {"market__safety": 0.7, "university__liability": 0.4}
    tally = Tally.empty()
    ends = meet(80_000.0, N, UNIVERSITY_CELL, sure(**values), tally, free=0.5)
    assert np.mean(ends > 0) == pytest.approx(0.5 * 0.6 * 0.7, abs=0.011)
    assert tally.asked.sum() == N and tally.flows[..., L.NO_STAFF].sum() / N == pytest.approx(0.5, abs=0.012)
    firms = Tally.empty()
    assert np.mean(meet(80_000.0, N, LARGE_CELL, sure(**values), firms, free=0.0) > 0) == pytest.approx(0.7, abs=0.011)
    assert firms.asked.sum() == 0


def test_transfer_staff_are_rationed_in_proportion() -> None:
    table = quiet_market(market__staff=2000.0)
    before = np.zeros(())
    for _ in range(200):
        free = market.staff_free(table, np.full(192, 25), 1.0, before)  # 4800 deals ask, 2000 can be served
    np.testing.assert_allclose(free, 2000 / 4800, rtol=1e-6)
    np.testing.assert_allclose(market.staff_free(table, np.zeros(192, np.int64), 1.0, np.zeros(())), 1.0)


# --- V18 idle stock --------------------------------------------------------------------------------------------------
def in_use(hazard: float, stop: float, years: int = YEARS, at_grant: float = 0.0, n: int = N) -> tuple[Floats, Estate]:
    """Share of utterly valuable patents in use, month by month."""
    life = quiet_life(
        use__hazard_all=hazard, use__stop_hazard=stop, use__at_grant_all=at_grant, use__quality_loading=0.0
    )
    rights = Estate(owners(40, LARGE_CELL), np.full(n, 40.0), INVENTION, life, plain_fees(), quiet_market())
    path = []
    for month in range(1, 12 * years + 1):
        rights.live(month)
        assert rights.tally.stocks[..., L.IN_FORCE].sum() == n
        path.append(rights.tally.stocks[..., L.USED].sum() / n)
    return np.array(path), rights


@pytest.mark.parametrize(("hazard", "stop"), [(0.3, 0.3), (0.12, 0.3), (0.4, 0.2)])
def test_v18_the_idle_share_settles_where_use_begins_as_often_as_it_ends(hazard: float, stop: float) -> None:
    """1 / (1 + h/d): idle patents are used at h a year, used ones fall idle at d."""
    path, rights = in_use(hazard, stop, years=19)
    idle = 1 - path[-60:].mean()
    assert idle == pytest.approx(1 / (1 + hazard / stop), abs=0.006)
    assert rights.tally.unused.sum() / N == pytest.approx(1 - path[-1])
    flags = records(rights.register)["flags"]
    assert len(flags) == N
    assert np.mean(flags & R_USED != 0) == pytest.approx(path[-1])


@pytest.mark.parametrize("hazard", [0.09, 0.4])
def test_hazards_in_force_are_those_of_their_primitives(hazard: float) -> None:
    """Share not yet in use after t years is exp(-h t), within 2 % of h and 4 standard errors (Lewis & Shedler)."""
    path, _ = in_use(hazard, 0.0, years=4)
    rate = -math.log(1 - path[-1]) / 4
    error = math.sqrt(path[-1] * (1 - path[-1]) / N) / (1 - path[-1]) / 4
    assert rate == pytest.approx(hazard, abs=0.02 * hazard + 4 * error)


def dealing(meetings: float = 0.3) -> Estate:
    """Patents worth much, of which every meeting ends in a deal; 0.2 related transfers a year."""
    values = {"market__offer_share_all": 0.5, "market__licence_share": 0.5, "market__use_after_deal": 0.0,
              "market__related_rate_all": 0.2, "market__related_licence_share": 0.6}  # fmt: skip
    rights = Estate(owners(40, LARGE_CELL), np.full(N, 15.0), INVENTION, quiet_life(),
                    plain_fees(renewal__fee_level=0.0), sure(**values),
                    rates=np.full(N_FIELDS, meetings / 6))  # fmt: skip
    rights.live(24, firms=40)
    return rights


@pytest.mark.parametrize("meetings", [0.3, 2.6])
def test_meetings_and_related_transfers_come_at_their_rates(meetings: float) -> None:
    """However many: a patent sleeps under a bound above the sum of its own hazards."""
    flows = dealing(meetings).tally.flows.sum(axis=(0, 1)) / N / 2
    assert flows[L.MEETINGS] == pytest.approx(meetings, rel=0.04)
    assert flows[L.RELATED_TRANSFER] == pytest.approx(0.2, rel=0.04)


@pytest.mark.parametrize("growth", [1.2, 3.0])
def test_hazards_that_rise_within_a_sleep_are_exact_up_to_the_headroom(growth: float) -> None:
    """What stands above the old bound is lost, but only until the patent wakes, after a year at the latest."""
    rights = dealing(0.5)
    before = rights.tally.flows[..., L.MEETINGS].sum()
    rights.rates = rights.rates * growth
    rights.live(48, firms=40)
    met = (rights.tally.flows[..., L.MEETINGS].sum() - before) / N / 2
    bound = (1 + int(0.7 * chances.HEADROOM * chances.STEPS_PER_EVENT)) / chances.STEPS_PER_EVENT
    asleep = (1 - math.exp(-bound)) / bound  # mean years to the first wake: a candidate, or the anniversary
    lost = max(0.0, 0.5 * growth + 0.2 - bound) * asleep
    assert met == pytest.approx(0.5 * growth - lost / 2, rel=0.03)


def test_deals_are_meetings_and_leave_their_mark_on_the_right() -> None:
    rights = dealing()
    flows = rights.tally.flows.sum(axis=(0, 1))
    assert flows[L.LICENSED] + flows[L.TRANSFERRED] == flows[L.MEETINGS] > 0.3 * N
    assert flows[L.MEETINGS] / flows[L.RELATED_TRANSFER] == pytest.approx(1.5, rel=0.05)
    flags = records(rights.register)["flags"]
    assert len(flags) == N
    assert np.count_nonzero(flags & R_LICENSED) == rights.tally.stocks[..., L.LICENSED_OUT].sum() > 0.2 * N
    assert np.count_nonzero(flags & R_TRADED) == rights.tally.stocks[..., L.TRADED].sum() > 0.2 * N
    assert rights.tally.stocks[..., L.IN_FORCE].sum() == N  # a sale changes the owner, not the number of rights
