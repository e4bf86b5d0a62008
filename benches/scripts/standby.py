#!/usr/bin/env python3
"""What a standby costs: events sent in over HTTP by eight callers, 20 a body, with `replication.acks` 0 and 1 by turns.

usage: standby.py BINARY [SECONDS]     a leader and its standby on this machine, on ports 19380 and 19381
"""

import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

LEADER, STANDBY = "127.0.0.1:19380", "127.0.0.1:19381"
CALLERS, EVENTS = 8, 20


def wait_until_ready():
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection(LEADER)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("the leader is not ready within a minute")


def body(first):
    def event(number):
        return {
            "specversion": "1.0", "type": "referral.kyc.v1", "source": "/bench", "id": str(number),
            "time": "2026-03-05T10:00:00Z", "data": {"uid": number % 1000 + 1, "status": "verified"},
        }
    return json.dumps([event(number) for number in range(first, first + EVENTS)])


def measure(binary, acks, seconds):
    """Events a second, and what a request took: median and 99th percentile, in milliseconds."""
    folder = tempfile.mkdtemp()
    environment = dict(os.environ, TRIBUTARY_REPLICATION_ACKS=str(acks), TRIBUTARY_LOG_LEVEL="error")
    start = lambda name, *arguments: subprocess.Popen(
        [binary, "run", "--data", os.path.join(folder, name), *arguments], env=environment)
    daemons = [start("a", "--listen", LEADER), start("b", "--listen", STANDBY, "--follow", f"http://{LEADER}")]
    try:
        wait_until_ready()
        took, over = [], time.time() + seconds

        def post(caller):
            connection, number = http.client.HTTPConnection(LEADER), caller * 10**7
            while time.time() < over:
                text, begun = body(number), time.time()
                number += EVENTS
                connection.request("POST", "/v1/events", text, {"content-type": "application/cloudevents-batch+json"})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status
                took.append(time.time() - begun)

        callers = [threading.Thread(target=post, args=(caller,)) for caller in range(CALLERS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        percentiles = statistics.quantiles(took, n=100)
        return len(took) * EVENTS / seconds, 1000 * percentiles[49], 1000 * percentiles[98]
    finally:
        for daemon in daemons:
            daemon.terminate()
            daemon.wait()
        shutil.rmtree(folder)


def main():
    binary, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 10
    for _ in range(3):
        for acks in (0, 1):
            rate, median, late = measure(binary, acks, seconds)
            print(f"acks {acks}: {rate:,.0f} events/s, median {median:.1f} ms, p99 {late:.1f} ms", flush=True)


if __name__ == "__main__":
    main()
