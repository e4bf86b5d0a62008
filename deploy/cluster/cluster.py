#!/usr/bin/env python3
"""All of Tributary past one machine, on one: brokers, Cassandra nodes, routers, shards with their standbys, serving nodes, each a
process of its own on loopback. README.md beside this file says more. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a program that
is needed is missing.
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
HOUSE = HERE.parent.parent
KAFKA, CASSANDRA = HERE.parent / "kafka" / "kafka.sh", HERE.parent / "cassandra" / "cassandra.sh"
PREFIX, TOPIC, PARTITIONS = "cluster", "referral-events", 12
# How many of each.
LARGE = {"brokers": 3, "nodes": 3, "routers": 2, "shards": 3, "members": 2, "serving": 2}
SMALL = {"brokers": 1, "nodes": 1, "routers": 1, "shards": 2, "members": 1, "serving": 1}


def say(what):
    print(what, flush=True)


def fail(what):
    raise SystemExit(f"cluster.py: {what}")


class Cluster:
    """The processes, by name, and where each listens."""

    def __init__(self, folder, binary, port, counts):
        self.folder, self.binary, self.port, self.counts = folder, binary, port, counts
        self.brokers = ",".join(f"127.0.0.1:{port + 10 * number}" for number in range(counts["brokers"]))
        self.cassandra_port = port + 50
        self.hosts = [f"127.0.0.{number + 1}:{self.cassandra_port}" for number in range(counts["nodes"])]
        self.kafka_settings = {"LOCAL_KAFKA_DIR": str(folder / "kafka"), "LOCAL_KAFKA_PORT": str(port),
                               "LOCAL_KAFKA_NODES": str(counts["brokers"]), "LOCAL_KAFKA_WAIT": "240"}
        self.cassandra_settings = {"LOCAL_CASSANDRA_DIR": str(folder / "cassandra"), "LOCAL_CASSANDRA_PORT": str(self.cassandra_port),
                                   "LOCAL_CASSANDRA_NODES": str(counts["nodes"]), "LOCAL_CASSANDRA_HEAP": "640m", "LOCAL_CASSANDRA_WAIT": "300"}
        members = "ab"[:counts["members"]]
        self.shards = [[f"shard-{number}-{member}" for member in members] for number in range(counts["shards"])]
        self.routers = [f"router-{number + 1}" for number in range(counts["routers"])]
        self.serving = [f"serve-{number + 1}" for number in range(counts["serving"])]
        names = [name for shard in self.shards for name in shard] + self.serving
        self.address = {name: f"127.0.0.1:{port + 60 + at}" for at, name in enumerate(names)}

    # ---- what is run -------------------------------------------------------------------

    def names(self):
        return [name for shard in self.shards for name in shard] + self.routers + self.serving

    def settings(self, name):
        kind, *which = name.split("-")
        if kind == "router":
            return f"""
[kafka]
brokers = {json.dumps(self.brokers.split(","))}
topics = ["{TOPIC}"]
[route]
prefix = "{PREFIX}"
id = "{which[0]}"
"""
        cassandra = f"""
[cassandra]
hosts = {json.dumps(self.hosts)}
keyspace = "{PREFIX}"
replication_factor = {min(3, self.counts["nodes"])}
"""
        listen = f'listen = "{self.address[name]}"\n'
        if kind == "serve":
            return listen + cassandra
        number, member = which
        election = f"""
[replication]
acks = 1
# There is but one standby: without it the leader goes on alone, after ten seconds.
without_standby = "go-on"
elect_topic = "{PREFIX}-shard-{number}-leads"
name = "{name}"
url = "http://{self.address[name]}"
"""
        return f"""{listen}data = "{self.folder / name}"
[kafka]
brokers = {json.dumps(self.brokers.split(","))}
[route]
prefix = "{PREFIX}"
[shard]
number = {number}
of = {self.counts["shards"]}
[publish]
address = "http://{self.address[name]}"
""" + cassandra + (election if self.counts["members"] > 1 else "")

    def command(self, name):
        kind = name.split("-")[0]
        return [self.binary, {"shard": "run", "router": "route", "serve": "serve"}[kind], "--config", str(self.folder / f"{name}.toml")]

    # ---- processes ---------------------------------------------------------------------

    def running(self, name):
        """Its process, if it runs: a number that has passed to another program does not count."""
        try:
            pid = int((self.folder / f"{name}.pid").read_text())
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if str(self.folder / f"{name}.toml").encode() in words else None

    def start(self, name):
        if self.running(name):
            return False
        (self.folder / f"{name}.toml").write_text(self.settings(name))
        # Its settings are those of its file alone.
        own = {name: value for name, value in os.environ.items() if not name.startswith("TRIBUTARY_")}
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(self.command(name), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=own, start_new_session=True)
        (self.folder / f"{name}.pid").write_text(str(process.pid))
        return True

    def end(self, name, how=signal.SIGTERM):
        pid = self.running(name)
        if not pid:
            return
        os.kill(pid, how)
        until = time.monotonic() + 60
        while self.running(name):
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)

    def script(self, script, settings, *arguments, **how):
        done = subprocess.run([script, *arguments], env={**os.environ, **settings}, **how)
        if done.returncode:
            raise SystemExit(done.returncode)
        return done

    # ---- what they say -----------------------------------------------------------------

    def get(self, name, path):
        try:
            with urllib.request.urlopen(f"http://{self.address[name]}{path}", timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read() or b"{}")
        except (OSError, ValueError) as error:
            return None, {"detail": str(error)}

    def wait(self, name, path, what, seconds=300):
        until = time.monotonic() + seconds
        while True:
            status, answer = self.get(name, path)
            if status == 200:
                return answer
            if not self.running(name):
                fail(f"{name} has ended: see {self.folder / name}.log")
            if time.monotonic() > until:
                fail(f"{name} is not {what} after {seconds} s: {answer.get('detail')}")
            time.sleep(0.3)

    def leader(self, shard):
        """Who takes events in, of a shard's members."""
        return next((name for name in shard if self.get(name, "/readyz?ingest=true")[0] == 200), None)

    # ---- commands ----------------------------------------------------------------------

    def up(self):
        begun = time.monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        counts = self.folder / "counts.json"
        if counts.exists() and json.loads(counts.read_text()) != self.counts:
            fail(f"{self.folder} is of another cluster: take it down as it was brought up, and wipe it")
        counts.write_text(json.dumps(self.counts))
        self.script(KAFKA, self.kafka_settings, "up")
        topics = [(TOPIC, PARTITIONS, ()), (f"{PREFIX}.accounts", PARTITIONS, ()), (f"{PREFIX}.platform", 1, ()), (f"{PREFIX}.heads", PARTITIONS, ())]
        if self.counts["members"] > 1:
            topics += [(f"{PREFIX}-shard-{number}-leads", 1, ("cleanup.policy=compact",)) for number in range(self.counts["shards"])]
        for name, partitions, more in topics:
            self.script(KAFKA, self.kafka_settings, "topic", name, str(partitions), "max.message.bytes=33554432", *more)
        self.script(CASSANDRA, self.cassandra_settings, "up")
        for shard in self.shards:
            for name in shard:
                self.start(name)
        for number, shard in enumerate(self.shards):
            self.have_lead(number, shard)
        for name in self.routers + self.serving:
            self.start(name)
        # They are ready once something is published.
        for name in self.serving:
            self.wait(name, "/healthz", "there")
        say(f"up after {time.monotonic() - begun:.0f} s")
        self.status()

    def have_lead(self, number, shard):
        """Waits for a leader; where nobody has ever led, a person says who does: here the first."""
        if len(shard) == 1:
            self.wait(shard[0], "/readyz?ingest=true", "taking events in")
            return
        has_led = self.folder / f"shard-{number}.has-led"
        until = time.monotonic() + 300
        while not self.leader(shard):
            ended = [name for name in shard if not self.running(name)]
            if ended or time.monotonic() > until:
                why = {name: self.get(name, "/readyz?ingest=true")[1].get("detail") for name in shard}
                fail(f"nobody leads shard {number}: {why}; see {self.folder}/shard-{number}-*.log")
            if not has_led.exists():
                promoted = subprocess.run([self.binary, "promote", "--url", f"http://{self.address[shard[0]]}"], capture_output=True, text=True)
                if promoted.returncode == 0:
                    has_led.write_text("")
            time.sleep(0.5)
        has_led.write_text("")

    def feed(self, path):
        """Puts events, a line each, into the topic that routers read."""
        producer = ["tool", "ConsoleProducer", "--bootstrap-server", self.brokers, "--topic", TOPIC, "--producer-property", "acks=all",
                    "--producer-property", "max.request.size=33554432"]
        with sys.stdin.buffer if path == "-" else open(path, "rb") as lines:
            self.script(KAFKA, self.kafka_settings, *producer, stdin=lines, stdout=subprocess.DEVNULL)

    def settle(self):
        """Waits until no position has moved for fifteen seconds, and everything is published."""
        until, last, since = time.monotonic() + 1_800, None, time.monotonic()
        while last is None or time.monotonic() - since < 15:
            if time.monotonic() > until:
                fail(f"the shards have not come to rest: {last}")
            leaders = [self.leader(shard) for shard in self.shards]
            reached = [leader and self.get(leader, "/v1/status")[1].get("position") for leader in leaders]
            shown = [self.get(name, "/readyz")[1].get("positions") for name in self.serving]
            if (reached, shown) != last or None in reached or any(positions != reached for positions in shown):
                last, since = (reached, shown), time.monotonic()
            time.sleep(0.5)
        say(f"published up to {last[0]}")

    def status(self):
        fine = True
        for number, shard in enumerate(self.shards):
            leader = self.leader(shard)
            fine &= leader is not None
            for name in shard:
                status, answer = self.get(name, "/v1/status")
                said = f"position {answer['position']}" if status == 200 else answer.get("detail", "")
                role = "leads" if name == leader else "follows" if self.running(name) else "down"
                fine &= role != "down"
                say(f"{name:12} {self.address[name]:16} {role}, {said}")
        for name in self.routers:
            fine &= bool(self.running(name))
            say(f"{name:12} {'':16} {'runs' if self.running(name) else 'down'}")
        for name in self.serving:
            status, answer = self.get(name, "/readyz")
            fine &= bool(self.running(name))
            say(f"{name:12} {self.address[name]:16} {'shows ' + str(answer['positions']) if status == 200 else answer.get('detail', '')}")
        return fine

    def down(self):
        # Who reads before who is read, and standbys before who leads, so that nobody is elected meanwhile.
        leaders = [self.leader(shard) for shard in self.shards]
        rest = [name for shard in self.shards for name in shard if name not in leaders]
        for name in self.serving + self.routers + rest + [name for name in leaders if name]:
            self.end(name)
        self.script(CASSANDRA, self.cassandra_settings, "down")
        self.script(KAFKA, self.kafka_settings, "down")

    def wipe(self):
        self.down()
        self.script(CASSANDRA, self.cassandra_settings, "wipe", stdout=subprocess.DEVNULL)
        self.script(KAFKA, self.kafka_settings, "wipe", stdout=subprocess.DEVNULL)
        for name in self.names():
            for path in [self.folder / f"{name}.{ending}" for ending in ("toml", "log", "pid")]:
                path.unlink(missing_ok=True)
            if (data := self.folder / name).is_dir():
                subprocess.run(["rm", "-rf", "--", str(data)], check=True)
        for path in [*self.folder.glob("shard-*.has-led"), self.folder / "counts.json"]:
            path.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()
        say("wiped")


def main():
    parser = argparse.ArgumentParser(description="All of Tributary past one machine, on loopback.")
    parser.add_argument("--small", action="store_true", help="one broker, one node, a router, two shards without standbys, a serving node")
    parser.add_argument("--dir", type=pathlib.Path, help="where everything lies (default: .work beside this script)")
    parser.add_argument("--binary", default=str(HOUSE / "target" / "release" / "tributary"), help="the program (default: target/release/tributary)")
    parser.add_argument("--port", type=int, default=19092, help="the first of the hundred ports that are used (default: 19092)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start what does not run, and wait until it answers")
    commands.add_parser("down", help="end everything, keep the data")
    commands.add_parser("wipe", help="down, and remove the data")
    commands.add_parser("status", help="a line each; exit code 1 if something is down")
    feed = commands.add_parser("feed", help="put events, a line of JSON each, into the topic, and wait until they are published")
    feed.add_argument("file", help="a file, or - for the standard input")
    kill = commands.add_parser("kill", help="SIGKILL one of the processes, by its name; `up` starts it again")
    kill.add_argument("name")
    given = parser.parse_args()
    if not os.access(given.binary, os.X_OK):
        print(f"cluster.py: {given.binary} is missing: cargo build --release, or --binary", file=sys.stderr)
        return 3
    folder = (given.dir or HERE / ".work").absolute()
    cluster = Cluster(folder, os.path.abspath(given.binary), given.port, SMALL if given.small else LARGE)
    if given.command == "status":
        return 0 if cluster.status() else 1
    if given.command == "feed":
        cluster.feed(given.file)
        cluster.settle()
    elif given.command == "kill":
        if given.name not in cluster.names():
            parser.error(f"no such process: {given.name}; there are {', '.join(cluster.names())}")
        cluster.end(given.name, signal.SIGKILL)
    else:
        getattr(cluster, given.command)()
    return 0


if __name__ == "__main__":
    sys.exit(main())
