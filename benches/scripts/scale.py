#!/usr/bin/env python3
"""A plan for many invitees and events, reckoned from what an event costs, and a small simulation of its days: how far shards fall behind
where families are uneven, where a shard is lost and replays, and at which rate something gives way first.

usage: scale.py [--invitees N] [--rate EVENTS_A_SECOND_AT_THE_PEAK] [--cores N] [--memory GIB] [--disk TB] [--years N]
                [--rebuild-hours N] [--reads N] [--set NAME=VALUE]…

Everything that is reckoned with stands in COSTS below, each with where it is from; --set gives another value. docs/SCALE.md tells it.
"""
import argparse
import math
import random

# Microseconds of a core, bytes, shares; of a release (docs/SCALE.md).
COSTS = {
    "router_us": 2.3,              # of a core a routed event
    "shard_us": 6.7,               # of the writer's thread an entry, at a large state (BENCHMARKS, A long life)
    "cassandra_us_a_row": 88.0,    # of a core, one replica (cluster_cost.py); a node that is warm and writes nothing else took half
    "codes": 1e7,                  # that somebody trades under, the k-th of them 1/k as often as the first
    "countries": 4.0,              # a code's cells a day, as many as alike
    "interval_s": 10.0,            # publish.interval_ms
    "row_bytes": 380.0,            # sent for a row
    "event_bytes": 86.0,           # in a topic, compressed, one replica
    "ledger_bytes": 55.0,          # an entry, with runs of the index (BENCHMARKS, Whole commands)
    "invitee_bytes": 0.55 * 1024,  # of memory (OPERATIONS, memory)
    "sub_account_bytes": 60.0,     # of memory on every shard, for each of all shards' (an estimate)
    "platform_share": 0.001,       # of events, that every shard reads
    "sub_accounts": 0.025,         # a share of invitees
    "sent_on_share": 0.001,        # of events, that a shard sends on
    "overview_us": 2600.0,         # of a core of a serving node
    "overview_cassandra_us": 22000.0,  # of a core, one node, two years of a referrer: the largest part of what nodes do
    "replay_rate": 1.4e6,          # entries a second and shard, from its own ledger (BENCHMARKS)
    "kafka_rate": 0.85e6,          # entries a second and shard, read anew from Kafka (BENCHMARKS)
    "failover_s": 15.0,            # session, election, and what the standby takes (STANDBY)
    "daily_mean": 0.45,            # of the peak: the mean of a day
    "reads_a_second": 50_000.0,    # overviews, all serving nodes
}
BUSY = 0.6        # a thread or a disk is planned to be busy so far at the peak
REPLICAS = 3


def rows_a_second(costs, peak):
    """Cells that change within an interval, each written once in it."""
    codes, interval = costs["codes"], costs["interval_s"]
    harmonic, cells, at = math.log(codes) + 0.5772, 0.0, 1.0
    # By steps that grow: between them codes are alike.
    while at <= codes:
        many = max(1.0, at * 0.05)
        each = peak * interval / harmonic / (at + many / 2) / costs["countries"]
        cells += many * costs["countries"] * (1 - math.exp(-each))
        at += many
    return cells / interval


def plan(costs, given):
    """Machines of each kind, by what asks for most of them."""
    peak, invitees = given.rate, given.invitees
    own = 1 + costs["sent_on_share"] - costs["platform_share"]
    by = {}
    # The writer is one thread: own / shards + platform has to fit into it.
    room = BUSY * 1e6 / costs["shard_us"] - peak * costs["platform_share"]
    if room <= 0:
        raise SystemExit("no number of shards is enough: the platform's topic alone keeps every writer busy")
    by["the writer's thread"] = peak * own / room
    everywhere = invitees * costs["sub_accounts"] * costs["sub_account_bytes"]
    memory = given.memory * 2**30 * 0.7 - everywhere - 2 * 2**30
    by["memory"] = invitees * costs["invitee_bytes"] / memory if memory > 0 else math.inf
    a_day = peak * costs["daily_mean"] * 86_400
    total = a_day * 365 * given.years
    by["the ledger's disk"] = total * costs["ledger_bytes"] / (given.disk * 1e12)
    by["a rebuild from Kafka in time"] = total / costs["kafka_rate"] / 3600 / given.rebuild_hours
    shards = math.ceil(max(by.values()))
    entries = a_day * (own / shards + costs["platform_share"])
    routers = math.ceil(peak * costs["router_us"] / 1e6 / BUSY / given.cores)
    rows = rows_a_second(costs, peak)
    nodes = REPLICAS * rows * costs["cassandra_us_a_row"] / 1e6 / BUSY / given.cores
    nodes += given.reads * costs["overview_cassandra_us"] / 1e6 / BUSY / given.cores
    serving = math.ceil(given.reads * costs["overview_us"] / 1e6 / BUSY / given.cores)
    return {
        "shards": shards, "asked for by": max(by, key=by.get), "by": by, "routers": routers, "serving": serving,
        "nodes": max(REPLICAS, math.ceil(nodes)), "entries a day and shard": entries,
        "ledger of it all, a shard, TB": entries * 365 * given.years * costs["ledger_bytes"] / 1e12,
        "kafka of it all, all replicas, TB": total * costs["event_bytes"] * (2 + costs["sent_on_share"]) * REPLICAS / 1e12,
        "kafka a day, GB": a_day * costs["event_bytes"] * (2 + costs["sent_on_share"]) * REPLICAS / 1e9,
        "kafka in, MB/s": peak * costs["event_bytes"] * (2 + costs["sent_on_share"]) * REPLICAS / 1e6,
        "standby, MB/s and shard": peak * own / shards * costs["ledger_bytes"] / 1e6,
        "cassandra rows/s": rows, "cassandra in, MB/s": rows * costs["row_bytes"] * REPLICAS / 1e6, "memory a shard, GiB": (invitees * costs["invitee_bytes"] / shards + everywhere) / 2**30 + 2,
        "replay of it all from ledgers, h": total / shards / costs["replay_rate"] / 3600,
        "replay of it all from Kafka, h": total / shards / costs["kafka_rate"] / 3600,
        "grow to twice as many, h": total / (2 * shards) / costs["kafka_rate"] / 3600,
    }


def day(costs, shards, peak, seed=1, lost=True, step=10, partitions=4_096, skew=1.16):
    """One day: the most seconds that any shard lies behind, and how much more than its part the largest has. Volume of partitions is drawn with a long tail, as that of families
    is; one shard is lost at the peak and taken over."""
    dice = random.Random(seed)
    weights = [dice.paretovariate(skew) for _ in range(partitions)]
    # A family is at most one in two thousand of all events: beyond that nothing here divides it.
    cap = sum(weights) / 2_000
    weights = [min(weight, cap) for weight in weights]
    of = [sum(weights[shard::shards]) for shard in range(shards)]
    whole = sum(of)
    own = 1 + costs["sent_on_share"] - costs["platform_share"]
    speed = 1e6 / costs["shard_us"]
    behind, backlog = 0.0, [0.0] * shards
    heaviest = max(range(shards), key=of.__getitem__)
    for now in range(0, 86_400, step):
        # Quiet at night, a peak of some hours.
        rate = peak * (costs["daily_mean"] * 2 - 1 + (2 - costs["daily_mean"] * 2) * (1 - math.cos(2 * math.pi * now / 86_400)) / 2)
        rate = max(rate, peak * 0.05)
        for shard in range(shards):
            comes = rate * (own * of[shard] / whole + costs["platform_share"])
            is_lost = lost and shard == heaviest and 43_200 <= now < 43_200 + costs["failover_s"]
            backlog[shard] = max(0.0, backlog[shard] + (comes - (0 if is_lost else speed)) * step)
            behind = max(behind, backlog[shard] / speed)
    return behind, max(of) / (whole / shards)


def gives_way_at(costs, shards, most=60.0):
    """The rate at the peak from which on a shard lies more than a minute behind on a day without a fault."""
    low, high = 1e3, 1e8
    while high / low > 1.02:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if day(costs, shards, middle, lost=False, step=60)[0] <= most else (low, middle)
    return low


def main():
    parser = argparse.ArgumentParser(description="A plan, and a simulation of its days.")
    parser.add_argument("--invitees", type=float, default=1e9)
    parser.add_argument("--rate", type=float, default=1e6, help="events a second at the peak")
    parser.add_argument("--cores", type=int, default=16, help="of each machine")
    parser.add_argument("--memory", type=float, default=64, help="GiB of each shard's machine")
    parser.add_argument("--disk", type=float, default=30, help="TB of each shard's machine for its ledger")
    parser.add_argument("--rebuild-hours", type=float, default=72, help="in which all of history may be read anew from Kafka")
    parser.add_argument("--years", type=float, default=1, help="of history")
    parser.add_argument("--reads", type=float, default=COSTS["reads_a_second"], help="overviews a second")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    costs = dict(COSTS)
    for pair in given.set:
        name, _, value = pair.partition("=")
        if name not in costs:
            parser.error(f"no such cost: {name}; there are {', '.join(costs)}")
        costs[name] = float(value)
    told = plan(costs, given)
    print(f"{given.invitees:.0e} invitees, {given.rate:.0e} events/s at the peak, {given.years:g} years of history\n")
    for name, value in told.items():
        if name == "by":
            for limit, count in value.items():
                print(f"    {limit}: {count:.1f} shards")
        else:
            print(f"{name:36} {value if isinstance(value, (int, str)) else format(value, ',.1f')}")
    shards = told["shards"]
    print("\nshards   uneven by   behind at the peak, s   and the heaviest lost, s   gives way at, events/s")
    for count in sorted({max(1, shards // 2), shards, shards * 3 // 2, shards * 2}):
        (quiet, uneven), (lost, _) = day(costs, count, given.rate, lost=False), day(costs, count, given.rate)
        print(f"{count:6} {uneven:10.2f} {quiet:18.0f} {lost:26.0f} {gives_way_at(costs, count):26,.0f}")


if __name__ == "__main__":
    main()
