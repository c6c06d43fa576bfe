from datetime import date

import pytest

from daybook import Convention, Daily, FixedHoliday, HolidayCalendar, Monthly, RuleError, Schedule, Weekday, Weekly

RENT = Schedule(date(2024, 1, 15), Monthly())


def test_first():
    assert RENT.first(3) == [date(2024, 1, 15), date(2024, 2, 15), date(2024, 3, 15)]


def test_between_includes_both_ends():
    assert RENT.between(date(2024, 6, 15), date(2024, 8, 15)) == [date(2024, 6, 15), date(2024, 7, 15), date(2024, 8, 15)]


def test_between_before_the_start_is_empty():
    assert RENT.between(date(2020, 1, 1), date(2023, 12, 31)) == []


def test_between_far_from_the_start():
    assert RENT.between(date(2160, 2, 1), date(2160, 3, 31)) == [date(2160, 2, 15), date(2160, 3, 15)]


def test_next_after():
    assert RENT.next_after(date(2024, 9, 20)) == date(2024, 10, 15)
    assert RENT.next_after(date(2024, 10, 15)) == date(2024, 11, 15)
    assert RENT.next_after(date(2000, 1, 1)) == date(2024, 1, 15)


def test_count_ends_the_schedule():
    schedule = Schedule(date(2024, 1, 31), Monthly(), count=3)
    assert list(schedule) == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
    assert schedule.between(date(2024, 3, 1), date(2024, 12, 31)) == [date(2024, 3, 31)]
    assert schedule.next_after(date(2024, 3, 31)) is None


def test_until_is_included():
    schedule = Schedule(date(2024, 1, 1), Daily(), until=date(2024, 1, 3))
    assert list(schedule) == [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)]


def test_exceptions():
    schedule = RENT.without(date(2024, 2, 15))
    assert schedule.first(2) == [date(2024, 1, 15), date(2024, 3, 15)]
    assert not schedule.occurs_on(date(2024, 2, 15))


def test_following_moves_over_weekend_and_holiday():
    calendar = HolidayCalendar([FixedHoliday(6, 17)])
    schedule = Schedule(date(2024, 1, 15), Monthly(), calendar=calendar, convention=Convention.FOLLOWING)
    assert schedule.between(date(2024, 6, 1), date(2024, 6, 30)) == [date(2024, 6, 18)]


def test_a_date_moved_into_the_window_is_found():
    calendar = HolidayCalendar()
    schedule = Schedule(date(2024, 1, 6), Weekly(), calendar=calendar, convention=Convention.FOLLOWING)
    assert schedule.between(date(2024, 3, 4), date(2024, 3, 4)) == [date(2024, 3, 4)]


@pytest.mark.parametrize("arguments", [
    {"count": 0}, {"until": date(2023, 1, 1)}, {"convention": Convention.FOLLOWING},
])
def test_impossible_schedules(arguments):
    with pytest.raises(RuleError):
        Schedule(date(2024, 1, 1), Weekly(1, (Weekday.MONDAY,)), **arguments)
