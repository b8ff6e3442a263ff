"""Bins against deques: records come out in the order they went in, none is lost or doubled, room is used again."""

from __future__ import annotations

from collections import Counter, deque
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness import assert_books, lying, owners, records, theta
from ipplan.compiled import kernel
from ipplan.ledger import Tally
from ipplan.phases import conclusion, planning
from ipplan.rights import bins
from ipplan.rights.bins import CHUNK, FREED, LATEST, USED_CHUNKS, Bins
from ipplan.rights.docket import BEFORE, DECIDED, SLOTS, Docket
from ipplan.rights.register import Register
from ipplan.world import INVENTION, N_QUEUES, NORMAL
from mechanisms import examine, examiners, filings, receive

N_BINS = 5
KIND = np.dtype([("number", "i4"), ("twice", "i8")])


@kernel
def _put(table, where, numbers):
    for i in range(len(numbers)):
        record = table.records[bins.add(table, where)]
        record.number = numbers[i]
        record.twice = 2 * numbers[i]


@kernel
def _take(table, where, out):
    n = 0
    chunk = bins.take_out(table, where)
    while chunk >= 0:
        behind, held = bins.read_on(table, chunk, where)
        for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + held):
            out[n] = table.records[place].number
            n += 1
        bins.give_back(table, chunk)
        chunk = behind
    return n


@kernel
def _move(table, where, ways, n_bins):
    """Move each record of a bin into one of the ``ways`` bins behind it, by its number."""
    chunk = bins.take_out(table, where)
    while chunk >= 0:
        behind, held = bins.read_on(table, chunk, where)
        for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + held):
            record = table.records[place]
            table.records[bins.add(table, (where + 1 + record.number % ways) % n_bins)] = record
        bins.give_back(table, chunk)
        chunk = behind


class Model:
    """The same bins as deques, and the most chunks that were ever needed at once."""

    def __init__(self) -> None:
        self.bins: list[deque[int]] = [deque() for _ in range(N_BINS)]
        self.peak = 0

    def need(self, being_read: int = 0) -> None:
        self.peak = max(self.peak, being_read + sum(-(-len(one) // CHUNK) for one in self.bins))

    def put(self, where: int, numbers: NDArray[np.int64]) -> None:
        self.bins[where].extend(numbers.tolist())
        self.need()

    def take(self, where: int) -> list[int]:
        taken = list(self.bins[where])
        self.bins[where].clear()
        return taken

    def move(self, where: int, ways: int) -> None:
        taken = self.take(where)
        for i, number in enumerate(taken):
            self.bins[(where + 1 + number % ways) % N_BINS].append(number)
            self.need(being_read=-(-len(taken) // CHUNK) - i // CHUNK)


def assert_same(table: Bins, model: Model) -> None:
    assert_books(table)
    for where, wanted in enumerate(model.bins):
        held = table.records[lying(table, where)]
        np.testing.assert_array_equal(held["number"], wanted)
        np.testing.assert_array_equal(held["twice"], 2 * held["number"].astype(np.int64))
    assert table.book[USED_CHUNKS] == model.peak  # a chunk is new only where no free one is left


def guarded(table: Bins) -> Bins:
    """The same table in front of memory that nobody uses, so that a write past its end is a failure and no crash."""
    columns = {}
    for name in ("records", "follows"):
        column = getattr(table, name)
        columns[name] = np.concatenate([column, np.zeros(1000, column.dtype)])[: len(column)]
    return table._replace(**columns)


places = st.integers(0, N_BINS - 1)
steps = st.one_of(
    st.tuples(st.just("put"), places, st.integers(0, 12 * CHUNK)),
    st.tuples(st.just("put"), places, st.just(CHUNK)),
    st.tuples(st.just("take"), places, st.just(0)),
    st.tuples(st.just("move"), places, st.integers(1, N_BINS - 1)),
)


@given(st.lists(steps, max_size=40))
def test_bins_are_deques_with_no_more_room_than_they_ask_for(todo: list[tuple[str, int, int]]) -> None:
    """Tables grow to just what ``with_room`` says (here a spare chunk a bin), so too little would be seen."""
    table, model, number = Bins.empty(KIND, N_BINS), Model(), 0
    with mock.patch.object(bins, "SPARE", N_BINS), mock.patch.object(bins, "roomy", int.__add__):
        for what, where, n in todo:
            table = guarded(bins.with_room(table, n if what == "put" else 0))
            assert_same(table, model)  # growth keeps what lies in the table
            if what == "put":
                numbers = np.arange(number, number + n)
                number += n
                _put(table, where, numbers)
                model.put(where, numbers)
                if n:
                    assert table.records[table.book[LATEST]]["number"] == numbers[-1]
            elif what == "take":
                out = np.full(number + CHUNK, -1)
                found = _take(table, where, out)
                assert out[:found].tolist() == model.take(where)
            else:
                _move(table, where, n, N_BINS)
                model.move(where, n)
            assert_same(table, model)


@pytest.mark.parametrize("n", [1, CHUNK - 1, CHUNK, CHUNK + 1, 1000])
def test_chunks_that_were_read_are_used_again(n: int) -> None:
    table, out = bins.with_room(Bins.empty(KIND, N_BINS), n), np.zeros(n, np.int64)
    for turn in range(100):
        same = bins.with_room(table, n)
        assert same is table  # nothing grows while chunks come back
        _put(table, turn % N_BINS, np.arange(n))
        assert _take(table, turn % N_BINS, out) == n
        np.testing.assert_array_equal(out, np.arange(n))
    assert table.book[USED_CHUNKS] == table.book[FREED] == -(-n // CHUNK)
    assert_books(table)


def test_growth_keeps_records_where_they_lie_and_leaves_the_old_table_alone() -> None:
    n = 20_000
    table = bins.with_room(Bins.empty(KIND, N_BINS), n)
    _put(table, 1, np.arange(n))
    _put(table, 3, np.arange(7))
    old = table.records.copy()
    wider = bins.with_room(table, 10 * n)
    assert len(wider.follows) > len(table.follows) and len(wider.records) == CHUNK * len(wider.follows)
    np.testing.assert_array_equal(table.records, old)
    used = int(table.book[USED_CHUNKS]) * CHUNK
    np.testing.assert_array_equal(wider.records[:used], old[:used])
    np.testing.assert_array_equal(lying(wider, 1), lying(table, 1))
    np.testing.assert_array_equal(records(wider)["number"], [*range(n), *range(7)])
    _put(wider, 3, np.arange(7, 10 * n))
    np.testing.assert_array_equal(wider.records[lying(wider, 3)]["number"], np.arange(10 * n))
    assert_books(wider)


def test_a_month_of_the_register_starts_no_more_chunks_than_are_kept_ready() -> None:
    assert len(Register.empty().first) < bins.SPARE


QUEUE = NORMAL  # of the first field


@given(st.lists(st.tuples(st.integers(0, 3 * CHUNK), st.integers(0, 3 * CHUNK)), min_size=1, max_size=20))
def test_a_queue_is_taken_up_from_its_front_a_few_cases_at_a_time(months: list[tuple[int, int]]) -> None:
    """Arrivals and cases taken up by month: what is taken up, and what goes on waiting, is that of a deque.

    Cases taken up come to lie in the bin of their conclusion in the order in which they were taken up.
    """
    people, staff, tally = owners(1), examiners(), Tally.empty()
    lag = {f"examination__prosecution_months__{kind}": 0.0 for kind in ("normal", "fast")}
    table = theta("examination", **lag)  # cases are concluded in the month after
    docket, waiting, serial = Docket.empty(), deque[tuple[int, int]](), 0
    for month, (arriving, wanted) in enumerate(months):
        filed = filings(arriving, owner=0, serial=serial + np.arange(arriving), right=INVENTION, field=0)
        docket = receive(people, filed, docket, tally, month)
        waiting.extend((month, serial + i) for i in range(arriving))
        serial += arriving
        takes = np.zeros(N_QUEUES, np.int64)
        takes[QUEUE] = min(wanted, len(waiting))
        docket = examine(docket, people, staff, table, tally, month, takes=takes)
        taken = [waiting.popleft() for _ in range(takes[QUEUE])]
        assert_books(docket)
        concluded = docket.records[lying(docket, DECIDED + INVENTION * SLOTS + BEFORE + month + 1)]
        assert list(zip(concluded["filed"].tolist(), concluded["serial"].tolist(), strict=True)) == taken
        assert conclusion.due(docket, month + 1) == (len(taken), 0)
        left, by_month = [], np.zeros((N_QUEUES, SLOTS), np.int32)
        for past in range(month + 1):
            cases = docket.records[lying(docket, QUEUE * SLOTS + BEFORE + past)]
            assert len(cases) == docket.length[QUEUE, BEFORE + past]
            left += list(zip(cases["filed"].tolist(), cases["serial"].tolist(), strict=True))
            margins = np.full((N_QUEUES, 2), -1, np.int64)
            margins[QUEUE, 0] = BEFORE + past
            planning.filed_when(docket, margins, by_month)
        assert left == list(waiting)
        assert Counter(filed for filed, _ in waiting) == {
            slot - BEFORE: by_month[QUEUE, slot] for slot in np.flatnonzero(by_month[QUEUE])
        }
        assert by_month.sum() == len(waiting)
        assert len(records(docket)) == serial
