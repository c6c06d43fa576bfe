from datetime import date

import pytest

from daybook import Duration, ParseError


@pytest.mark.parametrize("text, expected", [
    ("P1Y2M10D", Duration(14, 10)),
    ("P2W", Duration(0, 14)),
    ("6 months", Duration(6, 0)),
    ("1 year, 2 months and 10 days", Duration(14, 10)),
    ("1y 3d", Duration(12, 3)),
    ("2 quarters", Duration(6, 0)),
])
def test_parse(text, expected):
    assert Duration.parse(text) == expected


@pytest.mark.parametrize("text", ["", "P", "soon", "3 fortnights", "1 month or 2"])
def test_parse_refuses(text):
    with pytest.raises(ParseError):
        Duration.parse(text)


def test_months_before_days():
    assert Duration(1, 1).after(date(2024, 1, 31)) == date(2024, 3, 1)
    assert Duration(1, 0).before(date(2024, 3, 31)) == date(2024, 2, 29)


def test_arithmetic_and_text():
    assert str(Duration(14, 10)) == "P1Y2M10D"
    assert str(Duration()) == "P0D"
    assert Duration(1, 2) + Duration(0, 5) == Duration(1, 7)
    assert Duration(1, 2) * 3 == Duration(3, 6)
