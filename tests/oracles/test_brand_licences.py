"""Licences of marks: who licenses, for what, and until when."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from harness import SME_CELL, owners, records
from ipplan import ledger as L
from ipplan.compiled import plain
from ipplan.phases import brand_licences
from ipplan.rights.register import R_LICENSED, R_USED
from ipplan.world import TRADEMARK
from mechanisms import Estate, plain_fees, quiet_life, quiet_market

N, VALUE = 100_000, 9.0
TERMS = {"brand__licence_gain": 0.5, "brand__licence_log_sd": 0.8, "brand__licence_cost": 3000.0,
         "brand__licensor_share": 0.4}  # fmt: skip
NO_ATTACK = {"cancellation__request_rate": 0.0, "cancellation__malicious_rate": 0.0,
             "cancellation__ex_officio_rate": 0.0, "brand__use_start": 0.0, "brand__use_stop": 0.0}  # fmt: skip
royalty = plain(brand_licences.royalty)


def marks(rate: float, use: float = 1.0, **values: float) -> Estate:
    table = quiet_life(brand__licensee_rate=rate, brand__use_at_grant=use, **{**TERMS, **NO_ATTACK, **values})
    return Estate(owners(40, SME_CELL), np.full(N, VALUE), TRADEMARK, table, plain_fees(), quiet_market())


def flow(rights: Estate, name: str) -> int:
    return int(rights.tally.flows[:, TRADEMARK, L.flow(name)].sum())


def test_no_licence_without_a_surplus_and_the_surplus_is_split() -> None:
    assert royalty(2999.0, 3000.0, 0.4) == 0.0 == royalty(3000.0, 3000.0, 0.4)
    for earned in (3001.0, 1e4, 1e6):
        paid = royalty(earned, 3000.0, 0.4)
        assert paid - 3000.0 == pytest.approx(0.4 * (earned - 3000.0)) and 3000.0 < paid < earned


def test_licences_come_at_the_rate_of_licensees_times_the_share_worth_it() -> None:
    """Of those without a licence; the share whose earnings exceed the cost and the mean royalty are integrals."""
    rate, years = 0.006, 9.9
    rights = marks(rate)
    rights.live(119)
    median = VALUE + np.log(0.5)
    agrees = stats.norm.sf((np.log(3000.0) - median) / 0.8)
    licensed = flow(rights, "brands_licensed")
    expected = N * (1.0 - np.exp(-rate * agrees * years))
    assert licensed == pytest.approx(expected, abs=4.5 * np.sqrt(expected) + 0.02 * expected)
    assert licensed / flow(rights, "brands_met") == pytest.approx(agrees, abs=0.03)
    mean, _ = integrate.quad(lambda z: royalty(np.exp(median + 0.8 * z), 3000.0, 0.4) * stats.norm.pdf(z), -9, 9)
    spread = 0.8 * mean / agrees
    assert flow(rights, "brand_royalties") / licensed == pytest.approx(mean / agrees, abs=4.5 * spread / licensed**0.5)
    held = records(rights.register.marks)
    assert np.count_nonzero(held["flags"] & R_LICENSED) == licensed
    assert int(rights.tally.stocks[:, TRADEMARK, L.LICENSED_OUT].sum()) == licensed


def test_a_licence_brings_an_idle_mark_into_use_and_keeps_it_there_to_the_end_of_its_term() -> None:
    rights = marks(0.006, use=0.0, brand__use_stop=0.03)
    rights.live(119)
    held = records(rights.register.marks)
    licensed = held["flags"] & R_LICENSED != 0
    assert licensed.sum() > 1000 and (held["flags"][licensed] & R_USED != 0).all()
    assert (held["flags"][~licensed] & R_USED == 0).all()
    assert flow(rights, "used_started") == flow(rights, "brands_licensed")
    rights.live(121)
    assert int(rights.tally.stocks[:, TRADEMARK, L.LICENSED_OUT].sum()) < 0.02 * licensed.sum()
    held = records(rights.register.marks)
    assert int(rights.tally.stocks[:, TRADEMARK, L.LICENSED_OUT].sum()) == np.count_nonzero(held["flags"] & R_LICENSED)


def test_more_valuable_brands_are_licensed_more() -> None:
    table = quiet_life(brand__licensee_rate=0.006, brand__use_at_grant=1.0, **{**TERMS, **NO_ATTACK})
    values = np.repeat([7.0, 9.0, 11.0], N // 3)
    rights = Estate(owners(40, SME_CELL), values, TRADEMARK, table, plain_fees(), quiet_market())
    rights.live(119)
    held = records(rights.register.marks)
    shares = [np.mean(held["flags"][np.isclose(held["log_value"], value)] & R_LICENSED != 0) for value in (7, 9, 11)]
    assert shares[0] < shares[1] < shares[2]


def test_nobody_turns_up_no_mark_is_licensed() -> None:
    rights = marks(0.0)
    rights.live(60)
    assert flow(rights, "brands_met") == 0 and rights.tally.stocks[:, TRADEMARK, L.LICENSED_OUT].sum() == 0
