from datetime import date
from itertools import islice

import pytest

from daybook import Daily, Monthly, MonthlyByWeekday, RuleError, Weekday, Weekly, Yearly
from daybook.months import LAST


def first(rule, anchor, n):
    return list(islice(rule.dates(anchor), n))


def test_daily():
    assert first(Daily(10), date(2024, 2, 20), 3) == [date(2024, 2, 20), date(2024, 3, 1), date(2024, 3, 11)]


def test_weekly_keeps_the_weekday_of_the_anchor():
    assert first(Weekly(2), date(2024, 1, 3), 3) == [date(2024, 1, 3), date(2024, 1, 17), date(2024, 1, 31)]


def test_weekly_on_several_days_starts_at_the_anchor():
    rule = Weekly(1, (Weekday.FRIDAY, Weekday.MONDAY))
    assert first(rule, date(2024, 1, 3), 3) == [date(2024, 1, 5), date(2024, 1, 8), date(2024, 1, 12)]


def test_monthly_at_the_end_of_the_month():
    assert first(Monthly(), date(2024, 1, 31), 5) == [
        date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31),
    ]


def test_quarterly():
    assert first(Monthly(3), date(2024, 1, 15), 3) == [date(2024, 1, 15), date(2024, 4, 15), date(2024, 7, 15)]


def test_yearly_on_a_leap_day():
    assert first(Yearly(), date(2024, 2, 29), 5)[1:] == [
        date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29),
    ]


def test_monthly_by_weekday():
    assert first(MonthlyByWeekday(Weekday.FRIDAY, LAST), date(2024, 1, 1), 3) == [
        date(2024, 1, 26), date(2024, 2, 23), date(2024, 3, 29),
    ]


def test_fifth_weekday_skips_months_without_one():
    assert first(MonthlyByWeekday(Weekday.FRIDAY, 5), date(2024, 1, 1), 2) == [date(2024, 3, 29), date(2024, 5, 31)]


@pytest.mark.parametrize("rule", [
    Daily(), Daily(9), Weekly(), Weekly(3), Weekly(2, (Weekday.TUESDAY, Weekday.SUNDAY)),
    Monthly(), Monthly(5), Yearly(), MonthlyByWeekday(Weekday.MONDAY, 1), MonthlyByWeekday(Weekday.FRIDAY, 5, 2),
])
@pytest.mark.parametrize("target", [date(2023, 1, 1), date(2024, 3, 14), date(2024, 3, 20), date(2026, 11, 2), date(2031, 1, 1)])
def test_seek_goes_on_with_the_same_dates(rule, target):
    anchor = date(2024, 3, 14)
    expected = (day for day in rule.dates(anchor) if day >= target)
    sought = (day for day in rule.dates(rule.seek(anchor, target)) if day >= target)
    assert list(islice(sought, 20)) == list(islice(expected, 20))


@pytest.mark.parametrize("make", [lambda: Daily(0), lambda: Monthly(-1), lambda: MonthlyByWeekday(Weekday.MONDAY, 6)])
def test_impossible_rules(make):
    with pytest.raises(RuleError):
        make()
