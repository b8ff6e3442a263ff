"""The clock: months are integers, spans are half-open, dates live at the edges."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipplan import clock


@given(st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31)))
def test_a_month_is_the_months_since_january_2017(day: dt.date) -> None:
    number = clock.month(f"{day:%Y-%m}")
    assert number == (day.year - 2017) * 12 + day.month - 1
    assert clock.month_of(day.year, day.month) == number
    assert clock.label(number) == f"{day:%Y-%m}"
    assert clock.year_of(number) == day.year


@given(st.integers(-240, 480))
def test_a_label_leads_back_to_its_month(number: int) -> None:
    assert clock.month(clock.label(number)) == number


@pytest.mark.parametrize(
    "text", ["2017", "2017-13", "2017-00", "17-01", "2017-1", "2017/01", "2017-01-01", "", " 2017-01"]
)
def test_what_is_not_a_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        clock.month(text)


@pytest.mark.parametrize("text", ["2017-01\n", "２０１７-０１"])
def test_a_month_is_nothing_but_four_and_two_ascii_digits(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        clock.month(text)


@given(st.integers(0, 227), st.integers(0, 120))
def test_full_years_are_those_whose_twelve_months_are_run(start: int, length: int) -> None:
    end = start + length
    run = set(range(start, end))
    wanted = [year for year in range(2015, 2050) if set(range((year - 2017) * 12, (year - 2016) * 12)) <= run]
    assert list(clock.full_years(start, end)) == wanted


def test_the_horizon_starts_in_2017_and_ends_before_2036() -> None:
    assert clock.label(clock.FIRST_MONTH) == "2017-01"
    assert clock.label(clock.LAST_END) == "2036-01"
