"""V12, V12b, V12c: deterrence, contagion and learning, through the choice kernel and the rules of belief."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from scipy.optimize import brentq

from harness import SME_CELL, Floats, owners, theta
from ipplan import ledger as L
from ipplan.compiled import plain
from ipplan.phases import bad_faith, learning, stakes
from ipplan.phases.invention import OCCASION
from ipplan.world import INVENTION, N_CELLS, N_KINDS, TRADEMARK
from mechanisms import decide

WEIGHT = 400_000.0
yuan = st.floats(0.0, 50_000.0)
chance = st.floats(0.0, 0.98)


# --- V12 Becker: the rule --------------------------------------------------------------------------------------------
@given(yuan, st.floats(0.02, 0.98), yuan, yuan, chance, yuan, yuan)
def test_v12_bad_faith_pays_exactly_above_the_threshold(
    payoff: float, success: float, cost: float, fee: float, p: float, sanction: float, moral: float
) -> None:
    threshold = (p * sanction + cost + fee + moral) / ((1 - p) * success)
    gain = bad_faith.expected_gain(payoff, success, cost, fee, p, sanction, moral, 0.0)
    if payoff > threshold * (1 + 1e-9) + 1e-6:
        assert gain > 0
    if payoff < threshold * (1 - 1e-9) - 1e-6:
        assert gain < 0


def share_filing_bad(p: float, sanction: float) -> float:
    """The share with a lognormal prize (median 3000, s = 1) for whom bad faith pays; success 0.6, cost 500."""
    n = 20_000
    prize = 3000 * np.exp(stats.norm.ppf((np.arange(n) + 0.5) / n))
    return float(np.mean([bad_faith.expected_gain(b, 0.6, 500.0, 0.0, p, sanction, 0.0, 0.0) > 0 for b in prize]))


def test_v12_shares_deterred_of_the_worked_example() -> None:
    for p, sanction, printed in ((0.1, 2000.0, None), (0.2, 2000.0, None), (0.1, 4000.0, None), (0.4, 2000.0, None)):
        threshold = (p * sanction + 500) / (0.6 * (1 - p))
        closed = stats.lognorm(s=1.0, scale=3000).sf(threshold)
        assert share_filing_bad(p, sanction) == pytest.approx(closed, abs=1e-4), printed
    base, surer, harsher = share_filing_bad(0.1, 2000), share_filing_bad(0.2, 2000), share_filing_bad(0.1, 4000)
    assert [round(x, 3) for x in (base, surer, harsher)] == [0.799, 0.681, 0.722]
    assert base > harsher > surer  # a doubled chance also takes the prize: it deters more than a doubled sanction


# --- V12 Becker: applicants through the kernel -----------------------------------------------------------------------
def only(
    channel: str = "invention", payoff: float = 3000.0, scale: float = 1.0, p: float = 0.1, **values: float
) -> Floats:
    """One profitable channel of bad faith, belief fixed at ``p``, no fees, no batches, no taste for risk."""
    closed = {f"fabrication__cost__{right}": 1e9 for right in ("invention", "utility_model", "design", "trademark")}
    closed[f"fabrication__cost__{channel}"] = 0.0
    fees = {f"filing__fee__{right}": 0.0 for right in ("invention", "utility_model", "design", "trademark")}
    return theta("filing", **{
        **closed, **fees, "filing__payoff_all": payoff, f"fabrication__success__{channel}": 1.0,
        "fabrication__logit_scale": scale, "fabrication__contagion": 0.0, "fabrication__batch_size": 1.0,
        "fabrication__batch_ratio__trademark": 1.0, "belief__prior_weight": 1e9, "belief__prior_detection": p,
        "belief__ambiguity_sd": 0.0, "agencies__trademark_fee": 0.0, "brand__filing_subsidy": 0.0, **values,
    })  # fmt: skip


N = 20_000


def filed_bad(table: Floats, right: int = INVENTION, n: int = N, pull: float = 0.5, **columns: Floats) -> float:
    """Share of one occasion each that ends in a filing in bad faith."""
    filed, tally = decide(owners(n, SME_CELL, **columns), table, OCCASION, pull=np.full(N_CELLS, pull))
    flags = filed.filings["flags"][: filed.book[0]]
    assert (flags & 1 == 1).all() and (filed.filings["right"][: filed.book[0]] == right).all()
    assert tally.flows[..., L.OPPORTUNITIES].sum() == n
    return float(filed.book[0]) / n


@pytest.mark.parametrize(("p", "sanction"), [(0.0, 0.0), (0.1, 2000.0), (0.2, 2000.0), (0.1, 4000.0), (0.5, 2500.0)])
def test_v12_applicants_file_bad_when_the_prize_beats_conscience_and_risk(p: float, sanction: float) -> None:
    """Moral costs are lognormal: the share is their distribution at (1-p) B - p F, at a logit scale of nearly 0."""
    integrity = stats.norm.ppf((np.arange(N) + 0.5) / N)
    table = only(p=p, scale=1e-3, sanction__patent=sanction, fabrication__moral_cost_all=1100.0,
                 fabrication__moral_cost_log_sd=0.8)  # fmt: skip
    left = (1 - p) * 3000.0 - p * sanction
    closed = stats.norm.cdf(np.log(left / 1100.0) / 0.8)
    assert filed_bad(table, integrity=integrity) == pytest.approx(closed, abs=2 / N)


@pytest.mark.parametrize("channel", ["invention", "trademark"])
def test_v12_each_channel_is_deterred_by_its_own_sanction(channel: str) -> None:
    right = TRADEMARK if channel == "trademark" else INVENTION
    prize = {"fabrication__resale_value": 3000.0, "fabrication__moral_cost_all": 0.0}

    def share(**values: float) -> float:
        return filed_bad(only(channel, p=0.3, scale=1500.0, **{**prize, **values}), right)

    own = "sanction__trademark" if channel == "trademark" else "sanction__patent"
    other = "sanction__patent" if channel == "trademark" else "sanction__trademark"
    base = {own: 1000.0, other: 1000.0}
    closed = special.expit((0.7 * 3000 - 0.3 * 1000) / 1500)
    assert share(**base) == pytest.approx(closed, abs=4.5 * np.sqrt(closed * (1 - closed) / N))
    assert share(**{**base, own: 4000.0}) < share(**base) - 0.03
    assert share(**{**base, other: 4000.0}) == share(**base)


def test_displacement_what_one_channel_loses_the_others_partly_gain() -> None:
    both = only("invention", scale=1500.0, fabrication__cost__trademark=0.0, fabrication__success__trademark=1.0,
                fabrication__resale_value=3000.0, fabrication__moral_cost_all=0.0)  # fmt: skip

    def shares(sanction: float) -> Floats:
        table = both.copy()
        table[stakes.SANCTION] = sanction
        filed, _ = decide(owners(N, SME_CELL), table, OCCASION)
        return np.bincount(filed.filings["right"][: filed.book[0]], minlength=4) / N

    before, after = shares(0.0), shares(10_000.0)
    gone, moved = before[INVENTION] - after[INVENTION], after[TRADEMARK] - before[TRADEMARK]
    x, y = np.exp(0.9 * 3000 / 1500), np.exp((0.9 * 3000 - 0.1 * 10_000) / 1500)
    m = np.exp((0.9 * 3000 - 0.1 * 300) / 1500)
    assert gone == pytest.approx(x / (x + m + 1) - y / (y + m + 1), abs=0.02)
    assert moved / gone == pytest.approx(
        (m / (y + m + 1) - m / (x + m + 1)) / (x / (x + m + 1) - y / (y + m + 1)), abs=0.08
    )
    assert 0 < moved < gone


def test_a_sanctioned_applicant_earns_no_payoff() -> None:
    table = only(scale=1e-3, fabrication__moral_cost_all=100.0, fabrication__moral_cost_log_sd=0.05)
    assert filed_bad(table) == 1.0
    assert filed_bad(table, sanctioned_until=np.full(N, 5)) == 0.0
    assert filed_bad(table, sanctioned_until=np.full(N, 0)) == 1.0  # the sanction has run out


# --- V12b contagion --------------------------------------------------------------------------------------------------
def next_share(n: float, contagion: float) -> float:
    """The share that files bad when the share ``n`` is seen to: no prize, no cost, only the pull of the others."""
    table = only(payoff=0.0, p=0.0, scale=1500.0, sanction__patent=0.0, fabrication__moral_cost_all=0.0,
                 fabrication__contagion=contagion)  # fmt: skip
    return filed_bad(table, pull=n, n=40_000)


@pytest.mark.parametrize(("j", "solutions"), [(2.0, 1), (3.4, 1), (4.8, 3), (6.0, 3)])
def test_v12b_solutions_on_both_sides_of_the_critical_value(j: float, solutions: int) -> None:
    grid = np.array([*np.linspace(0.005, 0.42, 6), 0.47, 0.53, *np.linspace(0.58, 0.995, 6)])
    above = np.array([next_share(float(n), j) > n for n in grid])
    assert np.count_nonzero(np.diff(above)) == solutions
    share = 0.85
    for _ in range(25):  # from a corrupt world
        share = next_share(share, j)
    root = brentq(lambda n: special.expit(j * (n - 0.5)) - n, 0.5001, 1.0) if solutions == 3 else 0.5
    assert share == pytest.approx(root, abs=0.025)


def test_v12b_the_critical_value_is_four() -> None:
    """The slope of the response at one half is J/4; with common draws it is measured well enough to see 4 from 3.85."""

    def slope(j: float) -> float:
        return (next_share(0.56, j) - next_share(0.44, j)) / 0.12

    assert brentq(lambda j: slope(j) - 1.0, 2.0, 6.0, xtol=0.01) == pytest.approx(4.0, abs=0.15)


def test_what_is_seen_of_others_is_their_share_held_towards_the_nations() -> None:
    bad, filed = np.array([5.0, 300.0, 0.0, 0.0, 2.0, 0.0]), np.array([100.0, 1000.0, 500.0, 0.0, 10.0, 4000.0])
    national = bad.sum() / filed.sum()
    seen = learning.seen_bad_share(bad, filed, WEIGHT)
    assert seen.shape == (N_CELLS,)
    for kind in range(N_KINDS):
        own = bad[kind] / filed[kind] if filed[kind] else national
        assert min(own, national) - 1e-12 <= seen[kind] <= max(own, national) + 1e-12
    assert seen[3] == pytest.approx(national)
    seen = learning.seen_bad_share(bad * 1e9, filed * 1e9, WEIGHT)
    np.testing.assert_allclose(seen[[0, 1, 2]], [0.05, 0.3, 0.0], atol=1e-5)


# --- V12c learning ---------------------------------------------------------------------------------------------------
def believed(
    p: float,
    months: int,
    peers: float = 1.0,
    public: float = 0.4,
    forgetting: float = 0.03,
    weight: float = 4.0,
    prior: float = 0.05,
    start: Floats | None = None,
) -> tuple[float, Floats]:
    """Return what is believed after months of a chance ``p``, and the evidence behind it."""
    table = theta("learning", belief__peer_weight=peers, belief__public_weight=public, belief__forgetting=forgetting,
                  belief__prior_weight=weight, belief__prior_detection=prior)  # fmt: skip
    pseudo = np.zeros((2, 2, N_CELLS)) if start is None else start.copy()
    for _ in range(months):
        learning.learn(table, pseudo, np.full((2, N_CELLS), p), np.full(N_CELLS, 1 / N_CELLS))
    own = table[[learning.PRIOR, learning.PRIOR_WEIGHT], 0]
    return float(plain(learning.mean_belief)(*own, pseudo, 0, 0)), pseudo


@given(st.floats(0.0, 0.9), st.floats(0.05, 5.0), st.floats(0.01, 5.0), st.floats(0.02, 0.4), st.floats(0.1, 50.0),
       st.floats(0.005, 0.9))  # fmt: skip
def test_v12c_a_stationary_chance_is_believed_up_to_the_weight_of_the_prior(
    p: float, peers: float, public: float, forgetting: float, weight: float, prior: float
) -> None:
    """E = (w prior + (n/f) p) / (w + n/f), n pseudo cases a month, f the forgetting: the bias is the prior's weight."""
    months = int(20 / forgetting)
    found, pseudo = believed(p, months, peers, public, forgetting, weight, prior)
    cases = (peers + public) / forgetting
    assert pseudo[1, 0, 0] == pytest.approx(cases, rel=1e-6)
    assert found == pytest.approx((weight * prior + cases * p) / (weight + cases), rel=1e-6, abs=1e-9)


def test_v12c_without_forgetting_the_truth_is_learned_in_the_end() -> None:
    for months in (10, 100, 1000, 10_000):
        found, _ = believed(0.4, months, forgetting=0.0)
        assert found - 0.4 == pytest.approx(4.0 * (0.05 - 0.4) / (4.0 + 1.4 * months), rel=1e-9)


def test_v12c_after_a_campaign_belief_returns_with_the_half_life_of_memory() -> None:
    _, quiet = believed(0.02, 2000)
    base, _ = believed(0.02, 0, start=quiet)
    peak, heated = believed(0.6, 24, start=quiet)
    assert peak > base + 0.2
    half_life = np.log(0.5) / np.log(1 - 0.03)
    later, _ = believed(0.02, round(half_life), start=heated)
    assert (later - base) / (peak - base) == pytest.approx(0.97 ** round(half_life), rel=1e-3)


def test_peers_know_their_cell_the_public_the_nation() -> None:
    table = theta("learning", belief__peer_weight=1.0, belief__public_weight=0.5, belief__forgetting=0.03)
    pseudo = np.zeros((2, 2, N_CELLS))
    detection = np.zeros((2, N_CELLS))
    detection[:, 0] = 1.0
    weights = np.zeros(N_CELLS)
    weights[:2] = 0.5
    learning.learn(table, pseudo, detection, weights)
    assert pseudo[0, 0, 0] == pytest.approx(1.0 + 0.5 * 0.5) and pseudo[0, 0, 1] == pytest.approx(0.5 * 0.5)


def test_own_cases_are_believed_and_forgotten() -> None:
    """An applicant caught once believes (w prior + k caught) / (w + k tried), k the share still remembered."""

    def share(tried: float, caught: float, months: int) -> float:
        table = only(scale=1e-3, payoff=1000.0, p=0.05, sanction__patent=0.0, fabrication__moral_cost_log_sd=0.4,
                     fabrication__moral_cost_all=700.0, belief__prior_weight=4.0)  # fmt: skip
        integrity = stats.norm.ppf((np.arange(N) + 0.5) / N)
        people = owners(N, SME_CELL, integrity=integrity, tried=tried, caught=caught)
        return float(decide(people, table, OCCASION, month=months)[0].book[0]) / N

    for tried, caught, months in ((0.0, 0.0, 0), (3.0, 2.0, 0), (3.0, 2.0, 20), (3.0, 0.0, 0), (3.0, 2.0, 400)):
        kept = (1 - theta("filing")[stakes.FORGETTING, SME_CELL]) ** months
        p = (4 * 0.05 + kept * caught) / (4 + kept * tried)
        closed = stats.norm.cdf(np.log((1 - p) * 1000 / 700) / 0.4)
        assert share(tried, caught, months) == pytest.approx(closed, abs=3 / N)


def test_beliefs_are_capped_and_tasted() -> None:
    table = only(scale=1e-3, payoff=1000.0, p=0.3, sanction__patent=0.0, fabrication__moral_cost_all=600.0,
                 fabrication__moral_cost_log_sd=0.0, belief__ambiguity_sd=0.3)  # fmt: skip
    taste = stats.norm.ppf((np.arange(N) + 0.5) / N)
    # bad faith pays where p exp(s t - s^2/2) < 0.4
    closed = stats.norm.cdf((np.log(0.4 / 0.3) + 0.045) / 0.3)
    assert filed_bad(table, taste=taste) == pytest.approx(closed, abs=2 / N)
