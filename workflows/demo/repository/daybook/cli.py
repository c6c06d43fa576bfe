"""The command line: ``python3 -m daybook "every month" --start 2024-01-15 --first 5``."""

import argparse
import sys
from datetime import date
from typing import List, Optional

from .describe import describe
from .durations import Duration
from .errors import DaybookError
from .ical import to_ical
from .parser import parse_rule
from .schedule import Schedule


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="daybook", description="Print the dates of a recurring schedule.")
    parser.add_argument("rule", help="for example: every 2 weeks on monday and friday")
    parser.add_argument("--start", type=date.fromisoformat, required=True, metavar="DATE")
    parser.add_argument("--from", dest="first_day", type=date.fromisoformat, metavar="DATE", help="begin of the window (default: start)")
    parser.add_argument("--to", dest="last_day", type=date.fromisoformat, metavar="DATE", help="end of the window")
    parser.add_argument("--for", dest="length", type=Duration.parse, metavar="DURATION", help="length of the window, such as '6 months'")
    parser.add_argument("--first", type=int, metavar="N", help="print the first N dates instead of a window")
    parser.add_argument("--count", type=int, metavar="N", help="the schedule ends after N occurrences")
    parser.add_argument("--ical", action="store_true", help="print iCalendar lines instead of dates")
    return parser


def main(argv: Optional[List[str]] = None) -> int:
    options = _arguments().parse_args(argv)
    try:
        schedule = Schedule(options.start, parse_rule(options.rule), count=options.count)
        for line in _lines(schedule, options):
            print(line)
    except DaybookError as error:
        print(f"daybook: {error}", file=sys.stderr)
        return 2
    return 0


def _lines(schedule: Schedule, options) -> List[str]:
    if options.ical:
        return to_ical(schedule)
    if options.first is not None:
        days = schedule.first(options.first)
    else:
        begin = options.first_day or schedule.start
        length = options.length or Duration(months=12)
        days = schedule.between(begin, options.last_day or length.after(begin))
    return [f"# {describe(schedule.rule)} from {schedule.start}"] + [day.isoformat() for day in days]
