"""Properties of the office: it serves whom it may, in order, within its hours - whatever the queues look like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness import call, theta
from ipplan.phases import intake, planning
from ipplan.rights.docket import SLOTS
from ipplan.world import N_FIELDS, N_GROUPS, N_QUEUES, SERVED_LANES
from mechanisms import examiners

QUICK = SERVED_LANES - 1
AIMS = np.array([20.0, 5.0])


def planned(
    eligible: list[int], hours: list[float], table: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the cases served by queue and the hours they take by group."""
    staff = examiners()
    staff.hours[:] = hours
    waiting, served = np.array(eligible, np.int64), np.zeros(N_QUEUES, np.int64)
    call(planning.plan_month, examiners=staff, theta=table, cell=0, aims=AIMS, eligible=waiting,
         served=served)  # fmt: skip
    assert (served >= 0).all() and (served <= waiting).all()
    used = np.zeros(N_GROUPS)
    fast_time = table[planning.FAST_TIME, 0]
    for queue, n in enumerate(served):
        group = queue // SERVED_LANES if queue < N_FIELDS * SERVED_LANES else queue - N_FIELDS * QUICK
        quick = queue < N_FIELDS * SERVED_LANES and queue % SERVED_LANES < QUICK
        used[group] += n * staff.case_hours[group] * (fast_time if quick else 1.0)
    return served, used / staff.case_hours


@given(
    st.lists(st.integers(0, 3000), min_size=N_QUEUES, max_size=N_QUEUES),
    st.lists(st.floats(1.0, 1e5), min_size=N_GROUPS, max_size=N_GROUPS),
    st.floats(0.005, 0.9), st.floats(0.3, 1.2), st.floats(0.0, 4.0),
)  # fmt: skip
def test_the_office_serves_within_its_hours_and_wastes_none_while_cases_wait(
    eligible: list[int], hours: list[float], quota: float, fast_time: float, response: float
) -> None:
    table = theta("plan", examination__fast_quota=quota, examination__fast_time=fast_time,
                  examination__quota_response=response)  # fmt: skip
    served, cases = planned(eligible, hours, table)
    for group in range(N_GROUPS):
        queues = slice(group * SERVED_LANES, group * SERVED_LANES + SERVED_LANES) if group < N_FIELDS else [
            group + N_FIELDS * QUICK]  # fmt: skip
        waiting, done = np.array(eligible)[queues].sum(), served[queues].sum()
        reference = (
            table[planning.HOURS_INVENTION, 0]
            if group < N_FIELDS
            else table[planning.HOURS_UM + group - N_FIELDS, 0]
        )
        most = hours[group] / (reference * table[planning.FEWEST_HOURS, 0])
        least = hours[group] / (reference * table[planning.MOST_HOURS, 0])
        assert cases[group] <= most * (1 + 1e-9) + 1e-9
        if group < N_FIELDS or group == N_GROUPS - 1:  # the normal lane and marks go no faster than announced
            in_time = waiting / ((AIMS[0] - table[planning.LAG_NORMAL, 0] if group < N_FIELDS else AIMS[1]) + 1.0)
            normal = done if group == N_GROUPS - 1 else served[queues][QUICK]
            assert normal == 0 or done <= in_time
            if done + 1 > in_time:
                continue
        if done < waiting:  # work-conserving: less than a case's time is left while somebody waits
            assert cases[group] > least - max(1.0, fast_time) - 1e-6


@given(
    st.integers(1, 4), st.integers(1, 400), st.integers(0, 10**6),
    st.lists(st.integers(0, 9), min_size=4, max_size=40),
)  # fmt: skip
def test_any_cut_into_blocks_serves_the_same_cases_in_the_same_order(
    n_blocks: int, served: int, seed: int, sizes: list[int]
) -> None:
    """The first ``served`` cases by request month, whichever blocks hold them; the last month's bins are cut apart."""
    rng = np.random.default_rng(seed)
    months = len(sizes)
    lengths = np.zeros((n_blocks, N_QUEUES, SLOTS), np.int32)
    for slot, n in enumerate(sizes):
        lengths[:, 0, slot] = rng.multinomial(n, np.full(n_blocks, 1 / n_blocks))
    take = np.zeros(N_QUEUES, np.int64)
    take[0] = min(served, sum(sizes))
    takes, margins = np.zeros((n_blocks, N_QUEUES), np.int64), np.zeros((N_QUEUES, 2), np.int64)
    planning.share_out(lengths, months, take, takes, margins)
    whole = np.cumsum(sizes)
    full = int(np.count_nonzero(whole <= take[0]))
    first = lengths[:, 0, :full].sum(axis=1)
    np.testing.assert_array_equal(takes[:, 0], first)
    left = take[0] - first.sum()
    if left:
        assert tuple(margins[0]) == (full, left)
        # those of the bins that were filed earliest go first; ties by block, that is by applicant
        filed = np.zeros((n_blocks, N_QUEUES, SLOTS), np.int32)
        for block in range(n_blocks):
            filed[block, 0, :6] = rng.multinomial(lengths[block, 0, full], np.full(6, 1 / 6))
        planning.share_margins(filed, margins, takes)
        assert takes[:, 0].sum() == take[0]
        order = [(slot, block) for slot in range(6) for block in range(n_blocks) for _ in range(filed[block, 0, slot])]
        chosen = np.bincount([block for _, block in order[:left]], minlength=n_blocks)
        np.testing.assert_array_equal(takes[:, 0], first + chosen)
    else:
        assert margins[0, 0] == -1 or margins[0, 1] == 0


@given(st.floats(0.0, 1.0, exclude_max=True), st.floats(0.01, 0.99), st.floats(1.0, 30.0))
def test_a_request_comes_at_once_or_within_36_months(u: float, immediate: float, mean: float) -> None:
    delay = intake.request_delay(u, immediate, mean)
    assert 0 <= delay <= 35
    assert (delay == 0) == (u < immediate)


def test_the_months_to_a_request_are_geometric() -> None:
    n, immediate, mean = 100_000, 0.4, 6.0
    delays = np.array([intake.request_delay((i + 0.5) / n, immediate, mean) for i in range(n)])
    assert np.mean(delays == 0) == 0.4
    k = np.arange(1, 35)
    found = np.array([np.mean(delays == month) for month in k])
    np.testing.assert_allclose(found, 0.6 * (1 / mean) * (1 - 1 / mean) ** (k - 1), atol=3e-5)


@given(st.floats(0.05, 500.0), st.floats(0.05, 500.0), st.floats(1.0, 40.0), st.floats(0.0, 4.0))
def test_longer_queues_never_bring_more_hours_a_case(one: float, other: float, aim: float, response: float) -> None:
    low, high = sorted((one, other))
    hours = [planning.hours_for(30.0, waited, aim, response, 0.55, 1.3) for waited in (low, high)]
    assert hours[1] <= hours[0] and min(hours) >= 0.55 * 30 and max(hours) <= 1.3 * 30 + 1e-9


def test_preliminary_examination_plans_by_its_line_and_late() -> None:
    table = theta("plan", examination__planning_months=10.0, examination__quota_response=1.0,
                  examination__hours_per_case__utility_model=1.0)  # fmt: skip
    staff = examiners(100.0)
    queue, group = N_FIELDS * SERVED_LANES, N_FIELDS
    aim = table[planning.AIM_UM, 0]
    seen = []
    for months in (aim, 1.1 * aim, 1.1 * aim, 1.1 * aim):
        waiting, served = np.zeros(N_QUEUES, np.int64), np.zeros(N_QUEUES, np.int64)
        waiting[queue] = round(100 * months)
        call(planning.plan_month, examiners=staff, theta=table, cell=0, aims=AIMS,
             eligible=waiting, served=served)  # fmt: skip
        seen.append(staff.case_hours[group])
    planned = [1.1 - 0.1 * 0.9**n for n in range(4)]
    np.testing.assert_allclose(seen, [1.0 / ratio for ratio in planned], rtol=1e-3)



def lines(arriving: tuple[int, int, int], capacity: float, months: int, fast_time: float = 0.7) -> list[float]:
    """Let a field's lanes come in at a constant rate; returns the lines of fast, priority and normal in months."""
    table = theta("plan", examination__fast_quota=0.02, examination__fast_time=fast_time,
                  examination__hours_per_case__invention=1.0, examination__quota_response=0.0)  # fmt: skip
    staff, waiting, served = examiners(0.0), np.zeros(N_QUEUES, np.int64), np.zeros(N_QUEUES, np.int64)
    staff.hours[:] = 1.0
    staff.hours[0] = capacity
    for _ in range(months):
        waiting[:SERVED_LANES] += arriving
        call(planning.plan_month, examiners=staff, theta=table, cell=0, aims=AIMS, eligible=waiting, served=served)
        waiting -= served
    return [line / max(1, rate) for line, rate in zip(waiting[:SERVED_LANES].tolist(), arriving, strict=True)]


def test_quick_lanes_above_their_quota_get_the_hours_to_spare() -> None:
    """A field with four times the hours it needs: quick cases do not wait, all cases wait the aim on average."""
    fast, priority, normal = lines((10, 10, 80), 400.0, 300)
    assert fast == priority == 0.0
    lag = theta("plan")[planning.LAG_NORMAL, 0]
    assert 0.8 * normal == pytest.approx(AIMS[0] - lag, rel=0.01)


@pytest.mark.parametrize("fast_time", [0.5, 1.19])
def test_a_single_quick_case_is_served(fast_time: float) -> None:
    assert lines((1, 0, 0), 40.0, 30, fast_time)[0] <= 1.0
