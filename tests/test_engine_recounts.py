"""Nothing is lost: what lies in the bins, counted again, is what the stocks say (test V2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from books import AT_HOME, RAN_MONTHS
from harness import Table, assert_books, lying, records
from ipplan import ledger as L
from ipplan.agents.borrowers import NO_CONTRACT
from ipplan.phases import lending
from ipplan.phases.invalidation import MONTHS_AHEAD
from ipplan.phases.sleep import MARK_TERM
from ipplan.rights.docket import BEFORE, DECIDED, EXPIRING, SLOTS
from ipplan.rights.loans import BEFORE as LOANS_BEFORE
from ipplan.rights.loans import DUE_SLOTS
from ipplan.rights.register import (
    OPEN,
    PATENT_CHANCES,
    PATENT_YEARS,
    R_CHALLENGED,
    R_USED,
    STOCK_FLAGS,
    WAKE_SLOTS,
    WEIGHING,
)
from ipplan.system import IPSystem
from ipplan.world import (
    N_CELLS,
    N_FIELDS,
    N_KINDS,
    N_QUEUES,
    N_RIGHTS,
    TRADEMARK,
    UTILITY_MODEL_QUEUE,
)

IDENTITY = ["owner", "filed", "serial", "right", "log_value", "quality"]
IDENTITY_OF_MARK = ["owner", "filed", "serial", "log_value"]


def sleepers(table: Table) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Return the records of all bins of a table, whose books are in order, and the bin of each."""
    assert_books(table)
    numbers = [len(lying(table, where)) for where in range(len(table.first))]
    return records(table), np.repeat(np.arange(len(numbers)), numbers)


def count_stocks(found: NDArray[np.int64], rights: NDArray[np.void], right: Any, cell: NDArray[np.int64]) -> None:
    """Count rights in force in all stocks they belong to; ``found`` [stock, right, cell]."""
    right = np.broadcast_to(right, len(rights))
    np.add.at(found, (L.IN_FORCE, right, cell), 1)
    for bit, stock in enumerate(L.STOCKS_OF_RIGHTS[1:]):
        on = (rights["flags"] & STOCK_FLAGS) >> bit & 1 == 1
        np.add.at(found, (stock, right[on], cell[on]), 1)


def test_a_recount_of_the_register_gives_the_stocks(ran: IPSystem) -> None:
    found = np.zeros((L.N_STOCKS, N_RIGHTS, N_CELLS), np.int64)
    unused = np.zeros((N_FIELDS, N_KINDS), np.int64)
    for block in ran.blocks:
        patents, where = sleepers(block.register)
        assert len(np.unique(patents[IDENTITY])) == len(patents)  # a record that moves leaves nothing behind
        assert (patents["right"] < TRADEMARK).all()
        cell = ran.applicants.cell[patents["owner"]]
        count_stocks(found, patents, patents["right"], cell)
        idle = patents["flags"] & R_USED == 0
        np.add.at(unused, (patents["field"][idle], cell[idle] % N_KINDS), 1)
        # each right sleeps in the bin of the month and the reason for which it wakes, and will wake
        why, wake = np.divmod(where, WAKE_SLOTS)
        is_open = why == OPEN
        np.add.at(found, (L.stock("open_licences"), patents["right"][is_open], cell[is_open]), 1)
        assert (wake[is_open] == RAN_MONTHS).all() and not (why == WEIGHING).any()
        assert (wake >= RAN_MONTHS).all() and (patents["granted"] >= patents["filed"]).all()
        months = (wake - patents["filed"])[~is_open]
        np.testing.assert_array_equal(why[~is_open] == PATENT_YEARS, months % 12 == 0)
        assert (wake[~is_open] < RAN_MONTHS + 12).all() and set(why) - {OPEN} == {PATENT_YEARS, PATENT_CHANCES}
        marks, wake = sleepers(block.register.marks)
        assert len(np.unique(marks[IDENTITY_OF_MARK])) == len(marks)
        count_stocks(found, marks, TRADEMARK, ran.applicants.cell[marks["owner"]])
        assert (wake >= RAN_MONTHS).all() and (wake <= marks["granted"] + MARK_TERM * (
            (RAN_MONTHS - 1 - marks["granted"]) // MARK_TERM + 1)).all()  # fmt: skip
    tally = sum(block.tally.stocks.T for block in ran.blocks)
    of_rights = [*L.STOCKS_OF_RIGHTS, L.stock("open_licences")]
    np.testing.assert_array_equal(found[of_rights], tally[of_rights])
    np.testing.assert_array_equal(unused, sum(block.tally.unused for block in ran.blocks))
    np.testing.assert_array_equal(tally, ran.ledger.stocks_yearly[-1])


def test_a_recount_of_the_contracts_gives_their_stocks(ran: IPSystem) -> None:
    stocks = (L.CONTRACTS_OPEN, L.CONTRACTS_SMALL, L.LOANS_OUTSTANDING)
    found = np.zeros((len(stocks), N_RIGHTS, N_CELLS), np.int64)
    held = np.full(len(ran.applicants), NO_CONTRACT)
    for block in ran.blocks:
        assert_books(block.loans)
        for slot in range(DUE_SLOTS):
            places = lying(block.loans, slot)
            assert slot - LOANS_BEFORE >= RAN_MONTHS or len(places) == 0  # what was due is gone
            contracts = block.loans.records[places]
            assert ((contracts["owner"] >= block.low) & (contracts["owner"] < block.high)).all()
            held[contracts["owner"]] = places
            at = contracts["right"], ran.applicants.cell[contracts["owner"]]
            np.add.at(found[0], at, 1)
            np.add.at(found[1], at, contracts["registered"] <= lending.SMALL)
            np.add.at(found[2], at, contracts["loan"])
        assert len(np.unique(records(block.loans)["owner"])) == len(records(block.loans))  # one at a time
    np.testing.assert_array_equal(held, ran.borrowers.contract)
    tally = sum(block.tally.stocks.T for block in ran.blocks)
    np.testing.assert_array_equal(found, tally[list(stocks)])
    assert found[0].sum() > 0 or ran.scale < 1 / 5000  # a contract is rare


def test_a_recount_of_the_docket_gives_the_pending_stocks(ran: IPSystem) -> None:
    found = np.zeros((L.N_STOCKS, N_RIGHTS, N_CELLS), np.int64)
    last = RAN_MONTHS - 1
    for block in ran.blocks:
        docket = block.docket
        assert_books(docket)
        assert len(np.unique(records(docket)[IDENTITY])) == len(records(docket))

        def add(cases: NDArray[np.void], stock: int) -> None:
            np.add.at(found, (stock, cases["right"], ran.applicants.cell[cases["owner"]]), 1)

        for queue in range(N_QUEUES):
            assert docket.length[queue, : docket.oldest[queue]].sum() == 0
            for slot in range(SLOTS):
                cases = docket.records[lying(docket, queue * SLOTS + slot)]
                assert len(cases) == docket.length[queue, slot]
                assert (cases["due"] == slot - BEFORE).all()
                np.testing.assert_array_equal(np.lexsort((cases["owner"], cases["filed"])), np.arange(len(cases)))
                at_office = slot - BEFORE <= last or queue >= UTILITY_MODEL_QUEUE
                add(cases, L.PENDING_EXAM if at_office else L.PENDING_REQUEST)
        for right in range(N_RIGHTS):
            for slot in range(SLOTS):
                cases = docket.records[lying(docket, DECIDED + right * SLOTS + slot)]
                assert slot - BEFORE > last or len(cases) == 0
                assert (cases["right"] == right).all()
                add(cases[cases["lane"] > 3], L.PENDING_OPPOSITION if right == TRADEMARK else L.PENDING_REEXAM)
                add(cases[cases["lane"] <= 3], L.PENDING_DECISION)
        for slot in range(SLOTS):
            cases = docket.records[lying(docket, EXPIRING + slot)]
            assert slot - BEFORE > last or len(cases) == 0
            assert (cases["due"] == slot - BEFORE).all()
            add(cases, L.PENDING_REQUEST)
        assert len(docket.first) == EXPIRING + SLOTS
    tally = sum(block.tally.stocks.T for block in ran.blocks)
    np.testing.assert_array_equal(found[list(AT_HOME)], tally[list(AT_HOME)])


def test_a_recount_of_the_disputes_gives_the_pending_stocks(ran: IPSystem) -> None:
    found = np.zeros((L.N_FORUMS, N_RIGHTS, N_CELLS), np.int64)
    challenged = np.zeros((N_RIGHTS, N_CELLS), np.int64)
    for block in ran.blocks:
        assert_books(block.disputes)
        cases = records(block.disputes)
        np.add.at(found, (cases["forum"], cases["right"], ran.applicants.cell[cases["owner"]]), 1)
        rights = records(block.register)
        rights = rights[rights["flags"] & R_CHALLENGED != 0]
        np.add.at(challenged, (rights["right"], ran.applicants.cell[rights["owner"]]), 1)
        assert (rights["bound"] % MONTHS_AHEAD >= RAN_MONTHS).all()  # every ruling is still to come
        assert all(len(lying(block.disputes, month)) == 0 for month in range(RAN_MONTHS))
    tally = sum(block.tally.stocks.T for block in ran.blocks)
    np.testing.assert_array_equal(found, tally[L.DISPUTES_MEDIATION : L.PENDING_INVALIDATION])
    np.testing.assert_array_equal(challenged, tally[L.PENDING_INVALIDATION])
