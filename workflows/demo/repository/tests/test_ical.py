from datetime import date

import pytest

from daybook import Schedule, parse_rule, to_ical


@pytest.mark.parametrize("text, start, rule", [
    ("every 2 days", date(2024, 1, 1), "FREQ=DAILY;INTERVAL=2"),
    ("every week on monday and friday", date(2024, 1, 1), "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,FR"),
    ("every month", date(2024, 1, 15), "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=15"),
    ("every month", date(2024, 1, 30), "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
    ("every year", date(2024, 5, 9), "FREQ=YEARLY;INTERVAL=1;BYMONTH=5;BYMONTHDAY=9"),
    ("every month on the last friday", date(2024, 1, 1), "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1FR"),
])
def test_rrule(text, start, rule):
    assert to_ical(Schedule(start, parse_rule(text)))[1] == f"RRULE:{rule}"


def test_ends_and_exceptions():
    schedule = Schedule(date(2024, 1, 1), parse_rule("every day"), count=5).without(date(2024, 1, 3))
    assert to_ical(schedule) == [
        "DTSTART;VALUE=DATE:20240101", "RRULE:FREQ=DAILY;INTERVAL=1;COUNT=5", "EXDATE;VALUE=DATE:20240103",
    ]
