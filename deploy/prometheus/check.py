#!/usr/bin/env python3
"""check.py BINARY: everything that the dashboards, the recording rules and the alerts ask is asked of a real Prometheus that scrapes
a real daemon that reads a real Kafka. Each question of a panel and each recorded series has to have an answer with a number in it,
each rule has to be evaluated without an error, and each metric that an alert names has to be there; what takes a fault to be
there stands in FAULTS, and the faults are made. The business' panels are asked of the daemon's API, as Grafana asks them.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a program that it needs is missing.
"""
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import time

from living import CONNECTIONS, HERE, MISSING, Daemon, Failed, Living, Prometheus, wait_for

GRAFANA = HERE.parent / "grafana"
DOCS = HERE.parent.parent / "docs"
END = datetime.date(2026, 4, 5)
# What a metric is called, and what the rules record, as instance:tributary_lag:seconds.
METRIC = re.compile(r"\b(?:tributary|process)_[a-z_]+")
RECORDED = re.compile(r"\b[a-z_]+:[a-z_]+:[a-z0-9_]+")
# What is not there as long as all is well, by the panel's title or the recorded series, and the fault that brings it.
FULL, NO_BROKER = "there is no place for one more connection", "no broker answers"
FAULTS = {
    "Refused and closed": FULL,
    "instance:tributary_http_refused:rate5m": FULL,
    "instance:tributary_http_failed:ratio5m": FULL,
    "What is missing": NO_BROKER,
}


def panels(name):
    for panel in json.loads((GRAFANA / name).read_text())["panels"]:
        if panel["type"] != "row":
            if not panel["fieldConfig"]["defaults"].get("unit") or not panel.get("description", "").endswith("."):
                raise Failed(f"{name}: the panel {panel['title']} has no unit or no description")
            yield panel


def questions(prometheus):
    """Everything that Prometheus is asked, by who asks it: panels, and recorded series by their names."""
    for panel in panels("operators.json"):
        for target in panel["targets"]:
            # What Grafana puts into it: at least four intervals of scraping, and all daemons.
            expression = target["expr"].replace("$__rate_interval", "20s").replace("$instance", ".*")
            yield panel["title"], expression
    for rule in rules(prometheus):
        if rule["type"] == "recording":
            yield rule["name"], rule["name"]


def rules(prometheus):
    return [rule for group in prometheus.api("rules")["groups"] for rule in group["rules"]]


def check_runbook(alerts, page):
    """Each alert names an entry of the page that is there."""
    headings = re.findall(r"^#{1,6} (.+)$", (DOCS / page).read_text(), re.MULTILINE)
    there = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    named = re.findall(rf"runbook: docs/{re.escape(page)}#(\S+)", alerts)
    if len(named) != len(re.findall(r"^ +- alert:", alerts, re.MULTILINE)):
        raise Failed(f"an alert names no entry of docs/{page}")
    if missing := sorted(set(named) - there):
        raise Failed(f"docs/{page} has no entry: {', '.join(missing)}")


def event(kind, source, turn, time_of, **data):
    return {"type": kind, "source": source, "id": f"check-{turn}", "time": time_of, "data": data}


def traffic(daemon, turn):
    """A little of everything that is measured: what is taken in, what is not, what reaches far, questions of now and of before."""
    moment = f"{END}T00:00:00Z"
    daemon.post([
        event("referral.kyc.v1", "/identity", turn, moment, uid=7, status="verified"),
        event("nothing.known.v1", "/check", turn, moment),
        event("referral.program.v1", "/check", turn, "2025-01-01T00:00:00Z", default_spot_rate=f"0.3{turn % 10}",
              default_futures_rate="0.3", spot_vip_max=2, futures_vip_max=1),
    ])
    position = daemon.get("/v1/status")["position"]
    daemon.get("/v1/overview?uid=7")
    daemon.get(f"/v1/overview?uid=7&as_of={position // 2 + turn}")
    daemon.get("/v1/referrers?limit=5")


def check_prometheus(prometheus, daemon):
    """Asks everything until everything has had an answer, while something happens."""
    asked = list(questions(prometheus))
    open_ones = [question for question in asked if question[0] not in FAULTS]
    until = time.monotonic() + 120
    turn = 0
    while open_ones:
        if time.monotonic() > until:
            raise Failed("no answer to:\n" + "\n".join(f"  {who}: {expression}" for who, expression in open_ones))
        turn += 1
        traffic(daemon, turn)
        open_ones = [question for question in open_ones if not prometheus.ask(question[1])]
        time.sleep(0.5)
    if wrong := [f"{rule['name']}: {rule.get('lastError', rule['health'])}" for rule in rules(prometheus) if rule["health"] != "ok"]:
        raise Failed("rules that cannot be evaluated: " + "; ".join(wrong))
    critical = [alert["labels"]["alertname"] for alert in prometheus.api("alerts")["alerts"] if alert["labels"]["severity"] == "critical"]
    if critical:
        raise Failed(f"a daemon that is well has critical alerts: {', '.join(critical)}")
    return asked


# A daemon has them that takes part in an election, for which it needs others: the tests of the alerts and docs/METRICS.md have them.
OF_ELECTIONS = {"tributary_replication_in_sync", "tributary_replication_led"}


def check_names(prometheus, asked, alerts, recorded):
    text = "\n".join([alerts, recorded, *(expression for _, expression in asked)])
    named = set(METRIC.findall(RECORDED.sub("", text)))
    there = set(prometheus.api("label/__name__/values"))
    if missing := sorted(named - there - OF_ELECTIONS):
        raise Failed(f"no daemon has had these metrics: {', '.join(missing)}")
    return len(named)


def value_at(answer, selector):
    for part in filter(None, selector.split(".")):
        answer = answer[part]
    return answer


def check_business(daemon):
    """Asks the API what the business' panels ask: rows, and in each column of numbers one that is not 0."""
    asked = 0
    for panel in panels("business.json"):
        for target in panel["targets"]:
            path = target["url"].replace("$interval", "day")
            path = path.replace("${__from:date:YYYY-MM-DD}", str(END - datetime.timedelta(days=30))).replace("${__to:date:YYYY-MM-DD}", str(END))
            answer = value_at(daemon.get(path), target["root_selector"])
            rows = answer if isinstance(answer, list) else [answer]
            for column in target["columns"]:
                values = [row[column["selector"]] for row in rows]
                if not values or column["type"] == "number" and not any(float(value) for value in values):
                    raise Failed(f"the panel {panel['title']} shows nothing in {column['text']}: {path}")
            asked += 1
    return asked


def check_faults(living, prometheus, daemon, asked):
    """Makes the faults: what had nothing to show shows it."""
    def shown_under(fault, meanwhile=lambda: None):
        for who, expression in asked:
            if FAULTS.get(who) == fault:
                def look(expression=expression):
                    meanwhile()
                    return prometheus.ask(expression)
                wait_for(f"{who}, once {fault}: {expression}", look, 120)

    held = [daemon.hold() for _ in range(CONNECTIONS)]
    shown_under(FULL, daemon.refused)
    for connection in held:
        connection.close()
    living.kafka("down")
    shown_under(NO_BROKER)


def check(binary):
    begun = time.monotonic()
    alerts, recorded = ((HERE / name).read_text() for name in ("tributary.alerts.yml", "tributary.rules.yml"))
    check_runbook(alerts, "OPERATIONS.md")
    check_runbook((HERE / "tributary-route.alerts.yml").read_text(), "SHARDS.md")
    with Living(binary) as living:
        living.kafka("up")
        living.kafka("topic", "referral-events", "3")
        history = living.folder / "history.ndjson"
        subprocess.run([living.binary, "demo", "--seed", "1", "--events", "6000", "--end", f"{END}T00:00:00Z", "--out", history],
                       env=living.environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        daemon = Daemon(living)
        prometheus = Prometheus(living, daemon.probes)
        wait_for("Prometheus has scraped", lambda: prometheus.ask('up{job="tributary"} == 1'), 120)
        living.produce(history)
        wait_for("all is read", lambda: daemon.get("/v1/status")["position"] > 4000, 120)
        asked = check_prometheus(prometheus, daemon)
        business = check_business(daemon)
        check_faults(living, prometheus, daemon, asked)
        names = check_names(prometheus, asked, alerts, recorded)
    print(f"{len(asked)} questions of the operators' panels and recording rules, {business} of the business' panels, {names} metrics by "
          f"name: all answered by a real daemon, within {time.monotonic() - begun:.0f} s")


def main():
    if len(sys.argv) != 2 or not os.access(sys.argv[1], os.X_OK):
        sys.stderr.write("usage: check.py BINARY\n")
        return 2
    for need, package in (("prometheus", "prometheus"), ("openssl", "openssl")):
        if not shutil.which(need):
            sys.stderr.write(f"check.py: {need} is missing (Debian's package {package})\n")
            return MISSING
    try:
        check(sys.argv[1])
    except Failed as why:
        sys.stderr.write(f"check.py: {why}\n")
        return 1
    return 0


sys.exit(main())
