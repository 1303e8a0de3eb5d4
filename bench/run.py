"""Measures the release build on this machine. Compare ratios of one run, not figures of two.

    cargo build --release && python3 bench/run.py target/release/compliancelayer [ROW ...]

Needs `wrk` (Debian package of that name). Prints; commits nothing. `README.md` says what each row is.
"""

import shutil
import sys

import engine
import keys
import login
import pages
import reports
import scans
import start
import usage
from service import Target

ROWS = {
    "a": keys.run,
    "b": scans.one,
    "c": scans.many,
    "d": start.run,
    "e": login.enumeration,
    "f": usage.run,
    "g": login.flood,
    "h": pages.run,
    "i": engine.one_far,
    "j": engine.rivals,
    "k": engine.mass,
    "l": reports.run,
    "m": engine.many_suites,
}


def main(program, wanted):
    if not shutil.which("wrk"):
        sys.exit("Missing: wrk. Install it: apt-get install wrk")
    if not set(wanted) <= set(ROWS):
        sys.exit(f"The rows are {' '.join(ROWS)}.")
    target = Target(program)
    try:
        for name in wanted or ROWS:
            ROWS[name](program, target)
    finally:
        target.stop()


main(sys.argv[1], sys.argv[2:])
