#!/usr/bin/env python3
"""Writes the dashboards: `make.py` all files, `make.py --check` fails where they are not what it would write.

A panel is one line here: what it asks, its unit, and what it means. The JSON is Grafana's (schema 39, Grafana 10 and later).
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
PROMETHEUS = {"type": "prometheus", "uid": "${prometheus}"}
API = {"type": "yesoreyeram-infinity-datasource", "uid": "${api}"}
OF = 'job="tributary",instance=~"$instance"'
OF_ROUTERS = 'job="tributary-route",instance=~"$instance"'


def row(title):
    return {"row": title}


def panel(kind, title, description, unit, targets, width=8, height=8, **field):
    return {"kind": kind, "title": title, "description": description, "unit": unit, "targets": targets,
            "width": width, "height": height, "field": field}


def ask(expr, legend="{{instance}}"):
    return {"datasource": PROMETHEUS, "expr": expr.replace("%", OF), "legendFormat": legend}


def quantiles(metric, by="", legend="", at=(0.5, 0.99)):
    by = f"le,instance{',' + by if by else ''}"
    return [ask(f"histogram_quantile({q}, sum by ({by}) (rate({metric}_bucket{{%}}[$__rate_interval])))",
                f"p{int(q * 100)} {legend or '{{instance}}'}") for q in at]


OPERATORS = [
    row("Now"),
    panel("stat", "Answers", "1 if it answers for the whole ledger (GET /readyz); 0 while it replays.", "bool_yes_no",
          [ask("tributary_ready_to_answer{%}")], 3, 5),
    panel("stat", "Takes in", "1 if everything that it is to read is being read (GET /readyz?ingest=true).", "bool_yes_no",
          [ask("tributary_ready_to_ingest{%}")], 3, 5),
    panel("stat", "Lag", "Age of the last message taken of the partition that lies furthest behind; 0 if nothing is left to read.",
          "s", [ask("max by (instance) (tributary_kafka_consumer_lag_seconds{%})")], 3, 5),
    panel("stat", "Latest event", "How long ago the latest event happened, by its own time.", "s",
          [ask("time() - tributary_latest_event_timestamp_seconds{%}")], 3, 5),
    panel("stat", "In quarantine", "Events that did not get in and that nobody has decided about.", "short",
          [ask('tributary_quarantine_events{%,state="open"}')], 3, 5),
    panel("stat", "Disk free", "Share of the ledger's disk that is free.", "percentunit",
          [ask("tributary_disk_free_bytes{%} / tributary_disk_size_bytes{%}")], 3, 5, min=0, max=1),
    panel("stat", "Last checkpoint", "How long ago the state was kept for a quick start.", "s",
          [ask("time() - tributary_checkpoint_timestamp_seconds{%}")], 3, 5),
    panel("stat", "Runs since", "How long the process has run.", "s", [ask("time() - process_start_time_seconds{%}")], 3, 5),
    panel("table", "What is missing", "What it is to read and does not; empty if nothing is. GET /readyz?ingest=true gives the reason.",
          "short", [ask("tributary_missing{%} == 1", "{{what}}")], 12, 5),
    panel("table", "Version", "What runs, and from which commit.", "short",
          [ask("tributary_build_info{%}", "{{version}} {{commit}}")], 12, 5),
    row("Coming in"),
    panel("timeseries", "Events", "Events read a second, by what became of them.", "ops",
          [ask("sum by (instance, outcome) (rate(tributary_events_total{%}[$__rate_interval]))", "{{outcome}} {{instance}}")]),
    panel("timeseries", "Lag, seconds", "Age of the last message taken, of each partition.", "s",
          [ask("tributary_kafka_consumer_lag_seconds{%}", "{{topic}}[{{partition}}]")]),
    panel("timeseries", "Lag, messages", "Offsets between what the ledger holds of a partition and its end.", "short",
          [ask("tributary_kafka_consumer_lag_messages{%}", "{{topic}}[{{partition}}]")]),
    panel("timeseries", "Freshness", "How long ago the latest event happened, and how long ago an entry was written.", "s",
          [ask("time() - tributary_latest_event_timestamp_seconds{%}", "event {{instance}}"),
           ask("time() - tributary_latest_entry_timestamp_seconds{%}", "entry {{instance}}")]),
    panel("timeseries", "Into quarantine", "Events a second that do not get in, by reason.", "ops",
          [ask('sum by (reason) (rate(tributary_events_total{%,outcome="quarantined"}[$__rate_interval])) > 0', "{{reason}}")]),
    panel("timeseries", "Quarantine", "Events in quarantine, by what was decided about them.", "short",
          [ask("tributary_quarantine_events{%}", "{{state}} {{instance}}")]),
    panel("timeseries", "On their way", "Bytes between the sources and the ledger, and how many there may be.", "bytes",
          [ask("tributary_channel_bytes{%}", "{{channel}}"), ask("tributary_channel_limit_bytes{%}", "{{channel}}, at most")]),
    panel("timeseries", "Kafka's errors", "Errors a second that the client reports.", "ops",
          [ask("rate(tributary_kafka_errors_total{%}[$__rate_interval])")]),
    panel("timeseries", "Clock", "How far the clock is behind the last entry of the ledger.", "s",
          [ask("tributary_clock_behind_ledger_seconds{%}")]),
    row("Commits"),
    panel("timeseries", "Sync", "How long it takes to make a file of the ledger durable.", "s",
          quantiles("tributary_ledger_fsync_duration_seconds")),
    panel("timeseries", "Write", "How long it takes to write to a file of the ledger, before it is durable.", "s",
          quantiles("tributary_ledger_append_duration_seconds")),
    panel("timeseries", "Apply", "How long a frame takes to be applied, and how long the state stands still for a piece of it.", "s",
          quantiles("tributary_apply_duration_seconds", legend="frame", at=(0.99,))
          + quantiles("tributary_apply_piece_duration_seconds", legend="piece", at=(0.99,))),
    panel("timeseries", "Events a frame", "How many events one sync makes durable, in the middle and of the largest.", "short",
          quantiles("tributary_batch_events")),
    panel("timeseries", "Position", "The last position of the ledger, and that of the last checkpoint.", "short",
          [ask("tributary_ledger_position{%}", "ledger {{instance}}"),
           ask("tributary_checkpoint_position{%}", "checkpoint {{instance}}")]),
    panel("timeseries", "Commands", "How long what appends takes to be answered, by endpoint.", "s",
          quantiles("tributary_command_duration_seconds", "endpoint", "{{endpoint}}", at=(0.99,))),
    row("Questions"),
    panel("timeseries", "Requests", "Requests a second, by status.", "reqps",
          [ask("sum by (status) (rate(tributary_http_requests_total{%}[$__rate_interval]))", "{{status}}")]),
    panel("timeseries", "Answers, the slowest of a hundred", "How long questions take, by endpoint.", "s",
          quantiles("tributary_query_duration_seconds", "endpoint", "{{endpoint}}", at=(0.99,))),
    panel("timeseries", "Answers, in the middle", "How long questions take, by endpoint.", "s",
          quantiles("tributary_query_duration_seconds", "endpoint", "{{endpoint}}", at=(0.5,))),
    panel("timeseries", "Looking back", "How long it takes until a state of the past is there, by what is asked about.", "s",
          quantiles("tributary_as_of_seconds", "about", "{{about}}", at=(0.99,))),
    panel("timeseries", "Connections", "Open connections, and how many there may be.", "short",
          [ask("tributary_http_connections{%}", "open"), ask("tributary_http_connections_max{%}", "at most"),
           ask("tributary_live_pages{%}", "live pages"), ask("tributary_live_feeds{%}", "live feeds")]),
    panel("timeseries", "Refused and closed", "Connections a second that had no place, or were closed for another.", "ops",
          [ask("sum by (reason) (rate(tributary_http_connections_refused_total{%}[$__rate_interval]))", "refused: {{reason}}"),
           ask("sum by (reason) (rate(tributary_http_connections_closed_total{%}[$__rate_interval]))", "closed: {{reason}}")]),
    row("Memory and disk"),
    panel("timeseries", "Memory", "What the process holds, what the state and what is held to look back count of it, and what the rules say it may take.", "bytes",
          [ask("process_resident_memory_bytes{%}", "held {{instance}}"), ask("tributary_state_bytes{%}", "state {{instance}}"),
           ask("sum by (instance) (tributary_past_bytes{%})", "to look back {{instance}}"),
           ask("tributary:memory_budget:bytes", "budget")]),
    panel("timeseries", "Disk", "Bytes of the ledger and its checkpoints, and what is free beside them.", "bytes",
          [ask("tributary_ledger_size_bytes{%}", "ledger"), ask("tributary_checkpoint_bytes{%}", "checkpoints"),
           ask("tributary_disk_free_bytes{%}", "free")]),
    panel("timeseries", "Open files", "Open files, and how many there may be.", "short",
          [ask("process_open_fds{%}", "open"), ask("process_max_fds{%}", "at most")], log=True),
    panel("timeseries", "Processor", "Cores in use.", "short", [ask("rate(process_cpu_seconds_total{%}[$__rate_interval])")]),
    panel("timeseries", "Threads", "Threads of the process.", "short", [ask("process_threads{%}")]),
    panel("timeseries", "Snapshots", "States that differ from the present one and are held for questions that take long.", "short",
          [ask("tributary_snapshots{%}")]),
    row("Checkpoints, and what is worked out apart"),
    panel("timeseries", "Age of the last checkpoint", "How long ago the state was kept. Of an idle ledger none is.", "s",
          [ask("time() - tributary_checkpoint_timestamp_seconds{%}")]),
    panel("timeseries", "Keeping one", "How long it takes to keep a checkpoint.", "s",
          quantiles("tributary_checkpoint_duration_seconds")),
    panel("timeseries", "Not kept", "Checkpoints that failed, since the start.", "short",
          [ask("tributary_checkpoint_failures_total{%}")]),
    panel("timeseries", "Written for checkpoints", "Bytes a second.", "Bps",
          [ask("rate(tributary_checkpoint_written_bytes{%}[$__rate_interval])")]),
    panel("timeseries", "Apart", "Of an entry that reaches far: families that it reaches, and those that are done.", "short",
          [ask("tributary_apart_families{%}", "reached"), ask("tributary_apart_families_done{%}", "done")]),
    panel("timeseries", "Apart, how long", "How long entries that reach far take.", "s",
          quantiles("tributary_apart_duration_seconds", at=(0.99,))),
    row("Backups and the certificate, where they are set"),
    panel("timeseries", "Age of the last backup", "How long ago the last backup that the daemon ships was whole.", "s",
          [ask("time() - tributary_backup_last_success_timestamp_seconds{%}")]),
    panel("timeseries", "Behind the ledger", "Positions that the ledger has and the backup has not.", "short",
          [ask("tributary_ledger_position{%} - tributary_backup_position{%}")]),
    panel("timeseries", "Shipped", "Bytes a second that go to the backup.", "Bps",
          [ask("rate(tributary_backup_shipped_bytes_total{%}[$__rate_interval])")]),
    panel("timeseries", "Shipping", "How long it takes to ship what is new.", "s",
          quantiles("tributary_backup_duration_seconds", at=(0.99,))),
    panel("timeseries", "Not shipped", "Backups that failed, since the start.", "short",
          [ask("tributary_backup_failures_total{%}")]),
    panel("timeseries", "Certificate", "For how long the certificate of the API is still good.", "s",
          [ask("tributary_tls_certificate_expiry_timestamp_seconds{%} - time()")]),
]


def of_routers(*targets):
    return [{**target, "expr": target["expr"].replace(OF, OF_ROUTERS)} for target in targets]


ROUTERS = [
    row("Now"),
    panel("stat", "Routers", "How many of them are scraped and answer.", "short", of_routers(ask("count(up{%} == 1)", "up")), 4, 5),
    panel("stat", "Furthest behind", "Offsets between what is routed and the end, of the partition that lies furthest behind.", "short",
          of_routers(ask("max(tributary_route_lag_messages{%})", "lag")), 4, 5),
    panel("stat", "Routed", "Messages a second that all routers together put into the shards' topics.", "ops",
          of_routers(ask("sum(rate(tributary_route_messages_total{%}[$__rate_interval]))", "all")), 4, 5),
    panel("stat", "Sub-accounts", "Sub-accounts whose parents a router knows.", "short",
          of_routers(ask("max(tributary_route_sub_accounts{%})", "known")), 4, 5),
    panel("stat", "Failures", "Times that routing failed within the hour, whatever the cause.", "short",
          of_routers(ask("sum(increase(tributary_route_failures_total{%}[1h]))", "within an hour")), 4, 5),
    panel("stat", "Unreadable", "Messages of the hour that could not be read as events: they lie in a shard's quarantine.", "short",
          of_routers(ask("sum(increase(tributary_route_unreadable_total{%}[1h]))", "within an hour")), 4, 5),
    row("What they route"),
    panel("timeseries", "Messages", "Messages a second put into each topic by transactions that were committed.", "ops",
          of_routers(ask("rate(tributary_route_messages_total{%}[$__rate_interval])", "{{topic}} {{instance}}"))),
    panel("timeseries", "Bytes", "Bytes a second of keys and texts, by topic.", "Bps",
          of_routers(ask("rate(tributary_route_bytes_total{%}[$__rate_interval])", "{{topic}} {{instance}}"))),
    panel("timeseries", "Lag", "Offsets between what is routed of a partition and its end. One alone: producers write most to it. All: more routers, or slow brokers.",
          "short", of_routers(ask("tributary_route_lag_messages{%}", "{{topic}}[{{partition}}]"))),
    panel("timeseries", "Transactions", "Transactions a second, by what became of them. What one that was aborted had read is read again.", "ops",
          of_routers(ask("sum by (instance, outcome) (rate(tributary_route_transactions_total{%}[$__rate_interval]))", "{{outcome}} {{instance}}"))),
    panel("timeseries", "A transaction", "How long a transaction takes that is committed.", "s",
          of_routers(*quantiles("tributary_route_transaction_duration_seconds"))),
    panel("timeseries", "Failures", "Times a second that routing failed, by cause.", "ops",
          of_routers(ask("sum by (instance, cause) (rate(tributary_route_failures_total{%}[$__rate_interval]))", "{{cause}} {{instance}}"))),
    row("What they take"),
    panel("timeseries", "Processor", "Cores in use.", "short", of_routers(ask("rate(process_cpu_seconds_total{%}[$__rate_interval])"))),
    panel("timeseries", "Memory", "What the process holds, and what the sub-accounts take of it.", "bytes",
          of_routers(ask("process_resident_memory_bytes{%}", "held {{instance}}"),
                     ask("tributary_route_sub_accounts_bytes{%}", "sub-accounts {{instance}}"))),
    panel("timeseries", "Sub-accounts", "Sub-accounts whose parents are known.", "short", of_routers(ask("tributary_route_sub_accounts{%}"))),
]


def api(path, root, columns, form="table"):
    return {"datasource": API, "type": "json", "source": "url", "parser": "backend", "format": form, "url": path,
            "url_options": {"method": "GET"}, "root_selector": root,
            "columns": [{"selector": name, "text": text, "type": kind} for name, text, kind in columns]}


RANGE = "from=${__from:date:YYYY-MM-DD}&to=${__to:date:YYYY-MM-DD}"
SERIES = f"/v1/overview/series?{RANGE}&interval=$interval"
DAY = ("date", "Time", "timestamp")


def course(*columns):
    return [api(SERIES, "points", [DAY, *((name, text, "number") for name, text in columns)], "timeseries")]


def total(name, text):
    return [api(f"/v1/overview?{RANGE}", "metrics", [(name, text, "number")])]


BUSINESS = [
    row("In the range"),
    panel("stat", "Commission", "What all referrers earned in the range, in USD, net of reversals. Rounded by the display: exact amounts are the API's.",
          "currencyUSD", total("total_rewards", "Commission"), 4, 5),
    panel("stat", "Shared", "What invitees got back of it, in USD.", "currencyUSD", total("shared_commission", "Shared"), 4, 5),
    panel("stat", "Invitees", "Accounts that registered by somebody's code.", "short", total("total_referrals", "Invitees"), 4, 5),
    panel("stat", "First deposits", "Invitees whose first deposit lies in the range.", "short", total("deposited", "Deposited"), 4, 5),
    panel("stat", "Traders", "Invitees with at least one trade in the range, each counted once.", "short", total("traded", "Traders"), 4, 5),
    panel("stat", "Volume", "Volume of all their trades, in USD.", "currencyUSD", total("total_volume", "Volume"), 4, 5),
    row("Over time"),
    panel("timeseries", "Commission", "By day, week or month, in USD: spot with margin, and futures.", "currencyUSD",
          course(("spot_commission", "Spot"), ("futures_commission", "Futures")), 12),
    panel("timeseries", "Shared with invitees", "By day, week or month, in USD.", "currencyUSD", course(("shared_commission", "Shared")), 12),
    panel("timeseries", "From registration to trade", "How many registered, were verified, deposited first and traded first.", "short",
          course(("total_referrals", "Registered"), ("verified", "Verified"), ("deposited", "First deposit"),
                 ("first_time_trade", "First trade")), 12),
    panel("timeseries", "Traders", "Invitees with at least one trade in the day, week or month.", "short", course(("traded", "Traders")), 12),
    panel("timeseries", "Volume", "Volume of their trades, in USD: spot with margin, futures at VIP level 0 and 1, and all of it.",
          "currencyUSD", course(("spot_volume", "Spot"), ("futures_volume", "Futures"), ("total_volume", "All")), 24),
    row("Who and where"),
    panel("table", "Referrers", "Those with the most commission in the range.", "currencyUSD",
          [api(f"/v1/referrers?{RANGE}&limit=25", "rows",
               [("uid", "Referrer", "string"), ("total_rewards", "Commission", "number"),
                ("total_referrals", "Invitees", "number"), ("traded", "Traders", "number"),
                ("total_volume", "Volume", "number")])], 12, 10),
    panel("table", "Countries", "By commission in the range; ZZ is not known.", "currencyUSD",
          [api(f"/v1/countries?{RANGE}&limit=25", "rows",
               [("country", "Country", "string"), ("total_rewards", "Commission", "number"),
                ("total_referrals", "Invitees", "number"), ("traded", "Traders", "number"),
                ("total_volume", "Volume", "number")])], 12, 10),
]


def field_config(spec):
    defaults = {"unit": spec["unit"]}
    defaults.update({name: spec["field"][name] for name in ("min", "max") if name in spec["field"]})
    if spec["kind"] == "timeseries":
        scale = {"type": "log", "log": 10} if spec["field"].get("log") else {"type": "linear"}
        defaults["custom"] = {"lineWidth": 1, "fillOpacity": 8, "showPoints": "never", "scaleDistribution": scale}
    overrides = []
    if spec["kind"] == "table":
        overrides = [{"matcher": {"id": "byName", "options": name}, "properties": [{"id": "unit", "value": "short"}]}
                     for name in ("Invitees", "Traders")]
    return {"defaults": defaults, "overrides": overrides}


def options(kind):
    if kind == "stat":
        return {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "graphMode": "none",
                "colorMode": "value", "textMode": "value_and_name"}
    if kind == "timeseries":
        return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
    return {"showHeader": True}


def panels(specs):
    made, x, y, tallest = [], 0, 0, 0
    for number, spec in enumerate(specs, 1):
        if "row" in spec:
            y, x, tallest = y + tallest, 0, 0
            made.append({"id": number, "type": "row", "title": spec["row"], "collapsed": False, "panels": [],
                         "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}})
            y += 1
            continue
        if x + spec["width"] > 24:
            x, y, tallest = 0, y + tallest, 0
        targets = [{"refId": chr(ord("A") + at), **target} for at, target in enumerate(spec["targets"])]
        if spec["kind"] == "table":
            targets = [{**target, "instant": True, "format": "table"} if "expr" in target else target for target in targets]
        made.append({"id": number, "type": spec["kind"], "title": spec["title"], "description": spec["description"],
                     "datasource": targets[0]["datasource"], "gridPos": {"x": x, "y": y, "w": spec["width"], "h": spec["height"]},
                     "fieldConfig": field_config(spec), "options": options(spec["kind"]), "targets": targets})
        x, tallest = x + spec["width"], max(tallest, spec["height"])
    return made


def source(name, label, kind):
    return {"name": name, "label": label, "type": "datasource", "query": kind, "hide": 0, "refresh": 1}


def dashboard(uid, title, description, variables, specs, begin, refresh):
    return {"uid": uid, "title": title, "description": description, "tags": ["tributary"], "schemaVersion": 39, "version": 1,
            "editable": True, "timezone": "utc", "refresh": refresh, "time": {"from": begin, "to": "now"},
            "templating": {"list": variables}, "annotations": {"list": []}, "panels": panels(specs)}


def written():
    instance = {"name": "instance", "label": "Daemon", "type": "query", "datasource": PROMETHEUS, "hide": 0, "refresh": 2,
                "query": {"query": 'label_values(tributary_build_info{job="tributary"}, instance)', "refId": "instance"},
                "includeAll": True, "multi": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}}
    interval = {"name": "interval", "label": "By", "type": "custom", "query": "day,week,month", "hide": 0,
                "current": {"text": "day", "value": "day"},
                "options": [{"text": name, "value": name, "selected": name == "day"} for name in ("day", "week", "month")]}
    yield "operators.json", dashboard(
        "tributary-operators", "Tributary, for operators", "Whether the daemon takes everything in, and what holds it up.",
        [source("prometheus", "Prometheus", "prometheus"), instance], OPERATORS, "now-6h", "30s")
    router = {**instance, "label": "Router",
              "query": {"query": 'label_values(up{job="tributary-route"}, instance)', "refId": "instance"}}
    yield "routers.json", dashboard(
        "tributary-routers", "Tributary, routers", "What comes in past one machine: what routers put where, and how far they are.",
        [source("prometheus", "Prometheus", "prometheus"), router], ROUTERS, "now-6h", "30s")
    yield "business.json", dashboard(
        "tributary-business", "Tributary, for the business",
        "What all referrers together earned and brought: asked of the daemon's API, so the figures are the dashboard's own.",
        [source("api", "Tributary's API", "yesoreyeram-infinity-datasource"), interval], BUSINESS, "now-30d", "5m")


def main():
    wrong = []
    for name, content in written():
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        path = HERE / name
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                wrong.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if wrong:
        sys.exit(f"{', '.join(wrong)}: not what make.py writes; run it")


main()
