"""Joint ownership of university patents, deals on paper, and holding for counts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness import LARGE_CELL, UNIVERSITY_CELL, Floats, owners, reads, records, theta
from ipplan import ledger as L
from ipplan import schema
from ipplan.compiled import kernel
from ipplan.ledger import Tally
from ipplan.phases import joint, market, nominal, renewal
from ipplan.rights.register import R_LICENSED, R_TOUCHED, R_USED
from ipplan.world import INSTITUTE, INVENTION, N_CELLS, N_KINDS, UNIVERSITY
from mechanisms import Estate, meet, plain_fees, quiet_life, quiet_market

N = 40_000


@kernel
def _joint(owner, serial, filed, share, found):
    for i in range(len(found)):
        found[i] = joint.owned_jointly(owner[i], serial[i], filed[i], share)


@pytest.mark.parametrize("share", [0.01, 0.06, 0.5])
def test_the_share_of_joint_patents_is_as_set_wherever_one_looks(share: float) -> None:
    """By owner, month and serial alike: identities are spread as draws are; a joint patent stays one if more are."""
    n = 60_000
    for owner, serial, filed in (
        (np.arange(n), np.zeros(n, int), np.full(n, 30)), (np.full(n, 5), np.arange(n) % 300, np.arange(n) // 300),
        (np.arange(n) // 200, np.zeros(n, int), np.arange(n) % 200 - 100),
    ):  # fmt: skip
        found, more = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        _joint(owner, serial, filed, share, found)
        _joint(owner, serial, filed, min(1.0, 2 * share), more)
        assert found.mean() == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / n))
        assert (more >= found).all()


def test_the_mean_hazard_of_use_is_that_of_the_mix_of_2017() -> None:
    primitives = schema.primitives()
    assert primitives["joint.share"].value == joint.SHARE_2017
    assert primitives["university.weight_counts"].value == nominal.COUNTS_2017
    for ratio in (1.0, 10.0, 50.0):
        used, others = joint.relative_use(True, ratio), joint.relative_use(False, ratio)
        assert joint.SHARE_2017 * used + (1 - joint.SHARE_2017) * others == pytest.approx(1.0)
        assert used / others == pytest.approx(ratio)


def university(market_table: Floats, hazard: float = 0.0, cell: int = UNIVERSITY_CELL) -> Estate:
    life = quiet_life(use__hazard_all=hazard, use__stop_hazard=0.2, use__quality_loading=0.0)
    return Estate(owners(400, cell), np.full(N, 15.0), INVENTION, life, plain_fees(), market_table)


def test_joint_patents_are_used_more() -> None:
    """In the steady state the odds of use are those of the hazards, ratio times as high."""
    rights = university(quiet_market(joint__share=0.25, joint__use_ratio=10.0), 0.01)
    rights.live(216)
    flows = rights.tally.flows[..., INVENTION, :].sum(axis=0)
    kept, used = flows[L.flow("joint_kept")], flows[L.flow("joint_used")]
    assert kept == pytest.approx(0.25 * N * 18, rel=0.05)
    held = records(rights.register)
    found = np.zeros(len(held), np.bool_)
    _joint(held["owner"], held["serial"], held["filed"], 0.25, found)
    for which, is_joint in ((found, True), (~found, False)):
        hazard = 0.01 * joint.relative_use(is_joint, 10.0)
        closed = hazard / (hazard + 0.2)
        error = 4.5 * math.sqrt(closed / which.sum())
        assert np.mean(held["flags"][which] & R_USED != 0) == pytest.approx(closed, abs=error)
    assert used > 0


def test_firms_have_no_co_owners_here() -> None:
    rights = university(quiet_market(joint__share=0.9), 0.1, LARGE_CELL)
    rights.live(36)
    assert rights.tally.flows[..., L.flow("joint_kept")].sum() == 0


def test_a_sale_needs_the_co_owner_and_a_licence_does_not() -> None:
    sure = {
        "market__fit_length": 1e12, "market__absorptive_log_sd": 0.0, "market__safety": 1.0,
        "university__liability": 0.0, "joint__share": 1.0,
    }  # fmt: skip
    for share, consent in ((0.0, 0.3), (0.0, 1.0), (1.0, 0.3)):
        tally = Tally.empty()
        ends = meet(80_000.0, N, UNIVERSITY_CELL,
                    quiet_market(**sure, market__licence_share=share, joint__consent=consent), tally)  # fmt: skip
        closed = 1.0 if share else consent
        error = 4.5 * math.sqrt(closed * (1 - closed) / N)
        assert np.mean(ends != market.NO_DEAL) == pytest.approx(closed, abs=error)
        assert tally.flows[..., L.flow("consent_refused")].sum() == np.count_nonzero(ends == market.NO_DEAL)


# --- deals on paper --------------------------------------------------------------------------------------------------
def test_deals_on_paper_follow_the_logit_and_the_weight_of_conversions() -> None:
    one = np.ones(1)
    assert nominal.rate(0.02 * one, 2500.0 * one, 2500.0 * one, 1000.0 * one)[0] == pytest.approx(0.01)
    rates = []
    for weight in (0.85, 0.75, 0.5):
        row = {name: theta("market")[place] for place, name in enumerate(reads("market"))}
        row |= {"nominal.occasions": np.full(N_CELLS, 0.02), "university.weight_counts": np.full(N_CELLS, weight)}
        months = np.stack(list(row.values()))[None].repeat(2, axis=0)
        nominal.reckon(months)
        found = months[:, market.NOMINAL]
        academic = np.isin(np.arange(N_CELLS) % N_KINDS, (UNIVERSITY, INSTITUTE))
        assert (found[:, ~academic] == 0.0).all()
        closed = 0.02 / (1 + math.exp(-(8000 * (1 - weight) - 2500) / 1000))
        np.testing.assert_allclose(found[:, academic], closed, rtol=1e-12)
        rates.append(closed)
    assert rates[0] < rates[1] < rates[2] < 0.02


def test_a_deal_on_paper_is_counted_and_moves_nothing_latent() -> None:
    rights = university(quiet_market(nominal__occasions=0.2, market__related_rate_all=0.1))
    rights.live(24)
    flows = rights.tally.flows.sum(axis=(0, 1))
    assert flows[L.flow("nominal_licensed")] == flows[L.LICENSED] == pytest.approx(0.4 * N, rel=0.03)
    assert flows[L.RELATED_TRANSFER] == pytest.approx(0.2 * N, rel=0.04)
    assert flows[L.PRICE_PAID] == flows[L.USED_STARTED] == flows[L.flow("deals_used")] == 0
    flags = records(rights.register)["flags"]
    assert np.mean(flags & R_TOUCHED != 0) == pytest.approx(1 - math.exp(-0.6), abs=0.01)
    alone = university(quiet_market(nominal__occasions=0.2))
    alone.live(24)
    assert np.count_nonzero(records(alone.register)["flags"] & R_LICENSED) == 0


def test_what_counts_less_is_held_less() -> None:
    table = theta("renewal")[None].copy()
    table[:, renewal.WEIGHT_COUNTS] = 0.85
    same = table.copy()
    nominal.hold_for_counts(same, renewal.HOLDING, renewal.WEIGHT_COUNTS)
    np.testing.assert_array_equal(same, table)  # the weight of 2017 is the unit
    table[:, renewal.WEIGHT_COUNTS] = 0.425
    less = table.copy()
    nominal.hold_for_counts(less, renewal.HOLDING, renewal.WEIGHT_COUNTS)
    ratio = less[0, renewal.HOLDING] / table[0, renewal.HOLDING]
    academic = np.isin(np.arange(N_CELLS) % N_KINDS, (UNIVERSITY, INSTITUTE))
    np.testing.assert_allclose(ratio, np.where(academic, 0.5, 1.0))

