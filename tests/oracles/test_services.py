"""Services, talent, norms, new fields: closed forms of the slow states, and of what they put into other phases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from harness import SME_CELL, Floats, owners, template, theta
from ipplan import ledger as L
from ipplan.ledger import Tally
from ipplan.phases import adoption, awareness, burden, new_field, norms, services, talent
from ipplan.phases import stakes as stk
from ipplan.phases.invention import IDEA
from ipplan.rights.docket import BEFORE, SLOTS, SOUND, Docket
from ipplan.world import FOREIGN, INVENTION, LARGE, N_CELLS, N_KINDS, UTILITY_MODEL
from mechanisms import decide, examine, examiners, filings, plain_intake, receive

N = 40_000
START = template().tables["services"].at(0)


def part(where: slice, **rows: float) -> Floats:
    """The primitives of a part of services, [read, cell], with some rows (by number) set."""
    table = START[where].copy()
    for row, value in rows.items():
        table[int(row[1:])] = value
    return table


def close(share: float, expected: float, n: int) -> bool:
    """A share of ``n`` draws, within 4.5 standard errors."""
    return abs(share - expected) < 4.5 * math.sqrt(max(expected * (1 - expected), 1e-9) / n) + 1e-12


# --- burden and errors of form ---------------------------------------------------------------------------------------
def test_the_burden_is_hours_and_the_expected_cost_of_errors() -> None:
    table = part(services.BURDEN)
    yuan, spread = burden.burden(table)
    cell = 30 * N_KINDS + 2  # an individual in the last province, which is in the west
    counter = table[burden.COUNTER, cell] * table[burden.REMOTENESS + 2, cell]
    assert spread[cell] == pytest.approx(1 + (table[burden.COUNTER_RATIO, cell] - 1) * counter)
    hours = table[burden.HOUR_VALUE, cell] * table[burden.HOURS, cell] * (1 + table[burden.EXTRA, cell] * counter)
    mended = table[burden.FEE, cell] + table[burden.HOUR_VALUE, cell] * table[burden.MENDING, cell]
    assert yuan[0, cell] == pytest.approx(hours + table[burden.ERROR, cell] * spread[cell] * mended)
    assert yuan[3, cell] == pytest.approx(hours * table[burden.RATIO + 2, cell])
    east = 2  # an individual in Beijing
    assert (yuan[:, cell] > yuan[:, east]).all() and (yuan[0, 2:N_CELLS:N_KINDS] > yuan[0, 0:N_CELLS:N_KINDS]).all()


@given(st.floats(-250, 2000), st.floats(0.0, 0.99), st.sampled_from([0, 1, 2, 5]))
def test_relief_is_for_fees_and_not_for_hours(change: float, relief: float, cell: int) -> None:
    fees = np.tile(np.array([3450.0, 2500.0, 2500.0, 300.0])[:, None], N_CELLS)
    granted = 0.0 if cell % N_KINDS in (LARGE, FOREIGN) else relief
    change = max(change, -0.98 * (1 - granted) * 2500.0)
    changes = np.full((4, N_CELLS), change)
    by_fee, by_relief = burden.with_burden(fees, np.full(N_CELLS, relief), changes)
    after, left = (fees * by_fee)[:, cell], relief * by_relief[cell]
    left = 0.0 if cell % N_KINDS in (LARGE, FOREIGN) else left
    np.testing.assert_allclose(after[:3] * (1 - left), fees[:3, cell] * (1 - granted) + change, rtol=1e-9)
    assert after[0] == pytest.approx(fees[0, cell] + change)  # who has lost relief pays fee and hours in full
    none, same = burden.with_burden(fees, np.full(N_CELLS, relief), np.zeros((4, N_CELLS)))
    assert (none == 1.0).all() and (same == 1.0).all()


@pytest.mark.parametrize(("error", "lost", "months"), [(0.1, 0.04, 1.0), (0.4, 0.5, 2.0), (1.0, 1.0, 1.0)])
def test_errors_of_form_cost_months_and_sometimes_the_filing(error: float, lost: float, months: float) -> None:
    people, tally = owners(N, SME_CELL), Tally.empty()
    table = plain_intake().copy()
    reads = template().tables["intake"].reads
    for name, value in (("formality.error.*", error), ("formality.abandonment", lost), ("formality.months", months)):
        table[reads.index(name)] = value
    docket = receive(people, filings(N, right=UTILITY_MODEL), Docket.empty(), tally, month=3, table=table)
    met = tally.flows[:, UTILITY_MODEL].sum(axis=0)
    errors, gone = met[burden.ERRORS], met[burden.ABANDONED]
    assert close(errors / N, error, N) and close(gone / N, error * lost, N)
    assert met[burden.ABANDONED_HONEST] == gone
    slots = docket.length.sum(axis=0)
    assert slots[BEFORE + 3] == N - errors and slots[BEFORE + 3 + int(months)] == errors - gone
    assert slots.sum() == N - gone and len(slots) == SLOTS


# --- awareness -------------------------------------------------------------------------------------------------------
def test_awareness_rests_in_every_bit_and_settles_where_flows_balance() -> None:
    start = part(services.AWARENESS)
    aware = start[awareness.SHARE].copy()
    for _ in range(20):
        aware = awareness.advanced(aware, start, start, 0.5)
    assert (aware == start[awareness.SHARE]).all()
    now = part(services.AWARENESS, r2=0.04)  # assistance
    for _ in range(4000):
        aware = awareness.advanced(aware, start, now, 0.5)
    first, s0, s1 = start[awareness.SHARE, 1], start[awareness.RATE, 1], 0.04
    omega, decay = start[awareness.SELECTION, 1], start[awareness.DECAY, 1]

    def weight(a: float) -> float:
        return float(awareness.dead_weight(np.array(a), np.array(omega)))

    learned = (decay * first - s0 * (1 - weight(first))) / (first * (1 - first))
    a = float(aware[1])
    assert a > first + 0.02
    assert learned * a * (1 - a) - decay * a + s1 * (1 - weight(a)) == pytest.approx(0.0, abs=1e-9)
    for _ in range(4000):  # without effort it is forgotten again
        aware = awareness.advanced(aware, start, start, 0.5)
    np.testing.assert_allclose(aware, start[awareness.SHARE], atol=1e-9)


@given(st.floats(0.01, 0.99), st.floats(0.1, 10))
def test_dead_weight_is_bayes(aware: float, omega: float) -> None:
    z = float(awareness.dead_weight(np.array(aware), np.array(omega)))
    assert z / (1 - z) == pytest.approx(omega * aware / (1 - aware))


# --- adoption --------------------------------------------------------------------------------------------------------
def bass(p: float, q: float, most: float) -> Floats:
    table = template().tables["services"].at(0)[services.ADOPTION][:, 0].copy()
    table[adoption.INNOVATION : adoption.INNOVATION + 4] = p
    table[adoption.IMITATION], table[adoption.CEILING] = q, most
    return table


@pytest.mark.parametrize(("p", "q"), [(0.004, 0.04), (0.02, 0.1), (0.1, 0.002)])
def test_adoption_follows_the_path_of_bass_whatever_the_step(p: float, q: float) -> None:
    share = np.zeros(4)
    for _ in range(10):
        share = adoption.adopted(share, bass(p, q, 1.0), 6.0)
    closed = (1 - math.exp(-(p + q) * 60)) / (1 + q / p * math.exp(-(p + q) * 60))
    np.testing.assert_allclose(share, closed, rtol=1e-12)
    one = adoption.adopted(np.zeros(4), bass(p, q, 0.6), 60.0)
    solved = integrate.solve_ivp(lambda _, f: (p + q * f) * (0.6 - f), (0, 60), [0.0], rtol=1e-10, atol=1e-12).y[0, -1]
    np.testing.assert_allclose(one, solved, rtol=1e-7)


def test_no_adoption_no_effect_and_full_adoption_the_stated_one() -> None:
    table = bass(0.01, 0.05, 0.9)
    assert (adoption.effects(np.zeros(4), table) == 1.0).all()
    full = np.log(adoption.effects(np.ones(4), table))
    stated = table[[adoption.FEE_CUT, adoption.CAPACITY_GAIN, adoption.NOISE, adoption.FAKE_COST_CUT,
                    adoption.SEARCH_GAIN, adoption.SCREENING_GAIN, adoption.MATCH_GAIN]]  # fmt: skip
    signs = np.array([-1, 1, 1, -1, 1, 1, 1])
    stated = signs * stated
    stated[5] -= table[adoption.STEALTH]
    np.testing.assert_allclose(full, stated)


# --- talent ----------------------------------------------------------------------------------------------------------
def test_the_stock_rests_at_one_and_rises_to_training_over_attrition() -> None:
    start = part(services.TALENT)[:, 0]
    assert talent.inflow(start, start) == 1.0 and talent.stock_after(1.0, 1.0, 0.07, 0.5) == 1.0
    assert (talent.drawn(start, start) == 1.0).all() and (talent.places_after(np.ones(5), start, start, 0.5) == 1).all()
    more = start.copy()
    more[talent.TRAINING] *= 1.5
    more[talent.NOMINAL] = 0.4  # half as many again in training, but fewer of them with the craft
    arriving = talent.inflow(more, start)
    assert arriving == pytest.approx(1.5 * 0.6 / (1 - start[talent.NOMINAL]))
    stock = 1.0
    for _ in range(20):
        stock = talent.stock_after(stock, arriving, 0.07, 0.5)
    assert stock == pytest.approx(arriving + (1 - arriving) * math.exp(-0.7))


def test_what_one_body_gains_the_others_lose() -> None:
    start = part(services.TALENT)[:, 0]
    now = start.copy()
    now[talent.WAGE + talent.TRANSFER] += 0.2
    shares = start[talent.SHARE : talent.SHARE + 5]
    places = talent.places_after(np.ones(5), now, start, 3.0)
    assert shares @ places == pytest.approx(shares.sum())
    assert places[talent.TRANSFER] > 1 and (np.delete(places, talent.TRANSFER) < 1).all()
    odds = talent.drawn(now, start)
    assert math.log(odds[talent.TRANSFER] / odds[talent.OFFICE]) == pytest.approx(0.2 * now[talent.RESPONSE])


# --- norms -----------------------------------------------------------------------------------------------------------
def test_norms_settle_at_their_equilibrium_with_the_stated_half_life() -> None:
    start = part(services.NORMS)
    seen, reference = np.full(N_CELLS, 0.1), np.full(N_CELLS, 0.3)
    now = start.copy()
    now[norms.CULTURE] += 0.25
    aim = norms.equilibrium(now, start, seen, reference)
    np.testing.assert_allclose(aim, 0.25 + start[norms.RESPONSE] * 0.2)
    half = norms.drifted(np.zeros(N_CELLS), aim, now[norms.HALF_LIFE], float(now[norms.HALF_LIFE, 0]))
    np.testing.assert_allclose(half, aim / 2)
    worse = norms.equilibrium(start, start, reference + 0.1, reference)
    assert (worse < 0).all() and (norms.equilibrium(start, start, reference, reference) == 0.0).all()


# --- the new field ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("noise", "opening"), [(0.2, 0.0), (0.7, 0.0), (0.7, 0.3)])
@pytest.mark.parametrize("quality", [0.5, 1.4])
def test_the_bar_of_the_new_field_is_noisy(noise: float, opening: float, quality: float) -> None:
    """With endless search, what does not clear the bar is found out: P(allowed) = Phi((q - q* + opening) / s)."""
    people, tally, docket = owners(N, SME_CELL), Tally.empty(), Docket.empty()
    docket = receive(people, filings(N, right=INVENTION, quality=quality, field=new_field.NEW_FIELD), docket, tally)
    table = theta("examination", examination__standard__invention=1.0, examination__abandonment=0.0,
                  examination__repair=0.0, examination__false_refusal=0.0, new_field__share=1.0,
                  new_field__uncertainty=noise, new_field__opening=opening)  # fmt: skip
    examine(docket, people, examiners(search=1e9), table, tally)
    met = tally.flows[:, INVENTION].sum(axis=0)
    clears = stats.norm.cdf((quality - 1.0 + opening) / noise)
    assert met[new_field.EXAMINED] == N
    if quality >= 1.0:
        assert close(met[new_field.SOUND_REFUSED] / N, 1 - clears, N) and met[new_field.FLAWED_GRANTED] == 0
    else:
        assert close(met[new_field.FLAWED_GRANTED] / N, clears, N) and met[new_field.SOUND_REFUSED] == 0
    assert SOUND


def test_inventions_held_back_are_those_of_the_new_field() -> None:
    people = owners(N, SME_CELL, field=new_field.NEW_FIELD)

    def flows(share: float, held: float) -> Floats:
        table = theta("filing", new_field__share=share, new_field__held_back=held, invention__own_field=1.0)
        return decide(people, table, IDEA)[1].flows[:, INVENTION].sum(axis=0)

    none, open_rules = flows(0.0, 0.5), flows(0.4, 0.25)
    filed, held = open_rules[new_field.FILED], open_rules[new_field.HELD_BACK]
    number = int(filed + held)
    assert none[new_field.FILED] == none[new_field.HELD_BACK] == 0 and number > 500
    assert close(held / number, 0.25, number)
    assert open_rules[L.NOT_FILED] - none[L.NOT_FILED] == held
    assert open_rules[L.IDEAS] == none[L.IDEAS] == N
    assert stk.NEW_SHARE != stk.HELD_BACK
