"""A long life with what each thread takes of a core, where other work shares the machine and wall time says little.

    python3 benches/scripts/long.py BINARY > long.csv

BINARY is the bench `long` (`cargo build --release -p tributary-ingest --bench long`), which is told by
`TRIBUTARY_BENCH_EVENTS` and `TRIBUTARY_BENCH_DIR` what to do. Behind each of its rows stand, of what came since the row before,
nanoseconds of a core an event: of the writer's thread, of those that write and merge runs, of the whole process, its drawing
of the events included; and the process's memory in MiB, that of its own and that of files that it maps. Linux alone.
"""

import os
import subprocess
import sys

NAMES = {"write": "writer_ns", "runs": "runs_ns", "merges": "merges_ns"}


def taken(pid):
    """Nanoseconds of a core that each thread has taken, by its name, and all together."""
    nanoseconds, tasks = dict.fromkeys(NAMES.values(), 0), f"/proc/{pid}/task"
    for task in os.listdir(tasks):
        try:
            with open(f"{tasks}/{task}/comm") as comm, open(f"{tasks}/{task}/schedstat") as spent:
                name, spent = comm.read().strip(), int(spent.read().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name in NAMES:
            nanoseconds[NAMES[name]] += spent
    with open(f"/proc/{pid}/stat") as stat:
        user, system = stat.read().rpartition(")")[2].split()[11:13]
    nanoseconds["process_ns"] = (int(user) + int(system)) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    return nanoseconds


def memory(pid):
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return [int(fields[name].split()[0]) >> 10 for name in ("RssAnon", "RssFile")]


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    bench = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
    before, events_before = dict.fromkeys([*NAMES.values(), "process_ns"], 0), 0
    for line in bench.stdout:
        line, events = line.rstrip("\n"), line.split(",")[0]
        if line.startswith("events,"):
            line = ",".join([line, *before, "own_mib", "mapped_mib"])
        elif events.isdigit():
            now, came = taken(bench.pid), max(int(events) - events_before, 1)
            each = [max(now[name] - before[name], 0) // came for name in before]
            line = ",".join(map(str, [line, *each, *memory(bench.pid)]))
            before, events_before = now, int(events)
        print(line, flush=True)
    sys.exit(bench.wait())


if __name__ == "__main__":
    main()
