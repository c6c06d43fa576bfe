from datetime import date

import pytest

from daybook.months import LAST, days_in_month, end_of_month, is_end_of_month, month_index, nth_weekday, shift_months
from daybook.weekdays import Weekday


@pytest.mark.parametrize("year, month, days", [(2023, 2, 28), (2024, 2, 29), (1900, 2, 28), (2000, 2, 29), (2024, 4, 30), (2024, 12, 31)])
def test_days_in_month(year, month, days):
    assert days_in_month(year, month) == days


@pytest.mark.parametrize("start, months, expected", [
    (date(2024, 1, 15), 1, date(2024, 2, 15)),
    (date(2024, 1, 31), 1, date(2024, 2, 29)),
    (date(2023, 1, 31), 1, date(2023, 2, 28)),
    (date(2024, 11, 30), 3, date(2025, 2, 28)),
    (date(2024, 3, 31), -1, date(2024, 2, 29)),
    (date(2024, 1, 10), -1, date(2023, 12, 10)),
    (date(2024, 2, 29), 12, date(2025, 2, 28)),
])
def test_shift_months(start, months, expected):
    assert shift_months(start, months) == expected


def test_month_index_counts_calendar_months():
    assert month_index(date(2025, 1, 1)) - month_index(date(2024, 12, 31)) == 1


def test_end_of_month():
    assert end_of_month(date(2024, 2, 3)) == date(2024, 2, 29)
    assert is_end_of_month(date(2024, 6, 30))
    assert not is_end_of_month(date(2024, 7, 30))


def test_nth_weekday():
    assert nth_weekday(2024, 5, Weekday.MONDAY, 1) == date(2024, 5, 6)
    assert nth_weekday(2024, 5, Weekday.FRIDAY, LAST) == date(2024, 5, 31)
    assert nth_weekday(2024, 5, Weekday.FRIDAY, 5) == date(2024, 5, 31)
    assert nth_weekday(2024, 4, Weekday.FRIDAY, 5) is None
