"""V10, V11, V14: search, screening and their limits, through the engine's own kernels on constructed filings.

Binomial counts are held against theory at 4.5 standard errors: one false alarm in 150,000 comparisons.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness import Floats, one_agency, owners, records, theta
from ipplan import ledger as L
from ipplan.ledger import Tally
from ipplan.phases import learning
from ipplan.rights.docket import ALLOWED, BAD, REFUSED, STRUCK, Docket
from ipplan.world import INVENTION, N_CELLS, TRADEMARK, UTILITY_MODEL
from mechanisms import examine, examiners, filings, receive

N = 40_000


def near(count: int, n: int, p: float) -> bool:
    """Say whether a binomial count is within 4.5 standard errors of ``n p``."""
    return abs(count - n * p) <= 4.5 * np.sqrt(max(n * p * (1 - p), 1e-12)) + 1e-9


SEARCH_ONLY = {
    "examination__false_refusal": 0.0, "examination__repair": 0.0, "examination__abandonment": 0.0,
    "examination__standard__invention": 0.0, "examination__reexam_request": 0.0,
}  # fmt: skip


def granted_share(flawed: float, hours: float, seed: int = 1, skill: float = 1.0, bad: float = 0.0,
                  **values: float) -> float:  # fmt: skip
    """Examine N inventions of which the first share is below the standard (and the next in bad faith)."""
    quality = np.where(np.arange(N) < flawed * N, -1.0, 1.0)
    faith = (np.arange(N) >= (1 - bad) * N) * BAD
    filed = filings(N, right=INVENTION, quality=quality, flags=faith, field=np.arange(N) % 8)
    people, tally = owners(N), Tally.empty()
    docket = receive(people, filed, Docket.empty(), tally, seed=seed)
    staff = examiners(search=skill)
    staff.case_hours[:] = hours
    docket = examine(docket, people, staff, theta("examination", **{**SEARCH_ONLY, **values}), tally, seed=seed)
    flags = records(docket)["flags"]
    assert len(flags) == N
    return float((flags & ALLOWED != 0).sum() / N)


@pytest.mark.parametrize("flawed", [0.2, 0.375, 0.7])
@pytest.mark.parametrize("kt", [0.0, 0.3, 1.0, 1.83, 6.0, 200.0])
def test_v10_grant_rate_by_search_time(flawed: float, kt: float) -> None:
    share = granted_share(flawed, hours=kt / 0.05, examination__search_productivity=0.05)
    found = flawed * (1.0 - np.exp(-kt))
    assert near(round(share * N), N, 1.0 - found)
    if kt == 0.0:
        assert share == 1.0  # nobody looked
    if kt == 200.0:
        assert share == pytest.approx(1.0 - flawed, abs=1 / N)  # all was seen


@pytest.mark.parametrize(("flawed", "kt"), [(0.375, 1.83), (0.51, 0.97), (0.9, 0.4)])
def test_v10_halving_the_time_raises_grants_by_at_most_half_the_refusals(flawed: float, kt: float) -> None:
    full, half = (granted_share(flawed, t / 0.05, examination__search_productivity=0.05) for t in (kt, kt / 2))
    assert 0.0 < half - full <= (1.0 - full) / 2 + 4.5 / np.sqrt(N)


def test_v10_the_calibration_of_frakes_and_wasserman() -> None:
    """68.5 % granted and +9 points when time halves: 37.5 % flawed, recall 0.84 and 0.60."""
    kt = -np.log(1 - 0.84)
    full, half = (granted_share(0.375, t / 0.05, examination__search_productivity=0.05) for t in (kt, kt / 2))
    assert full == pytest.approx(0.685, abs=0.008)
    assert half - full == pytest.approx(0.09, abs=0.012)


def test_v10_what_is_in_bad_faith_is_flawed_however_good_it_looks_and_skill_multiplies_search() -> None:
    share = granted_share(0.0, 10.0, bad=0.3, skill=2.0, examination__search_productivity=0.05)
    assert near(round(share * N), N, 1 - 0.3 * (1 - np.exp(-0.05 * 2.0 * 10.0)))


@pytest.mark.parametrize(("false_refusal", "abandonment"), [(0.12, 0.0), (0.0, 0.15), (0.2, 0.3)])
def test_sound_cases_are_lost_only_by_false_refusal_and_abandonment(false_refusal: float, abandonment: float) -> None:
    share = granted_share(0.0, 10.0, examination__false_refusal=false_refusal, examination__abandonment=abandonment)
    assert near(round(share * N), N, (1 - abandonment) * (1 - false_refusal))


def test_repair_saves_flawed_claims_that_were_found_but_not_bad_faith() -> None:
    kt = {"examination__search_productivity": 1.0, "examination__repair": 0.4}
    assert near(round(granted_share(0.5, 1e3, **kt) * N), N, 0.5 + 0.5 * 0.4)
    assert near(round(granted_share(0.0, 1e3, bad=0.5, **kt) * N), N, 0.5)


def test_refusals_are_the_given_share_of_what_is_not_granted() -> None:
    filed = filings(N, right=INVENTION, quality=-1.0)
    people, tally = owners(N), Tally.empty()
    docket = receive(people, filed, Docket.empty(), tally)
    staff = examiners()
    staff.case_hours[:] = 1e6
    table = theta("examination", **SEARCH_ONLY, examination__refusal_share=0.45)
    flags = records(examine(docket, people, staff, table, tally))["flags"]
    assert len(flags) == N and near(int((flags & REFUSED != 0).sum()), N, 0.45)


def test_marks_are_struck_by_chance_of_detection_and_pass_by_theirs() -> None:
    strike = np.zeros((N_CELLS, 5))
    strike[:, 0], strike[:, 1] = 0.02, 0.6
    flags = (np.arange(N) % 4 == 0) * BAD
    people, tally = owners(N), Tally.empty()
    docket = receive(people, filings(N, right=TRADEMARK, flags=flags), Docket.empty(), tally)
    table = theta("examination", examination__trademark_pass=0.74)
    result = records(examine(docket, people, examiners(), table, tally, strike=strike))["flags"]
    assert len(result) == N
    struck, bad = result & STRUCK != 0, result & BAD != 0
    assert near(int(struck[bad].sum()), N // 4, 0.6) and near(int(struck[~bad].sum()), 3 * N // 4, 0.02)
    assert near(int((result[~struck] & ALLOWED != 0).sum()), int((~struck).sum()), 0.74)


# --- screening at intake ---------------------------------------------------------------------------------------------
def screening(discrimination: float, threshold: float, capacity: float = 1e12, filed: float = 1e5) -> Floats:
    table = theta("learning", screening__discrimination=discrimination, screening__threshold=threshold,
                  screening__capacity=capacity)  # fmt: skip
    return learning.detection_chances(table, filed, filed)[0]


def screen(prevalence: float, chances: Floats, risk: float = 1.0, n: int = N) -> tuple[int, int, int]:
    """Screen n filings; returns (bad ones, true flags, false flags)."""
    bad = np.arange(n) < round(prevalence * n)
    people, tally, desk = owners(n), Tally.empty(), one_agency()
    desk.risk[:] = risk
    filed = filings(n, right=UTILITY_MODEL, flags=bad * BAD)
    receive(people, filed, Docket.empty(), tally, chances=chances, agencies=desk)
    flows = tally.flows[:, UTILITY_MODEL].sum(axis=0)
    assert flows[L.FILED] == n and flows[L.FILED_BAD] == bad.sum()
    return int(bad.sum()), int(flows[L.FLAGGED_BAD]), int(flows[L.FLAGGED] - flows[L.FLAGGED_BAD])


@pytest.mark.parametrize(("d", "c"), [(2.0, 1.9), (2.84, 1.29), (0.5, 0.0), (1.5, 2.5)])
@pytest.mark.parametrize("prevalence", [0.02, 0.2])
def test_v11_rates_of_true_and_false_flags_and_precision(d: float, c: float, prevalence: float) -> None:
    bad, true, false = screen(prevalence, screening(d, c))
    tpr, fpr = stats.norm.cdf(d - c), stats.norm.cdf(-c)
    assert near(true, bad, tpr)
    assert near(false, N - bad, fpr)
    ppv = prevalence * tpr / (prevalence * tpr + (1 - prevalence) * fpr)
    assert near(true, true + false, ppv)


def test_v11_the_area_under_the_curve_gives_back_d_prime() -> None:
    """With d' = 2.84: 6.1 % missed at 9.8 % false, area 0.978 (Palangkaraya et al.)."""
    d = stats.norm.ppf(1 - 0.061) + stats.norm.ppf(1 - 0.098)
    thresholds = np.linspace(-3.0, 6.0, 46)
    points = []
    for c in thresholds:
        bad, true, false = screen(0.5, screening(d, c), n=8_000)
        points.append((false / (8_000 - bad), true / bad))
    x, y = np.array(points).T
    area = float(np.trapezoid(y[::-1], x[::-1]))
    assert area == pytest.approx(stats.norm.cdf(d / np.sqrt(2)), abs=0.006)
    assert area == pytest.approx(0.978, abs=0.006)
    _, hit, false = screen(0.5, screening(d, stats.norm.ppf(1 - 0.098)))
    assert near(hit, N // 2, 0.939) and near(false, N // 2, 0.098)


@pytest.mark.parametrize(("prevalence", "ppv"), [(0.02, 0.32), (0.05, 0.55), (0.1, 0.72), (0.2, 0.85)])
def test_v11b_precision_falls_with_prevalence_as_bayes_has_it(prevalence: float, ppv: float) -> None:
    """Hit rate 0.7 and false alarms 0.03: precision 0.32, 0.55, 0.72, 0.85."""
    c = stats.norm.isf(0.03)
    _, true, false = screen(prevalence, screening(c + stats.norm.ppf(0.7), c), n=200_000)
    assert true / (true + false) == pytest.approx(ppv, abs=0.02)


def test_v11b_and_v14_without_bad_faith_screening_only_harms() -> None:
    bad, true, false = screen(0.0, screening(2.0, 1.9))
    assert bad == true == 0 and near(false, N, stats.norm.cdf(-1.9))
    _, _, none = screen(0.0, screening(2.0, 9.0))
    assert none == 0  # and with no false alarms it changes nothing


def test_v14_perfect_discrimination_finds_all_and_only_bad_faith() -> None:
    bad, true, false = screen(0.1, screening(40.0, 20.0))
    assert true == bad and false == 0


@pytest.mark.parametrize(("capacity", "risk"), [(3e4, 1.0), (3e4, 2.0), (3e4, 10.0), (2e5, 0.5)])
def test_staff_limit_the_share_that_is_screened(capacity: float, risk: float) -> None:
    bad, true, _ = screen(0.3, screening(2.0, 1.9, capacity, filed=1e5), risk)
    screened = min(1.0, min(1.0, capacity / 1e5) * risk)
    assert near(true, bad, screened * stats.norm.cdf(0.1))


@given(st.floats(0.1, 6.0), st.floats(-1.0, 5.0), st.floats(1e3, 2e6), st.floats(1.0, 1e7))
def test_chances_of_detection_are_signal_detection_limited_by_staff(d: float, c: float, k: float, filed: float) -> None:
    found = screening(d, c, k, filed)
    np.testing.assert_allclose(found[:, 0], min(1.0, k / filed))
    np.testing.assert_allclose(found[:, 1, 0], stats.norm.cdf(-c), atol=1e-12)
    np.testing.assert_allclose(found[:, 1, 1], stats.norm.cdf(d - c), atol=1e-12)
    assert (found[:, 1, 1] > found[:, 1, 0]).all()


def test_a_flagged_filer_contests_by_worth_and_wins_by_truth() -> None:
    """P(contest) = logistic((win x worth - cost) / scale), for the guilty and the honest alike."""
    sure = np.ones((N_CELLS, 2, 2))
    table = theta("intake", screening__contest_cost=4000.0, screening__contest_scale=1200.0,
                  screening__win_honest=0.6, screening__win_bad=0.1)  # fmt: skip
    for flag, win in ((0, 0.6), (BAD, 0.1)):
        people, tally = owners(N), Tally.empty()
        receive(people, filings(N, right=UTILITY_MODEL, flags=flag, worth=8000.0), Docket.empty(), tally, chances=sure,
                table=table)  # fmt: skip
        flows = tally.flows[:, UTILITY_MODEL].sum(axis=0)
        contested = 1 / (1 + np.exp(-(win * 8000.0 - 4000.0) / 1200.0))
        assert flows[L.FLAGGED] == N and near(int(flows[L.CONTESTED]), N, contested)
        assert near(int(flows[L.CONTEST_WON]), int(flows[L.CONTESTED]), win)
        assert tally.stocks[..., L.PENDING_EXAM].sum() == flows[L.CONTEST_WON]
