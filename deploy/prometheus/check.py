#!/usr/bin/env python3
"""check.py BINARY: a real Prometheus scrapes a real daemon that reads a real Kafka, and is asked everything that the alerts,
the recording rules and the dashboards ask. Each metric that they name is there, each panel shows something, each rule is
evaluated without an error, each alert names an entry of the runbook that exists; and an alert comes and goes by its cause.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a program that it needs is missing.
"""
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
DEPLOY = HERE.parent
RUNBOOK = DEPLOY.parent / "docs" / "OPERATIONS.md"
EVENTS = 20_000
END = "2026-04-05T00:00:00Z"
# What the daemon measures, and what the rules record of it, as instance:tributary_lag:seconds.
METRIC = re.compile(r"\b(?:tributary|process)_[a-z_]+")
RECORDED = re.compile(r"\b[a-z_]+:[a-z_]+:?[a-z0-9_]*")


def fail(what):
    raise SystemExit(f"check.py: {what}")


def wait_for(what, ask, seconds=60):
    until, last = time.monotonic() + seconds, None
    while time.monotonic() < until:
        try:
            last = ask()
            if last:
                return last
        except (OSError, urllib.error.URLError) as error:
            last = error
        time.sleep(0.2)
    fail(f"waited {seconds} s for: {what} (last: {last})")


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def post(url, body, kind):
    request = urllib.request.Request(url, data=body.encode(), headers={"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def free_port(count=1):
    """The first of so many ports in a row that nobody listens on, below those that the system gives to connections."""
    for first in range(15_000 + os.getpid() % 10_000, 32_000, count):
        sockets = []
        try:
            for port in range(first, first + count):
                bound = socket.socket()
                sockets.append(bound)
                bound.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for bound in sockets:
                bound.close()
    fail("no free ports in a row")


class House:
    """The processes, and the folder that they live in."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.processes = binary, folder, []
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("TRIBUTARY_")}
        self.kafka_port = free_port(5)

    def kafka(self, *arguments, stdin=None):
        environment = {**self.environment, "LOCAL_KAFKA_DIR": str(self.folder / "kafka"), "LOCAL_KAFKA_PORT": str(self.kafka_port), "LOCAL_KAFKA_WAIT": "300"}
        done = subprocess.run([DEPLOY / "kafka" / "kafka.sh", *arguments], env=environment, stdin=stdin, capture_output=True, text=True)
        if done.returncode == 3:
            sys.stderr.write(done.stderr)
            raise SystemExit(3)
        if done.returncode:
            fail(f"kafka.sh {' '.join(arguments)}: {done.stderr}")

    def start(self, name, command, environment=None):
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen(command, env={**self.environment, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=log)
        self.processes.append((name, process))
        return process

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def end(self):
        for _, process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
        if (self.folder / "kafka").exists():
            self.kafka("wipe")


def start_daemon(house):
    process = house.start(
        "daemon",
        [house.binary, "run", "--data", house.folder / "data", "--listen", "127.0.0.1:0",
         "--brokers", f"127.0.0.1:{house.kafka_port}", "--topic", "referral-events"],
        {"TRIBUTARY_CHECKPOINT_SECONDS": "1"})
    address = wait_for("the daemon listens", lambda: re.search(r"address=(127\.0\.0\.1:\d+)", house.log("daemon")))
    url = f"http://{address[1]}"
    wait_for("the daemon answers", lambda: get(f"{url}/readyz"))
    return process, url


def start_prometheus(house, target):
    port = free_port()
    config = (HERE / "prometheus.yml").read_text()
    if "127.0.0.1:8081" not in config:
        fail("prometheus.yml names another target than 127.0.0.1:8081")
    config = config.replace("127.0.0.1:8081", target).replace("interval: 15s", "interval: 1s")
    folder = house.folder / "prometheus"
    folder.mkdir()
    (folder / "prometheus.yml").write_text(config)
    for name in ("tributary.rules.yml", "tributary.alerts.yml"):
        shutil.copy(HERE / name, folder)
    house.start("prometheus", ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                               f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"])
    url = f"http://127.0.0.1:{port}"
    wait_for("Prometheus is ready", lambda: get(f"{url}/-/ready"))
    return url


class Prometheus:
    def __init__(self, url):
        self.url = url

    def api(self, path, **parameters):
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        try:
            answer = json.loads(get(f"{self.url}/api/v1/{path}{query}"))
        except urllib.error.HTTPError as error:
            fail(f"Prometheus refuses {parameters}: {error.read().decode()}")
        return answer["data"]

    def ask(self, expression):
        return self.api("query", query=expression)["result"]

    def alerts(self):
        return {alert["labels"]["alertname"]: alert for alert in self.api("alerts")["alerts"]}


def panels(name):
    for panel in json.loads((DEPLOY / "grafana" / name).read_text())["panels"]:
        if panel["type"] != "row":
            yield panel


def expression_of(target):
    return target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")


def check_panels_are_described(name):
    for panel in panels(name):
        unit = panel["fieldConfig"]["defaults"].get("unit")
        if not unit or not panel.get("description", "").endswith("."):
            fail(f"{name}: the panel {panel['title']} has no unit or no description")


def anchors(text):
    """Of each heading, as sites that show Markdown make them."""
    headings = re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_runbook(alerts_text):
    there = anchors(RUNBOOK.read_text())
    named = re.findall(r"runbook: docs/OPERATIONS\.md#(\S+)", alerts_text)
    if len(named) != len(re.findall(r"^ +- alert:", alerts_text, re.MULTILINE)):
        fail("an alert names no entry of the runbook")
    missing = sorted(set(named) - there)
    if missing:
        fail(f"docs/OPERATIONS.md has no entry: {', '.join(missing)}")
    return len(set(named))


def check_names(prometheus, text):
    named = set(METRIC.findall(RECORDED.sub("", text)))
    there = set(prometheus.api("label/__name__/values"))
    missing = sorted(named - there)
    if missing:
        fail(f"no daemon has these metrics: {', '.join(missing)}")
    return len(named)


def check_rules(prometheus):
    groups = prometheus.api("rules")["groups"]
    all_rules = [rule for group in groups for rule in group["rules"]]
    for rule in all_rules:
        if rule["health"] != "ok":
            fail(f"{rule['name']}: {rule['health']} {rule.get('lastError', '')}")
    recorded = [rule["name"] for rule in all_rules if rule["type"] == "recording"]
    for name in recorded:
        wait_for(f"{name} gives something", lambda name=name: prometheus.ask(name))
    return len(recorded), len(all_rules) - len(recorded)


def check_operators(prometheus, beside):
    asked = 0
    for panel in panels("operators.json"):
        if panel["title"] in beside:
            continue
        for target in panel["targets"]:
            expression = expression_of(target)
            wait_for(f"the panel {panel['title']} shows something: {expression}", lambda expression=expression: prometheus.ask(expression), 30)
            asked += 1
    return asked


def value_at(answer, selector):
    for part in filter(None, selector.split(".")):
        answer = answer[part]
    return answer


def check_business(daemon):
    end = datetime.date(2026, 4, 5)
    asked = 0
    for panel in panels("business.json"):
        for target in panel["targets"]:
            path = target["url"].replace("$interval", "day")
            path = path.replace("${__from:date:YYYY-MM-DD}", str(end - datetime.timedelta(days=30))).replace("${__to:date:YYYY-MM-DD}", str(end))
            answer = value_at(json.loads(get(daemon + path)), target["root_selector"])
            rows = answer if isinstance(answer, list) else [answer]
            if not rows:
                fail(f"the panel {panel['title']} shows nothing: {path}")
            for column in target["columns"]:
                # A number that is no number is shown as nothing.
                values = [row[column["selector"]] for row in rows]
                if column["type"] == "number" and not any(float(value) for value in values):
                    fail(f"the panel {panel['title']} shows nothing in {column['text']}")
            asked += 1
    return asked


def main():
    if len(sys.argv) != 2 or not os.access(sys.argv[1], os.X_OK):
        sys.stderr.write("usage: check.py BINARY\n")
        raise SystemExit(2)
    for need in ("prometheus", "promtool"):
        if not shutil.which(need):
            sys.stderr.write(f"check.py: {need} is missing (Debian's package prometheus)\n")
            raise SystemExit(3)
    alerts_text, rules_text = (HERE / "tributary.alerts.yml").read_text(), (HERE / "tributary.rules.yml").read_text()
    entries = check_runbook(alerts_text)
    for name in ("operators.json", "business.json"):
        check_panels_are_described(name)

    with tempfile.TemporaryDirectory() as folder:
        house = House(os.path.abspath(sys.argv[1]), pathlib.Path(folder))
        try:
            run(house, alerts_text, rules_text, entries)
        except BaseException:
            for name, _ in house.processes:
                sys.stderr.write(f"--- {name}\n" + "\n".join(house.log(name).splitlines()[-15:]) + "\n")
            raise
        finally:
            house.end()


def run(house, alerts_text, rules_text, entries):
    house.kafka("up")
    house.kafka("topic", "referral-events", "3")
    history = house.folder / "history.ndjson"
    subprocess.run([house.binary, "demo", "--seed", "1", "--events", str(EVENTS), "--end", END, "--out", history],
                   env=house.environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process, daemon = start_daemon(house)
    prometheus = Prometheus(start_prometheus(house, daemon.removeprefix("http://")))
    wait_for("Prometheus has scraped", lambda: prometheus.ask('up{job="tributary"} == 1'))

    # Something of everything that is measured, and twice of what is counted: a rate needs a course.
    with open(history, "rb") as events:
        house.kafka("tool", "org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", f"127.0.0.1:{house.kafka_port}",
                    "--topic", "referral-events", stdin=events)
    wait_for("all is read", lambda: json.loads(get(f"{daemon}/v1/status"))["position"] > EVENTS * 0.9, 120)
    process.send_signal(signal.SIGHUP)
    middle = json.loads(get(f"{daemon}/v1/status"))["position"] // 2
    for turn in range(4):
        post(f"{daemon}/v1/events", json.dumps(
            {"specversion": "1.0", "type": "nothing.known.v1", "source": "/check", "id": f"n-{turn}", "time": END, "data": {}}),
            "application/cloudevents+json")
        get(f"{daemon}/v1/overview?uid=7")
        get(f"{daemon}/v1/overview?uid=7&as_of={middle + turn}")
        get(f"{daemon}/v1/referrers?limit=5")
        time.sleep(2)

    far = json.dumps({"specversion": "1.0", "type": "referral.program.v1", "source": "/check", "id": "p-1", "time": "2025-01-01T00:00:00Z",
                      "data": {"default_spot_rate": "0.3", "default_futures_rate": "0.3", "spot_vip_max": 2, "futures_vip_max": 1}})
    post(f"{daemon}/v1/events", far, "application/cloudevents+json")

    recorded, alerting = check_rules(prometheus)
    shown = check_operators(prometheus, {"What is missing"})
    asked = check_business(daemon)
    firing = [name for name, alert in prometheus.alerts().items() if alert["labels"]["severity"] == "critical"]
    if firing:
        fail(f"a daemon that is well has critical alerts: {', '.join(firing)}")

    # The cause, the alert, the panel; and what ends it.
    house.kafka("down")
    wait_for("the alert of the brokers", lambda: "TributaryBrokersGone" in prometheus.alerts(), 120)
    missing = next(panel for panel in panels("operators.json") if panel["title"] == "What is missing")
    wait_for("the panel of what is missing", lambda: prometheus.ask(expression_of(missing["targets"][0])), 30)
    grafana = "".join(expression_of(target) for panel in panels("operators.json") for target in panel["targets"])
    names = check_names(prometheus, rules_text + alerts_text + grafana)
    house.kafka("up")
    wait_for("the alert of the brokers is over", lambda: "TributaryBrokersGone" not in prometheus.alerts(), 120)

    process.send_signal(signal.SIGKILL)
    wait_for("the alert of a daemon that is gone", lambda: "TributaryDown" in prometheus.alerts(), 60)
    print(f"{recorded} recorded series, {alerting} alerts with {entries} entries of the runbook, {names} metrics, "
          f"{shown + 1} questions of the operators' panels, {asked} of the business': all answered by a real daemon")


main()
