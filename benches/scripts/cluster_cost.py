#!/usr/bin/env python3
"""What an event costs on its way through routers, shards and Cassandra, and a question through a serving node: seconds of a core by
process, bytes over connections, bytes on disks, so that others may work on the machine meanwhile; and how long questions and commands take, which
says something on an idle machine alone.

usage: cluster_cost.py BINARY EVENTS.ndjson [DIR]     one broker, one node, one router, two shards, a serving node (deploy/cluster), and one daemon
                                                      that reads the same events without any of it
"""
import datetime
import importlib.util
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HOUSE = pathlib.Path(__file__).resolve().parent.parent.parent
spec = importlib.util.spec_from_file_location("cluster", HOUSE / "deploy" / "cluster" / "cluster.py")
cluster = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cluster)
TICK = os.sysconf("SC_CLK_TCK")
QUESTIONS, FIRST, WARM, COMMANDS = 300, 2_000, 15_000, 200
ONE = "one"


def core_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def bytes_over(pid, port=None):
    """Sent and received on the connections that a process has now, to one port or to any."""
    sockets = subprocess.run(["ss", "-tinpH"], capture_output=True, text=True, check=True).stdout
    sent = received = 0
    for head, more in re.findall(r"^(\S.*)\n(\s.*)$", sockets, re.M):
        if f"pid={pid}," not in head or (port and not head.split()[4].endswith(f":{port}")):
            continue
        sent += int((re.search(r"bytes_sent:(\d+)", more) or [0, 0])[1])
        received += int((re.search(r"bytes_received:(\d+)", more) or [0, 0])[1])
    return sent, received


def size(folder, pattern="*"):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob(pattern) if path.is_file())


class Bench(cluster.Cluster):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.address[ONE] = f"127.0.0.1:{self.port + 95}"

    def settings(self, name):
        if name != ONE:
            return super().settings(name)
        return f"""listen = "{self.address[ONE]}"
data = "{self.folder / ONE}"
[kafka]
brokers = {json.dumps(self.brokers.split(","))}
topics = ["{cluster.TOPIC}"]
"""

    def command(self, name):
        return [self.binary, "run", "--config", str(self.folder / f"{ONE}.toml")] if name == ONE else super().command(name)

    def give(self, name, path, body):
        """A POST, and its status."""
        request = urllib.request.Request(f"http://{self.address[name]}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def pids(self, names):
        pids = {name: self.running(name) for name in names}
        pids["broker"] = int((self.folder / "kafka" / "broker.pid").read_text())
        pids["cassandra"] = int((self.folder / "cassandra" / "node1" / "node.pid").read_text())
        return pids

    def run_until_idle(self, names, least=10.0):
        """Starts processes, waits until they have next to nothing to do any more, and tells what they took."""
        before = {name: core_seconds(pid) for name, pid in self.pids([]).items() if pid}
        for name in names:
            self.start(name)
        idle, last = 0, {}
        begun = time.monotonic()
        while idle < 6 or time.monotonic() - begun < least:
            time.sleep(1)
            now = {name: core_seconds(self.running(name)) for name in names}
            idle = idle + 1 if last and all(now[name] - last[name] < 0.05 for name in names) else 0
            last = now
        taken = {name: core_seconds(pid) - before.get(name, 0) for name, pid in self.pids(names).items()}
        return taken, {name: bytes_over(self.running(name)) for name in names}

    def topic_bytes(self, topic):
        return sum(size(path, "*.log") for path in (self.folder / "kafka" / "data").glob(f"{topic}-*"))

    def metric(self, name, metric):
        with urllib.request.urlopen(f"http://{self.address[name]}/metrics", timeout=20) as answer:
            return float(re.search(rf"^{metric} (\S+)", answer.read().decode(), re.M)[1])


def timed(count, ask):
    """Milliseconds that a question takes, in the middle and of the slowest of a hundred."""
    took = []
    for at in range(count):
        begun = time.perf_counter()
        ask(at)
        took.append((time.perf_counter() - begun) * 1e3)
    took.sort()
    return statistics.median(took), took[min(len(took) - 1, len(took) * 99 // 100)]


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    binary, events = os.path.abspath(sys.argv[1]), sys.argv[2]
    folder = pathlib.Path(sys.argv[3] if len(sys.argv) == 4 else tempfile.mkdtemp()).absolute()
    bench = Bench(folder, binary, 29092, cluster.SMALL)
    count = sum(1 for line in open(events, "rb") if line.strip())
    told = {"events": count, "bytes_a_line": os.path.getsize(events) / count}

    def each(name, value):
        told[name] = round(value, 3)
        print(f"{name:44} {told[name]}", flush=True)

    folder.mkdir(exist_ok=True)
    quiet = {"stdout": subprocess.DEVNULL}
    bench.script(cluster.KAFKA, bench.kafka_settings, "up", **quiet)
    for topic, partitions in ((cluster.TOPIC, 12), ("cluster.accounts", 12), ("cluster.platform", 1), ("cluster.heads", 12)):
        bench.script(cluster.KAFKA, bench.kafka_settings, "topic", topic, str(partitions), "max.message.bytes=33554432", **quiet)
    bench.script(cluster.CASSANDRA, bench.cassandra_settings, "up", **quiet)
    shards = [name for shard in bench.shards for name in shard]
    lines = open(events, "rb").readlines()
    first, rest = folder / "first.ndjson", folder / "rest.ndjson"
    first.write_bytes(b"".join(lines[:FIRST]))
    rest.write_bytes(b"".join(lines[FIRST:]))
    try:
        # Tables take long to make, and are there before anything is measured.
        bench.feed(str(first))
        for name in ("router-1", *shards, "serve-1"):
            bench.start(name)
        bench.settle()
        published = [bench.metric(name, "tributary_publish_rows_total") for name in shards]
        begun = sum(bench.get(name, "/v1/status")[1]["position"] for name in shards)
        for name in ("router-1", *shards, "serve-1"):
            bench.end(name)
        for name in shards:
            (folder / name).rename(folder / f"{name}.kept")
        bench.feed(str(rest))
        each("topic of producers, bytes an event", bench.topic_bytes(cluster.TOPIC) / count)

        taken, over = bench.run_until_idle(["router-1"])
        each("router, us of a core an event", taken["router-1"] / (count - FIRST) * 1e6)
        each("broker beside the router, us an event", taken["broker"] / (count - FIRST) * 1e6)
        each("router, bytes received an event", over["router-1"][1] / (count - FIRST))
        each("router, bytes sent an event", over["router-1"][0] / (count - FIRST))
        each("topics of shards, bytes an event", (bench.topic_bytes("cluster.accounts") + bench.topic_bytes("cluster.platform")) / count)
        bench.end("router-1")

        taken, _ = bench.run_until_idle([ONE])
        one = taken[ONE] / bench.get(ONE, "/v1/status")[1]["position"] * 1e6
        each("one machine without shards, us of a core an event", one)
        bench.end(ONE)

        # Without Cassandra, then with it: the same topics read anew.
        with_cassandra = bench.settings
        bench.settings = lambda name: with_cassandra(name).partition("[cassandra]")[0]
        taken, over = bench.run_until_idle(shards)
        plain = sum(taken[name] for name in shards)
        entries = sum(bench.get(name, "/v1/status")[1]["position"] for name in shards)
        each("entries an event", entries / count)
        each("shard, us of a core an entry", plain / entries * 1e6)
        each("shard / one machine", plain / entries * 1e6 / one)
        each("router and shard / one machine", (plain / entries * 1e6 + told["router, us of a core an event"]) / one)
        each("broker beside shards, us an entry", taken["broker"] / entries * 1e6)
        each("shard, bytes received an entry", sum(over[name][1] for name in shards) / entries)
        for name in shards:
            bench.end(name)
        for name in shards:
            subprocess.run(["rm", "-rf", "--", str(folder / name)], check=True)
            (folder / f"{name}.kept").rename(folder / name)
        bench.settings = with_cassandra
        read = entries - begun
        taken, over = bench.run_until_idle(shards, 20)
        rows = sum(bench.metric(name, "tributary_publish_rows_total") for name in shards)
        plain *= read / entries
        each("rows an entry", rows / read)
        each("publisher, us of a core a row", (sum(taken[name] for name in shards) - plain) / rows * 1e6)
        each("Cassandra, us of a core a row", taken["cassandra"] / rows * 1e6)
        to_cassandra = sum(bytes_over(bench.running(name), bench.cassandra_port)[0] for name in shards)
        each("publisher, bytes sent a row", to_cassandra / rows)
        data = folder / "cassandra" / "node1" / "data"

        bench.start("serve-1")
        bench.settle()
        _, listed = bench.get(shards[0], "/v1/referrers?from=2020-01-01&to=2030-12-31&limit=500")
        uids = [row["uid"] for row in listed["rows"]]
        before = {name: core_seconds(pid) for name, pid in bench.pids(["serve-1", *shards]).items()}
        for at in range(QUESTIONS):
            status, answer = bench.get("serve-1", f"/v1/overview?uid={uids[at % len(uids)]}&from=2025-01-01&to=2026-12-31")
            assert status == 200, answer
        after = {name: core_seconds(pid) for name, pid in bench.pids(["serve-1", *shards]).items()}
        each("serving node, us of a core an overview", (after["serve-1"] - before["serve-1"]) / QUESTIONS * 1e6)
        each("Cassandra, us of a core an overview", (after["cassandra"] - before["cassandra"]) / QUESTIONS * 1e6)

        def overview(days):
            def ask(at):
                status, answer = bench.get("serve-1", f"/v1/overview?uid={uids[at % len(uids)]}&{days}")
                assert status == 200, answer
            return ask

        last = bench.get("serve-1", f"/v1/overview?uid={uids[0]}")[1]["as_of"]["event_time"][:10]
        month = f"from={datetime.date.fromisoformat(last) - datetime.timedelta(days=29)}&to={last}"
        timed(WARM, overview(month))
        for what, days in (("30 days", month), ("two years", "from=2025-01-01&to=2026-12-31")):
            median, slow = timed(1_000, overview(days))
            each(f"serving node, overview of {what}, ms, median", median)
            each(f"serving node, overview of {what}, ms, p99", slow)

        def apply_at(name):
            def ask(at):
                # At a shard, whichever has the family.
                for where in [name] if name == "serve-1" else shards:
                    status = bench.give(where, f"/v1/account/apply?uid={uids[at % len(uids)]}", {"message": "please"})
                    if status != 421:
                        break
                assert status == 200, status
            return ask

        for what, name in (("a shard", shards[0]), ("the serving node", "serve-1")):
            timed(20, apply_at(name))
            median, slow = timed(COMMANDS, apply_at(name))
            each(f"a command given to {what}, ms, median", median)
            each(f"a command given to {what}, ms, p99", slow)
        bench.start(ONE)
        bench.wait(ONE, "/readyz", "ready")

        def apply_at_one(at):
            status = bench.give(ONE, f"/v1/account/apply?uid={uids[at % len(uids)]}", {"message": "please"})
            assert status == 200, status
        timed(20, apply_at_one)
        median, slow = timed(COMMANDS, apply_at_one)
        each("a command given to one machine, ms, median", median)
        each("a command given to one machine, ms, p99", slow)
        bench.end(ONE)
        # What is on its tables once all is flushed: a node that ends flushes.
        bench.script(cluster.CASSANDRA, bench.cassandra_settings, "down", **quiet)
        each("Cassandra, bytes of tables a row", size(data / "data" / cluster.PREFIX) / (rows + sum(published)))
        each("referrers with codes", len(uids))
        print(json.dumps(told))
    finally:
        for name in [*bench.names(), ONE]:
            bench.end(name, signal.SIGKILL)
        for path in (first, rest, *(folder / f"{ONE}.{ending}" for ending in ("toml", "log", "pid"))):
            path.unlink(missing_ok=True)
        subprocess.run(["rm", "-rf", "--", str(folder / ONE)], check=True)
        subprocess.run([sys.executable, HOUSE / "deploy/cluster/cluster.py", "--small", "--dir", folder, "--binary", binary, "--port", "29092", "wipe"], check=False, stdout=subprocess.DEVNULL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
