"""Asks Tributary and its peers the same questions of the same events, in one run, and prints a table.

    PYTHON=$(deploy/analysts/venv.sh target/peers/python benches/peers/requirements.txt)
    cargo build --release && $PYTHON benches/peers/run.py --events 1000000

Each peer is its own script, run alone, one after another. Their answers are compared before any figure is printed: a peer
that answers otherwise than Tributary ends the run. `--only NAME,…` leaves others out.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import peer
import workload

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {
    "tributary": "Tributary, import",
    "postgres": "PostgreSQL",
    "duckdb": "DuckDB",
    "clickhouse": "ClickHouse, embedded",
    "tributary_kafka": "Tributary, Kafka",
    "kafka_streams": "Kafka Streams, exactly once",
}
QUESTIONS = ("overview", "by_day", "traded", "top")


def run(name, events, work):
    command = [sys.executable, os.path.join(HERE, f"peer_{name}.py"), "--events", events, "--work", work]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=1800)
    if done.returncode != 0:
        raise SystemExit(f"{PEERS[name]} failed:\n{done.stderr.decode()[-2000:]}")
    return json.loads(done.stdout)


def differences(wanted, given):
    """What a peer answers otherwise, in words."""
    for question, answer in wanted.items():
        if given[question] != answer:
            yield f"{question}: {json.dumps(given[question])[:400]} in place of {json.dumps(answer)[:400]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--only", default=",".join(PEERS))
    given = parser.parse_args()
    # Postgres runs as another user, who has to get to its folder.
    folder = tempfile.mkdtemp(prefix="peers-", dir=os.environ.get("PEERS_DIR", tempfile.gettempdir()))
    os.chmod(folder, 0o755)
    try:
        events = os.path.join(folder, "events.ndjson")
        lines = workload.write(given.events, events)
        print(f"{lines} events, of them 5 % twice and 5 % displaced by up to {workload.BEHIND_MAX}\n")
        print("| | events a second | bytes an event | " + " | ".join(f"{name}, ms" for name in QUESTIONS) + " | command |")
        print("|---|---|---|" + "---|" * (len(QUESTIONS) + 1))
        names = [name for name in PEERS if name in given.only.split(",")]
        wanted = None
        for name in names:
            work = os.path.join(folder, name)
            result = run(name, events, work)
            wanted = wanted or result["answers"]
            told = list(differences(wanted, result["answers"]))
            if told:
                raise SystemExit(f"{PEERS[name]} answers otherwise than {PEERS[names[0]]}:\n" + "\n".join(told))
            rate = int(lines / result["in_seconds"])
            took = [f"{median:g} (p99 {p99:g})" for median, p99 in (result["latency"][one] for one in QUESTIONS)]
            size = result["disk_bytes"] / lines
            cells = [PEERS[name], f"{rate:,}", f"{size:.1f}", *took, f"`peer_{name}.py`"]
            print("| " + " | ".join(cells) + " |", flush=True)
            shutil.rmtree(work, ignore_errors=True)
        print(f"\nAll {len(names)} gave the same answers: {len(peer.REFERRERS)} overviews and series, traders, top, counts.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
