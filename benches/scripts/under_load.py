"""Overviews over HTTP at 64 connections: alone, beside events that come in, and beside a correction of everything.

    python3 benches/scripts/under_load.py [--events N | --large] [--rate EVENTS] [--seconds S]

Four fifths of a workload that ends today are imported; the rest is posted while overviews of all referrers are asked. The
last part is asked while a program event dated before all trades rates them again, rewards of the largest referrer are
exported one time after another, and 64 callers ask about the past. At the end the daemon is killed with -9 and started
again. Needed: the package `wrk`. Server, load and events share the machine's cores.
"""

import json
import os
import subprocess
import threading
import time
from datetime import datetime, timezone

from serving import Client, Daemon, Paced, draw, import_first, run

HERE = os.path.dirname(os.path.abspath(__file__))
PIECE = 1_000
TODAY = datetime.now(timezone.utc).strftime("%Y-%m-%d")


def asking(daemon, paths, seconds, connections=64):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
    command += ["-s", os.path.join(HERE, "overviews.lua"), f"http://{daemon.address}", "--", paths]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def came(process):
    return json.loads(process.communicate()[0].splitlines()[-1])


def told(name, came, events, memory):
    rate = came["requests"] / came["seconds"]
    wrong = f"{came['refused']} / {came['broken']}"
    figures = f"{rate:,.0f} | {came['median']:g} | {came['p99']:g} | {came['max']:g} | {wrong} | {events:,.0f} | {memory:,.0f}"
    print(f"| {name} | {figures} |", flush=True)


class Repeated:
    """Does something again and again beside, until it is over."""

    def __init__(self, act):
        self.act, self.is_over, self.took = act, threading.Event(), []
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def _run(self):
        while not self.is_over.is_set():
            begun = time.perf_counter()
            self.act()
            self.took.append(time.perf_counter() - begun)

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


def program(rate):
    """Other rules of the platform, from before all trades."""
    data = {"default_spot_rate": rate, "default_futures_rate": "0.1", "default_futures_window_days": 90}
    data |= {"spot_vip_max": 2, "futures_vip_max": 1}
    event = {"specversion": "1.0", "type": "referral.program.v1", "source": "/bench", "id": f"program-{rate}"}
    return event | {"time": "2001-01-01T00:00:00Z", "data": data}


def corrected(daemon, paths, past, largest, feeding, seconds):
    client, exporter = Client(daemon), Client(daemon)
    took = []

    def correct():
        begun = time.perf_counter()
        outcome = client.post(program("0.3"))["results"][0]
        if outcome["outcome"] != "accepted":
            raise SystemExit(f"the program event was not accepted: {outcome}")
        took.append(time.perf_counter() - begun)

    export = f"/v1/rewards/export?uid={largest}&from=2000-01-01&to={TODAY}&format=csv"
    with Repeated(lambda: exporter.ask("GET", export)) as exports:
        # The events end with the questions, however long the correction takes.
        with Paced(*feeding) as events:
            before = asking(daemon, past, seconds)
            correction = threading.Thread(target=correct)
            correction.start()
            overviews = came(asking(daemon, paths, seconds))
            of_the_past = came(before)
        correction.join()
    told("… and a program before all trades, exports, 64 callers of the past", overviews, events.reached(), daemon.memory())
    asked = of_the_past["requests"]
    print(f"\nThe program event was answered after {took[0]:.1f} s; {len(exports.took)} exports, the longest {max(exports.took):.1f} s; "
          f"of {asked} questions about the past {of_the_past['refused']} were refused, p99 {of_the_past['p99']:g} ms.")


def paths_file(folder, name, paths):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(paths) + "\n")
    return path


def measure(folder, given):
    path = os.path.join(folder, "events.ndjson")
    size = ["--large"] if given.large else ["--events", str(given.events)]
    lines = draw(path, "--clean", "--end", f"{TODAY}T00:00:00Z", *size)
    place = import_first(path, lines * 4 // 5, os.path.join(folder, "data"))
    daemon = Daemon(folder, given.port)
    try:
        daemon.ready()
        client = Client(daemon)
        rows = client.get(f"/v1/referrers?from=2000-01-01&to={TODAY}&sort=total_referrals&limit=500")["rows"]
        largest = rows[0]["uid"]
        paths = paths_file(folder, "overviews", [f"/v1/overview?uid={row['uid']}" for row in rows])
        end = client.get("/v1/status")["position"]
        asked = [f"/v1/overview?uid={row['uid']}&as_of={end * part // 10}" for row in rows for part in range(1, 10)]
        past = paths_file(folder, "past", asked)
        print(f"{end:,} entries, {len(rows)} referrers asked about; {daemon.memory():,.0f} MiB of memory\n")
        print("| overview, 64 connections | requests/s | median, ms | p99, ms | max, ms | refused / broken | events/s in | MiB |")
        print("|---|---|---|---|---|---|---|---|")
        asking(daemon, paths, 2).communicate()
        told("alone", came(asking(daemon, paths, given.seconds)), 0, daemon.memory())
        with open(path, "rb") as file:
            file.seek(place)
            poster = Client(daemon)
            feeding = (lambda lines: poster.post_lines(b"".join(lines)), iter(file), given.rate, PIECE)
            with Paced(*feeding) as events:
                overviews = came(asking(daemon, paths, given.seconds))
            told("beside events", overviews, events.reached(), daemon.memory())
            corrected(daemon, paths, past, largest, feeding, given.seconds)
        end = client.get("/v1/status")["position"]
        daemon.kill()
        daemon = Daemon(folder, given.port)
        print(f"After kill -9, with {end:,} entries: ready in {daemon.ready():.2f} s.")
        if Client(daemon).get("/v1/status")["position"] < end:
            raise SystemExit("what was answered is not there after the kill")
    finally:
        daemon.stop()


if __name__ == "__main__":
    run(measure, "load", 18092, events=2_500_000, large=False, rate=100_000, seconds=15)
