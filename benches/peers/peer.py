"""What all peers share: the questions, how they are timed, and the shape of what each prints.

A peer is a script that takes `--events FILE --work DIR`, brings the events in, answers the questions, and prints one
JSON object: `in_seconds`, `disk_bytes`, `answers` and `latency` (milliseconds, `[median, p99]` a question).
"""

import argparse
import json
import os
import sys
import time
from decimal import Decimal

# The last 30 days of the workload.
FROM, TO = "2026-01-31", "2026-03-01"
# The referrers that are asked about, one after another; the first is the largest.
REFERRERS = range(1, 11)
METRICS = (
    "total_rewards",
    "spot_commission",
    "futures_commission",
    "shared_commission",
    "total_referrals",
    "first_time_trade",
    "traded",
    "spot_volume",
    "futures_volume",
    "total_volume",
)
TIMES = 200
TOP = 10
# So many events are brought in at once where a peer takes batches.
BATCH = 50_000


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", required=True)
    parser.add_argument("--work", required=True)
    given = parser.parse_args()
    os.makedirs(given.work, exist_ok=True)
    return given


def amount(value):
    """A decimal as every peer's answers show it: no trailing zeros."""
    text = f"{Decimal(value or 0):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


def overview(row):
    """Of a row with the metrics in their order."""
    return {name: value if isinstance(value, int) else amount(value) for name, value in zip(METRICS, row)}


def batches(path, lines=BATCH):
    """The file in pieces of whole lines, as bytes."""
    piece = []
    with open(path, "rb") as file:
        for line in file:
            piece.append(line)
            if len(piece) == lines:
                yield b"".join(piece)
                piece.clear()
    if piece:
        yield b"".join(piece)


def bytes_below(folder):
    """What lies on the disk below a folder, by the blocks that it has."""
    paths = (os.path.join(root, name) for root, _, names in os.walk(folder) for name in names)
    return sum(os.lstat(path).st_blocks * 512 for path in paths)


class Answering:
    """The questions, each as a function of the peer's; `traded` and `top` are of all referrers."""

    def __init__(self, overview, by_day, traded, top, counts):
        self.overview, self.by_day, self.traded, self.top, self.counts = overview, by_day, traded, top, counts

    def answers(self):
        return {
            "overview": {uid: self.overview(uid) for uid in REFERRERS},
            "by_day": {uid: self.by_day(uid) for uid in REFERRERS},
            "traded": self.traded(),
            "top": self.top(),
            "counts": self.counts(),
        }

    def latency(self):
        return {
            "overview": timed(self.overview, REFERRERS),
            "by_day": timed(self.by_day, REFERRERS),
            "traded": timed(lambda _: self.traded(), [None]),
            "top": timed(lambda _: self.top(), [None]),
        }


def timed(ask, arguments):
    """Median and p99 in milliseconds, after a warm-up."""
    took = []
    limit = time.perf_counter() + 20
    for turn in range(TIMES + 5):
        begun = time.perf_counter()
        ask(arguments[turn % len(arguments)])
        took.append((time.perf_counter() - begun) * 1000)
        if begun > limit:
            break
    took = sorted(took[5:] or took)
    return [round(took[len(took) // 2], 3), round(took[len(took) * 99 // 100], 3)]


def tell(in_seconds, disk_bytes, answering):
    result = {"in_seconds": in_seconds, "disk_bytes": disk_bytes, "answers": answering.answers()}
    result["latency"] = answering.latency()
    json.dump(result, sys.stdout)
    print()
