"""V15, V17: what is filed as what, and how skewed values are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from harness import LARGE_CELL, SME_CELL, Floats, one_agency, owners, theta
from ipplan import ledger as L
from ipplan.agents.agencies import HONEST, Agencies
from ipplan.compiled import kernel
from ipplan.phases import filing, stakes
from ipplan.phases.invention import BRAND_NEED, IDEA
from ipplan.world import INVENTION, UTILITY_MODEL
from mechanisms import decide

utility = st.floats(-40_000.0, 60_000.0)
scales = st.floats(500.0, 40_000.0)
nests = st.floats(0.05, 1.0)


def nested_logit(invention: float, model: float, secret: float, scale: float, nest: float) -> Floats:
    """McFadden's shares of {invention, utility model}, secrecy, nothing - written down from the book."""
    a, b = invention / scale / nest, model / scale / nest
    inclusive = np.logaddexp(a, b)
    upper = np.array([nest * inclusive, secret / scale, 0.0])
    share = np.exp(upper - np.logaddexp.reduce(upper))
    within = np.exp(np.array([a, b]) - inclusive)
    return np.array([share[0] * within[0], share[0] * within[1], share[1], share[2]])


@kernel
def _choices(invention, model, secret, scale, nest, n, shares):
    for i in range(n):
        shares[filing.choose_right(invention, model, secret, scale, nest, (i + 0.5) / n)] += 1.0 / n


def shares(invention: float, model: float, secret: float, scale: float, nest: float, n: int = 20_000) -> Floats:
    """Shares over evenly spread uniforms: exact to 1/n, without chance."""
    found = np.zeros(4)
    _choices(float(invention), float(model), float(secret), float(scale), float(nest), n, found)
    return found


@given(utility, utility, utility, scales, nests)
def test_v15_shares_are_those_of_the_nested_logit(a: float, b: float, s: float, scale: float, nest: float) -> None:
    np.testing.assert_allclose(shares(a, b, s, scale, nest), nested_logit(a, b, s, scale, nest), atol=2 / 20_000)


@given(utility, utility, utility, scales, nests, st.floats(500.0, 20_000.0))
def test_v15_iia_within_a_nest_and_between_nests_but_not_across(
    a: float, b: float, s: float, scale: float, nest: float, more: float
) -> None:
    before, after = shares(a, b, s, scale, nest, 50_000), shares(a + more, b, s, scale, nest, 50_000)
    assume(min(before.min(), after.min()) > 0.01)
    # secrecy against nothing does not know of patents
    assert after[2] / after[3] == pytest.approx(before[2] / before[3], rel=0.01)
    # within the nest the odds know nothing of secrecy
    other = shares(a, b, s + more, scale, nest, 50_000)
    assume(other.min() > 0.01)
    assert other[0] / other[1] == pytest.approx(before[0] / before[1], rel=0.01)
    # a better invention takes more than in proportion from its sibling, unless the nest is none
    lost_model, lost_secret = after[1] / before[1], after[2] / before[2]
    assert lost_model <= lost_secret * 1.01
    gap = nested_logit(a, b, s, scale, nest)
    gap_after = nested_logit(a + more, b, s, scale, nest)
    assert lost_model / lost_secret == pytest.approx(gap_after[1] / gap[1] / (gap_after[2] / gap[2]), rel=0.03)


def test_v15_without_a_nest_iia_holds_everywhere_and_a_tight_nest_is_one_alternative() -> None:
    free, more = shares(2000, 1000, 500, 4000, 1.0), shares(6000, 1000, 500, 4000, 1.0)
    assert more[1] / free[1] == pytest.approx(more[2] / free[2], rel=1e-3)
    twins = shares(0, 0, 0, 4000, 1e-3)  # red bus, blue bus
    np.testing.assert_allclose(twins, [1 / 6, 1 / 6, 1 / 3, 1 / 3], atol=1e-3)


@given(utility, utility, utility, scales, nests, st.floats(0.0, 30_000.0), st.floats(1e-9, 1 - 1e-9))
def test_a_better_patent_never_loses_its_own_filers(
    a: float, b: float, s: float, scale: float, nest: float, more: float, u: float
) -> None:
    if filing.choose_right(a, b, s, scale, nest, u) == 0:
        assert filing.choose_right(a + more, b, s, scale, nest, u) == 0


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.floats(1e-9, 1 - 1e-9))
def test_extreme_utilities_are_survived(a: float, b: float, s: float, u: float) -> None:
    assert filing.choose_right(a, b, s, 500.0, 0.05, u) in (0, 1, 2, 3)
    if a > max(b, s, 0.0) + 1e6:
        assert filing.choose_right(a, b, s, 500.0, 0.05, u) == 0


def test_subsidies_draw_out_filings_and_fees_hold_them_back() -> None:
    def filed(**values: float) -> Floats:
        found, _ = decide(owners(20_000, SME_CELL), theta("filing", **values), IDEA)
        return np.bincount(found.filings["right"][: found.book[0]], minlength=2) / 20_000

    base = filed(filing__payoff_all=6000.0)
    assert filed(filing__payoff_all=20_000.0).sum() > base.sum() + 0.05
    assert filed(filing__payoff_all=50.0).sum() < base.sum() - 0.05
    dear = filed(filing__payoff_all=6000.0, filing__fee__invention=15_000.0)
    assert dear[INVENTION] < base[INVENTION] and dear[UTILITY_MODEL] > base[UTILITY_MODEL]
    assert filed(filing__payoff_all=6000.0, filing__screen_threshold=0.5).sum() < base.sum()


# --- V17 -------------------------------------------------------------------------------------------------------------
def values(sd: float, n: int = 200_000) -> Floats:
    """Log first-year returns of ideas of which all are filed, with a total spread of ``sd``."""
    table = theta("filing", invention__value_log_median=7.9, invention__value_quality_loading=0.6,
                  invention__value_log_sd=math.sqrt(sd * sd - 0.36), invention__capability_sd=0.0,
                  filing__payoff_all=1e9, filing__screen_threshold=-99.0, invention__quality_mean_all=0.0,
                  filing__payoff_ratio__utility_model=0.0)  # fmt: skip
    filed, _ = decide(owners(n // 10, LARGE_CELL), table, IDEA, number=10)
    assert filed.book[0] == n
    return filed.filings["log_value"][:n].astype(np.float64)


@pytest.mark.parametrize("sd", [1.0, 1.645])
def test_v17_the_top_holds_the_share_of_a_lognormal(sd: float) -> None:
    """Top share Phi(sigma - z); at sigma 1.645 five percent hold half of the value. Error by 8 sub-samples."""
    logs = values(sd)
    assert stats.kstest((logs - 7.9) / sd, "norm").pvalue > 1e-4
    for top in (0.01, 0.05, 0.1):
        parts = []
        for part in np.exp(logs).reshape(8, -1):
            part.sort()
            parts.append(part[-round(top * len(part)) :].sum() / part.sum())
        closed = stats.norm.cdf(sd - stats.norm.isf(top))
        assert np.mean(parts) == pytest.approx(closed, abs=5 * stats.sem(parts)), top
        assert stats.sem(parts) < 0.02


def test_v17_what_is_really_filed_is_the_better_part_of_what_is_thought_of() -> None:
    filed, _ = decide(owners(50_000, LARGE_CELL), theta("filing"), IDEA)
    n = int(filed.book[0])
    quality = filed.filings["quality"][:n][filed.filings["right"][:n] == INVENTION]
    assert quality.mean() > theta("filing")[stakes.QUALITY_MEAN, LARGE_CELL] + 0.1


def test_brands_are_filed_by_logit_of_their_gain() -> None:
    table = theta("filing", brand__value_log_sd=0.0, brand__value_log_median=math.log(2000.0),
                  filing__fee__trademark=300.0, agencies__trademark_fee=700.0, filing__logit_scale=4000.0)  # fmt: skip
    filed, _ = decide(owners(20_000, SME_CELL), table, BRAND_NEED)
    share = 1 / (1 + math.exp(-2 * (0.75 * 2000 - 1000) / 4000))
    assert filed.book[0] / 20_000 == pytest.approx(share, abs=4.5 * math.sqrt(share * (1 - share) / 20_000))


@pytest.mark.parametrize("affordable", [0, 1, 7, 40])
def test_nobody_files_more_than_the_budget_of_the_month_pays_for(affordable: int) -> None:
    table = theta("filing", brand__value_log_sd=0.0, brand__value_log_median=14.0, filing__fee__trademark=300.0,
                  agencies__trademark_fee=700.0)  # fmt: skip
    filed, tally = decide(owners(50, SME_CELL, budget=1000.0 * affordable + 500.0), table, BRAND_NEED, number=20)
    each = np.bincount(filed.filings["owner"][: filed.book[0]], minlength=50)
    assert (each == min(affordable, 20)).all()
    assert tally.flows[..., L.NOT_FILED].sum() == 50 * 20 - each.sum()


# --- choice of agency ------------------------------------------------------------------------------------------------
def agencies(fees: list[float]) -> Agencies:
    one = one_agency(0.0, HONEST)
    n = len(fees)
    many = {name: np.repeat(column, n, axis=0) for name, column in one._asdict().items() if name != "book"}
    table = Agencies(**many, book=np.array([n, n], np.int64))
    table.fee[:] = fees
    table.reach[:] = np.arange(1, n + 1)
    return table


def chosen(loyalty: float, n: int = 40_000) -> tuple[float, float]:
    """Share that stays, and share that joins the agency of the next owner but a few, all agencies being alike.

    2000 agencies of equal size, and neighbours up to twenty rows away that all use different ones: five options compete
    that are as good as never the same.
    """
    choice = theta("representation", agencies__reconsider=1.0, agencies__loyalty=loyalty)
    people = owners(n, SME_CELL)
    people.agency[:] = np.arange(n) % 41
    filed, _ = decide(
        people, theta("filing", filing__payoff_all=1e9), IDEA, agencies=agencies([1000.0] * 2000), choice=choice
    )
    who = filed.filings["owner"][: filed.book[0]]
    firm = filed.filings["agency"][: filed.book[0]]
    return float((firm == who % 41).mean()), float(((firm < 41) & (firm != who % 41)).mean())


@pytest.mark.parametrize("loyalty", [0.0, 1.5])
def test_v15_the_choice_of_agency_is_a_logit(loyalty: float) -> None:
    """Own against neighbour's and three met by chance: e^l to 4; the neighbour is oneself once in 41."""
    own, neighbour = chosen(loyalty)
    e = math.exp(loyalty)
    by_chance = 3 / (e + 4) * 41 / 2000  # one met by chance may be among the 41
    assert own == pytest.approx(e / (e + 4), abs=0.015)
    assert neighbour == pytest.approx(40 / 41 / (e + 4) + by_chance, abs=0.015)
