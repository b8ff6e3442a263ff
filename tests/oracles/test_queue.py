"""V6 to V9: the office as a queue, against Little, Kleinrock, Spitzer, the fluid limit - and against the library ciw.

The clock allows exact comparisons. Within a month arrivals come first, then the office serves up to c cases, first in,
first out. Two queues in continuous time have the same law, and ciw simulates both independently of our code:

* arrivals in batches at whole months and one server with service time 1/c: a case is served in the month in which its
  service starts, so with the same batches the months waited agree case by case (D[X]/D/1, and with two priority
  classes for the fast lane);
* M/D/c with service time of one month and Poisson arrivals: its queue just after each month's departures follows the
  same recursion Q' = max(0, Q + A - c), so mean waits agree in distribution, and Spitzer's identity gives them exactly.

What this does not compare: M/M/c. Hours per case are planned, not drawn, so service within a month is deterministic;
and with the c of a real office random waiting is nil (the warning at V8, asserted below) - pendency is backlog.
"""

from __future__ import annotations

from typing import Any

import ciw
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from ipplan import ledger as L
from ipplan.phases import planning
from ipplan.world import FAST, INVENTION, N_FIELDS, NORMAL, TRADEMARK, UTILITY_MODEL
from mechanisms import Office

MARKS, MODELS = N_FIELDS + 2, N_FIELDS
Counts = NDArray[np.int64]


def mark_office(capacity: float, **settings: Any) -> Office:
    return Office({MARKS: float(capacity)}, **settings)


def serve(office: Office, arrivals: Counts, right: int = TRADEMARK, lane: int = 6) -> tuple[Counts, Counts]:
    """Run the office over the months of ``arrivals``; returns (waiting at month-end, waits [month, months waited])."""
    queue, waits = [], []
    for n in arrivals:
        office.step([(int(n), right, NORMAL)] if n else [])
        queue.append(int(office.tally.stocks[:, right, L.PENDING_EXAM].sum()))
        waits.append(office.tally.waits[lane].copy())
        office.tally.waits[:] = 0
    return np.array(queue), np.array(waits)


def mean_wait(waits: Counts) -> float:
    total = waits.sum(axis=0) if waits.ndim == 2 else waits
    return float(total @ np.arange(len(total)) / total.sum())


# --- V6 --------------------------------------------------------------------------------------------------------------
def test_v6_little_holds_case_by_case_until_the_office_is_empty() -> None:
    """Over a stretch that begins and ends empty, the sum of month-end stocks is the sum of months waited: no error."""
    rng = np.random.default_rng(6)
    arrivals = np.concatenate([rng.poisson(30, 60), np.zeros(60, np.int64)])
    queue, waits = serve(mark_office(25), arrivals)
    assert queue[-1] == 0 and queue.max() > 100
    assert queue.sum() == (waits.sum(axis=0) * np.arange(L.MAX_WAIT)).sum()
    assert waits.sum() == arrivals.sum()


def test_v6_little_from_request_to_conclusion() -> None:
    """The same with prosecution behind the queue: stock at the office against waits counted at the conclusion."""
    rng = np.random.default_rng(7)
    arrivals = np.concatenate([rng.poisson(30, 60), np.zeros(90, np.int64)])
    office = Office({MODELS: 24.0})
    office.exam[12:16] = 4.0  # months of prosecution
    stocks, waits = 0, np.zeros(L.MAX_WAIT, np.int64)
    for n in arrivals:
        office.step([(int(n), UTILITY_MODEL, NORMAL)])
        stocks += int(office.tally.stocks[:, UTILITY_MODEL, [L.PENDING_EXAM, L.PENDING_DECISION]].sum())
        waits += office.tally.waits[4]
        office.tally.waits[:] = 0
    assert office.tally.stocks[..., : L.IN_FORCE].sum() == 0
    assert waits.sum() == arrivals.sum() and stocks == waits @ np.arange(L.MAX_WAIT)


def test_v6_little_within_a_percent_on_a_stationary_docket() -> None:
    rng = np.random.default_rng(8)
    queue, waits = serve(mark_office(16), rng.poisson(15.2, 220))
    late = slice(20, None)
    throughput = waits[late].sum() / len(waits[late])
    assert queue[late].mean() == pytest.approx(throughput * mean_wait(waits[late]), rel=0.01)


# --- months announced ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("aim", [1.0, 4.0, 7.5])
def test_an_office_with_hours_to_spare_takes_the_months_it_has_announced(aim: float) -> None:
    """The line settles where a month's arrivals are 1 / (aim + 1) of it: each case waits the aim on average."""
    arrivals = np.full(160, 600)
    queue, waits = serve(mark_office(2000, aims=(0.0, aim)), arrivals)
    late = slice(100, None)
    assert mean_wait(waits[late]) == pytest.approx(aim, rel=0.005)
    assert queue[-1] == pytest.approx(600 * aim, rel=0.005)


def test_hours_that_do_not_suffice_are_all_worked_whatever_was_announced() -> None:
    arrivals = np.full(60, 600)
    bound, free = (serve(mark_office(500, aims=(0.0, aim)), arrivals)[0] for aim in (4.0, 0.0))
    assert (np.diff(bound)[30:] == 100).all() and (np.diff(free) == 100).all()


# --- ciw, case by case -----------------------------------------------------------------------------------------------
def ciw_batches(
    batches: dict[str, Counts], capacity: int, priorities: dict[str, int] | None = None
) -> dict[str, Counts]:
    """Months waited by class for batches at whole months and one server with service time 1/capacity, from ciw.

    The urgent class arrives a hair before the month, and a hair earlier every month, so that whenever the server is
    about to take a new month's first case the urgent ones stand in line already.
    """
    months = len(next(iter(batches.values())))
    step = {name: 1.0 - (1e-7 if priorities and priorities[name] == 0 else 0.0) for name in batches}
    network = ciw.create_network(
        arrival_distributions={
            name: [ciw.dists.Sequential([*([step[name]] * months), 1e9])] for name in batches
        },
        batching_distributions={name: [ciw.dists.Sequential([int(n) for n in sizes] + [0])]
                                for name, sizes in batches.items()},
        service_distributions={name: [ciw.dists.Deterministic(1.0 / capacity)] for name in batches},
        number_of_servers=[1],
        **({"priority_classes": priorities} if priorities else {}),
    )  # fmt: skip
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(months + 10_000.0)
    found = {name: np.zeros(L.MAX_WAIT, np.int64) for name in batches}
    for record in simulation.get_all_records():
        arrived = int(record.arrival_date + 0.5)
        found[record.customer_class][int(record.service_start_date + 1e-3) - arrived] += 1
    return found


@pytest.mark.parametrize(("rate", "capacity"), [(7.0, 8), (7.8, 8), (8.6, 8), (15.0, 16)])
def test_v7_first_in_first_out_waits_are_those_of_ciw_case_by_case(rate: float, capacity: int) -> None:
    arrivals = np.random.default_rng(int(10 * rate)).poisson(rate, 150)
    _, waits = serve(mark_office(capacity), np.concatenate([arrivals, np.zeros(60, np.int64)]))
    np.testing.assert_array_equal(waits.sum(axis=0), ciw_batches({"all": arrivals}, capacity)["all"])


def lanes(fast: Counts, normal: Counts, capacity: int, quota: float = 1.0) -> tuple[Counts, Counts]:
    """Serve fast and normal inventions of one field; returns the waits of both (months until taken up)."""
    office = Office({0: float(capacity)})
    office.plan[7] = quota
    for quick, slow in zip(fast, normal, strict=True):
        office.step([(int(quick), INVENTION, FAST), (int(slow), INVENTION, NORMAL)])
    while office.tally.stocks[..., : L.PENDING_REEXAM].sum() > 0:
        office.step([])
    waits = office.tally.waits
    assert waits[:4].sum() == fast.sum() + normal.sum()
    lag = 1  # a case taken up in a month is concluded in the next
    return np.roll(waits[0] + waits[1], -lag), np.roll(waits[2], -lag)


@pytest.mark.parametrize("share", [0.12, 0.4, 0.7])
def test_v7_a_priority_lane_is_that_of_ciw_and_conserves_waiting(share: float) -> None:
    """Non-pre-emptive priority, equal service: the fast gain exactly what the normal lose (Kleinrock)."""
    rng, capacity = np.random.default_rng(70), 16
    fast, normal = rng.poisson(15.4 * share, 150), rng.poisson(15.4 * (1 - share), 150)
    quick, slow = lanes(fast, normal, capacity)
    months = np.arange(L.MAX_WAIT)
    # labelled cases go to the fast or the priority lane, both before the normal one: as a class they are one
    library = ciw_batches({"fast": fast, "normal": normal}, capacity, {"fast": 0, "normal": 1})
    np.testing.assert_array_equal(quick, library["fast"])
    np.testing.assert_array_equal(slow, library["normal"])
    _, waits = serve(mark_office(capacity), np.concatenate([fast + normal, np.zeros(60, np.int64)]))
    assert (quick + slow) @ months == waits.sum(axis=0) @ months
    assert mean_wait(quick) < mean_wait(slow)


def test_v7_a_quota_holds_the_fast_lane_back_and_still_conserves_waiting() -> None:
    rng, capacity = np.random.default_rng(71), 16
    fast, normal = rng.poisson(6.0, 120), rng.poisson(9.4, 120)
    months = np.arange(L.MAX_WAIT)
    totals = {}
    for quota in (0.125, 0.25, 0.5, 1.0):
        quick, slow = lanes(fast, normal, capacity, quota)
        totals[quota] = (quick @ months, (quick + slow) @ months)
    assert len({total for _, total in totals.values()}) == 1
    waits = [quick for quick, _ in totals.values()]
    assert waits == sorted(waits, reverse=True) and waits[0] > waits[-1]


# --- V8 --------------------------------------------------------------------------------------------------------------
def spitzer(rate: float, capacity: int) -> float:
    """Mean queue after service of Q' = max(0, Q + Poisson(rate) - c): sum of E[(S_k - kc)+] / k over k."""
    k = np.arange(1, 20_000)
    m, a = k * rate, k * capacity
    excess = m * stats.poisson.sf(a - 1, m) - a * stats.poisson.sf(a, m)
    return float((excess / k).sum())


def ciw_mdc(rate: float, capacity: int, months: int, seed: int) -> float:
    """Mean wait of M/D/c with a service time of one month, from ciw."""
    ciw.seed(seed)
    network = ciw.create_network(arrival_distributions=[ciw.dists.Exponential(rate)],
                                 service_distributions=[ciw.dists.Deterministic(1.0)],
                                 number_of_servers=[capacity])  # fmt: skip
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(float(months))
    return float(np.mean([r.waiting_time for r in simulation.get_all_records() if r.arrival_date > 30]))


@pytest.mark.parametrize(("rate", "capacity"), [(1.6, 2), (7.2, 8), (15.0, 16)])
def test_v8_stationary_waits_are_those_of_m_d_c(rate: float, capacity: int) -> None:
    """Our mean wait against Spitzer's exact one (z over 40 runs) and against ciw's M/D/c with its own error."""
    runs = []
    for seed in range(40):
        arrivals = np.random.default_rng((8, seed)).poisson(rate, 210)
        queue, _ = serve(mark_office(capacity), arrivals)
        runs.append(queue[40:].mean() / rate)
    exact = spitzer(rate, capacity) / rate
    assert abs(np.mean(runs) - exact) < 4 * stats.sem(runs)
    assert stats.sem(runs) < 0.12 * exact
    library = [ciw_mdc(rate, capacity, 150, seed) for seed in range(10)]
    assert abs(np.mean(runs) - np.mean(library)) < 4 * np.hypot(stats.sem(runs), stats.sem(library))


def test_v7_and_v8_waits_of_two_classes_as_cobham_has_them() -> None:
    """The urgent see only themselves, all together are one queue: E Q_f = Q(l_f), E Q_n = Q(l) - Q(l_f).

    This is Cobham's result for this clock; Q is Spitzer's. Mean over 30 runs within 4 standard errors.
    """
    rng, capacity, urgent, rest = np.random.default_rng(72), 4, 2.8, 0.9
    waits = []
    for _ in range(30):
        fast, normal = rng.poisson(urgent, 190), rng.poisson(rest, 190)
        quick, slow = lanes(fast, normal, capacity)
        waits.append((mean_wait(quick), mean_wait(slow)))
    alone, both = spitzer(urgent, capacity), spitzer(urgent + rest, capacity)
    for found, closed in zip(np.transpose(waits), (alone / urgent, (both - alone) / rest), strict=True):
        assert abs(found.mean() - closed) < 4 * stats.sem(found)
        assert stats.sem(found) < 0.12 * closed


def test_v8_warning_with_many_examiners_chance_explains_no_pendency() -> None:
    """At c = 160 and 98 % load the exact mean wait is days; the backlog of V9 is what makes months."""
    exact = spitzer(156.8, 160) / 156.8
    _, waits = serve(mark_office(160), np.random.default_rng(88).poisson(156.8, 200))
    assert exact < 0.15 and mean_wait(waits) < 0.5


# --- V9 --------------------------------------------------------------------------------------------------------------
def test_v9_fluid_overload_and_its_clearing() -> None:
    """2500 waiting, 140 in, 150 out a month: W(120) = (2500 - 10 x 120) / 150 = 8.67 months."""
    arrivals = np.full(200, 140)
    arrivals[0] += 2500
    queue, waits = serve(mark_office(150), arrivals)
    assert queue[119] == 2500 - 10 * 120
    assert queue[119] / 150 == pytest.approx(8.67, abs=0.005)
    # waits by month of filing: the cohort of month m sees a queue of 2500 - 10 m before it
    by_cohort = np.zeros((200, 2))
    for month, row in enumerate(waits):
        for waited in np.flatnonzero(row):
            by_cohort[month - waited] += (row[waited], row[waited] * waited)
    complete = np.arange(1, 150)
    mean = by_cohort[complete, 1] / by_cohort[complete, 0]
    first = np.arange(200)
    exact = [np.mean((2500 - 10 * m + np.arange(140)) // 150) for m in first[complete]]
    np.testing.assert_allclose(mean, exact)
    slope = np.polyfit(complete, mean, 1)[0]
    assert slope == pytest.approx(-10 / 150, rel=0.02)  # (mu - lambda) / mu a month


def test_v9_a_fall_of_filings_by_a_tenth_shortens_waits_linearly() -> None:
    arrivals = np.concatenate([[1500 + 150], np.full(39, 150), np.full(80, 135)])
    queue, _ = serve(mark_office(150), arrivals)
    assert (queue[:40] == 1500).all()
    np.testing.assert_array_equal(np.diff(queue[39:]), -15)


# --- the office plans ------------------------------------------------------------------------------------------------
def test_hours_not_used_are_lost() -> None:
    arrivals = np.random.default_rng(4).poisson(7.0, 150)
    _, waits = serve(mark_office(8, lose_idle_hours=False), np.concatenate([arrivals, np.zeros(40, np.int64)]))
    np.testing.assert_array_equal(waits.sum(axis=0), ciw_batches({"all": arrivals}, 8)["all"])


def test_fractions_of_a_case_are_carried_over() -> None:
    """2.375 cases a month under a full queue are 2 after one month and 23 after ten."""
    queue, _ = serve(mark_office(2.375, lose_idle_hours=False), np.array([100] + [0] * 29))
    np.testing.assert_array_equal(100 - queue, np.floor(2.375 * np.arange(1, 31)))


def test_the_quota_goes_up_when_pendency_stands_above_the_aim_and_within_bounds() -> None:
    hours = [planning.hours_for(30.0, waited, 20.0, 1.0, 0.55, 1.3) for waited in (5.0, 20.0, 25.0, 80.0)]
    assert hours == pytest.approx([39.0, 30.0, 24.0, 16.5])
    assert planning.hours_for(30.0, 80.0, 20.0, 0.0, 0.55, 1.3) == 30.0
