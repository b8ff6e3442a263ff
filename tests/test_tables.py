"""Layers over the table of a month: what they move, in which order, and what stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from ipplan import schema
from ipplan.phases import provinces, services
from ipplan.tables import MARK_FILERS, PROVINCES, SERVICES, Floats, Table, bounds
from ipplan.world import N_CELLS, N_KINDS

READS = ("finance.guarantee", "finance.rollover")
KNOWN = schema.primitives()
MONTHS = 4


def table(constant: bool = False) -> Table:
    """Return a table whose values change in the third month, if it is not constant."""
    values: Floats = np.empty((1 if constant else MONTHS, N_CELLS, len(READS))).transpose(0, 2, 1)
    for row, name in enumerate(READS):
        values[:, row] = KNOWN[name].value
    values[2:] *= 0.9
    return Table(READS, values, constant)


@pytest.mark.parametrize("constant", [True, False])
def test_a_layer_at_rest_leaves_the_array_of_the_schedule(constant: bool) -> None:
    found = table(constant)
    layer = found.lay(PROVINCES, (0, 1), KNOWN)
    layer.settle()
    for month in range(MONTHS):
        assert found.at(month) is found.scheduled(month)


def test_a_layer_moves_its_rows_within_bounds_and_nothing_else() -> None:
    found = table()
    layer = found.lay(PROVINCES, (0, 1), KNOWN)
    layer.shift[0, 7], layer.factor[1, 8] = 0.05, 100.0
    layer.settle()
    for month in range(MONTHS):
        over, under = found.at(month), found.scheduled(month)
        assert over[0, 7] == under[0, 7] + 0.05 and over[1, 8] == KNOWN[READS[1]].high
        assert np.argwhere(over != under).tolist() == [[0, 7], [1, 8]]
        assert over.flags.f_contiguous  # as the schedule lays it: the reads of a cell side by side


def test_a_table_is_made_anew_only_when_something_has_changed() -> None:
    found = table()
    layer = found.lay(SERVICES, (0,))
    layer.factor[:] = 1.1
    layer.settle()
    first = found.at(0)
    assert found.at(0) is first and found.at(1) is first
    assert found.at(2) is not first and found.at(3) is found.at(2)
    layer.settle()
    again = found.at(0)
    assert again is not first
    np.testing.assert_array_equal(again, first)
    found.lift(SERVICES)
    assert found.at(0) is found.scheduled(0)


def test_layers_lie_in_one_order_whoever_comes_first() -> None:
    """Services multiply, provinces add to that, and what filers of marks replace is replaced."""
    made = []
    for order in ((SERVICES, PROVINCES, MARK_FILERS), (MARK_FILERS, PROVINCES, SERVICES)):
        found = table()
        layers = {whose: found.lay(whose, (0, 1)) for whose in order}
        layers[SERVICES].factor[:] = 2.0
        layers[PROVINCES].shift[0] = 0.5
        layers[MARK_FILERS].factor[1], layers[MARK_FILERS].shift[1] = 0.0, 7.0
        for layer in layers.values():
            layer.settle()
        made.append(found.at(0))
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(made[0][0], 2.0 * table().at(0)[0] + 0.5)
    assert (made[0][1] == 7.0).all()


def test_what_is_drawn_up_is_shared_until_a_layer_moves_something() -> None:
    drawn = []

    def draw(values: Floats) -> float:
        drawn.append(values)
        return float(values.sum())

    shared = table()
    one, other = shared.for_a_run(), shared.for_a_run()
    assert one.drawn_up(0, draw) == other.drawn_up(1, draw) == shared.at(0).sum()
    assert len(drawn) == 1
    layer = one.lay(SERVICES, (0,))
    layer.factor[:] = 1.1
    layer.settle()
    assert one.drawn_up(1, draw) == one.drawn_up(0, draw) == one.at(0).sum() != shared.at(0).sum()
    assert len(drawn) == 2
    assert other.drawn_up(2, draw) == one.scheduled(2).sum() and len(drawn) == 3
    ahead = shared.with_rows({0: np.ones((MONTHS, N_CELLS))})
    assert ahead.drawn_up(0, draw) == ahead.at(0).sum() and len(drawn) == 4


def test_runs_share_values_and_no_layer() -> None:
    shared = table()
    one, other = shared.for_a_run(), shared.for_a_run()
    layer = one.lay(SERVICES, (0,))
    layer.factor[:] = 3.0
    layer.settle()
    assert not np.array_equal(one.at(0), one.scheduled(0))
    assert other.at(0) is shared.at(0) is one.scheduled(0)
    np.testing.assert_array_equal(one.for_a_run().at(0), shared.at(0))


def test_rows_may_be_replaced_by_paths() -> None:
    now = table()
    path = np.arange(MONTHS * N_CELLS, dtype=float).reshape(MONTHS, N_CELLS)
    ahead = now.with_rows({1: path})
    for month in range(MONTHS):
        np.testing.assert_array_equal(ahead.at(month), [now.at(month)[0], path[month]])
    assert now.with_rows({}) is now


def test_bounds_of_a_read_by_kind() -> None:
    low, high = bounds("filing.payoff.*", KNOWN)
    assert low.shape == (N_CELLS,) and low[1] == KNOWN["filing.payoff.sme"].low
    assert high[N_KINDS + 5] == KNOWN["filing.payoff.foreign"].high


def test_no_layer_lies_where_provinces_are_compared_by_measures_alone() -> None:
    """Registrations reuse the terms of a province that no measure tells apart (``registrations.differs``)."""
    assert "registration" not in {*services.TOUCHED, *provinces.MOVED}
