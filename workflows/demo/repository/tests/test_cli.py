from daybook.cli import main


def test_first(capsys):
    assert main(["every 2 weeks on friday", "--start", "2024-03-01", "--first", "3"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "# every 2 weeks on Friday from 2024-03-01", "2024-03-01", "2024-03-15", "2024-03-29",
    ]


def test_window(capsys):
    assert main(["every month", "--start", "2024-01-15", "--from", "2024-06-01", "--for", "2 months"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["2024-06-15", "2024-07-15"]


def test_ical(capsys):
    assert main(["every day", "--start", "2024-01-01", "--count", "2", "--ical"]) == 0
    assert "COUNT=2" in capsys.readouterr().out


def test_bad_rule(capsys):
    assert main(["whenever", "--start", "2024-01-01"]) == 2
    assert "cannot read 'whenever'" in capsys.readouterr().err
