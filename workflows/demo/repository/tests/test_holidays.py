from datetime import date

import pytest

from daybook import Convention, EasterHoliday, FixedHoliday, HolidayCalendar, NthWeekdayHoliday, Weekday, adjust
from daybook.holidays import easter


@pytest.mark.parametrize("day", [date(2019, 4, 21), date(2023, 4, 9), date(2024, 3, 31), date(2025, 4, 20), date(2038, 4, 25)])
def test_easter(day):
    assert easter(day.year) == day


def test_observed_holiday_may_fall_into_the_year_before():
    calendar = HolidayCalendar([FixedHoliday(1, 1, observed=True)])
    assert calendar.holidays(2021) == {date(2021, 1, 1), date(2021, 12, 31)}


def test_nth_weekday_and_easter_holidays():
    calendar = HolidayCalendar([NthWeekdayHoliday(11, Weekday.THURSDAY, 4), EasterHoliday(1)])
    assert calendar.holidays(2024) == {date(2024, 11, 28), date(2024, 4, 1)}


def test_leap_day_holiday_is_absent_in_common_years():
    assert HolidayCalendar([FixedHoliday(2, 29)]).holidays(2023) == set()


def test_business_days():
    calendar = HolidayCalendar([FixedHoliday(12, 25), FixedHoliday(12, 26)])
    assert calendar.business_days(date(2024, 12, 23), date(2024, 12, 29)) == 3


@pytest.mark.parametrize("convention, expected", [
    (Convention.NONE, date(2024, 3, 31)),
    (Convention.FOLLOWING, date(2024, 4, 2)),
    (Convention.PRECEDING, date(2024, 3, 28)),
    (Convention.MODIFIED_FOLLOWING, date(2024, 3, 28)),
])
def test_conventions(convention, expected):
    calendar = HolidayCalendar([EasterHoliday(-2), EasterHoliday(1)])
    assert adjust(date(2024, 3, 31), calendar, convention) == expected
