"""Nothing writes an indicator: each is counted from events that a phase records, or is declared as given."""

from __future__ import annotations

import pytest

from ipplan.analysis.origins import records
from ipplan.indicators import definitions
from ipplan.phases.month import PHASES
from ipplan.report.dictionary import recorded_by

COUNTED = [name for name, one in definitions().items() if one.kind != "displacement" and not one.exogenous]


@pytest.mark.parametrize("name", COUNTED)
def test_an_indicator_is_counted_from_what_a_phase_records(name: str) -> None:
    counted = records(definitions()[name])
    assert counted
    main = counted[: max(1, len(definitions()[name].numerator))]
    assert any(recorded_by().get(record) for record in main), f"no phase was seen to record {main}"


def test_what_records_is_a_phase_and_not_the_closing_of_the_books() -> None:
    phases = {phase.__name__ for phase in PHASES} - {"close_books"}
    assert {phase for found in recorded_by().values() for phase in found} <= phases


def test_what_is_given_to_the_model_is_little_and_says_so() -> None:
    given = {name for name, one in definitions().items() if one.exogenous}
    assert given == {"copyright_va_share", "rd_intensity"}
