import pytest

from daybook import Daily, Monthly, MonthlyByWeekday, ParseError, Weekday, Weekly, Yearly, describe, parse_rule
from daybook.months import LAST

RULES = [
    ("every day", Daily()),
    ("every 10 days", Daily(10)),
    ("every week", Weekly()),
    ("every 2 weeks on Monday and Friday", Weekly(2, (Weekday.MONDAY, Weekday.FRIDAY))),
    ("every month", Monthly()),
    ("every quarter", Monthly(3)),
    ("every 18 months", Monthly(18)),
    ("every year", Yearly()),
    ("every month on the last Friday", MonthlyByWeekday(Weekday.FRIDAY, LAST)),
    ("every 2 months on the first Monday", MonthlyByWeekday(Weekday.MONDAY, 1, 2)),
]


@pytest.mark.parametrize("text, rule", RULES)
def test_parse_and_describe_are_inverse(text, rule):
    assert parse_rule(text) == rule
    assert describe(rule) == text


@pytest.mark.parametrize("text, rule", [
    ("monthly", Monthly()),
    ("fortnightly", Weekly(2)),
    ("every other week on tue, thu", Weekly(2, (Weekday.TUESDAY, Weekday.THURSDAY))),
    ("every week on weekdays", Weekly(1, tuple(Weekday)[:5])),
    ("Every  Third   MONTH", Monthly(3)),
])
def test_other_spellings(text, rule):
    assert parse_rule(text) == rule


@pytest.mark.parametrize("text", [
    "", "sometimes", "every 0 days", "every week on mon and noday", "every month on friday", "every year on monday", "every week on t",
])
def test_refused(text):
    with pytest.raises(ParseError):
        parse_rule(text)
