"""How fast `tributary import` takes a file, the whole command as a user runs it, checkpoints and all.

    python3 benches/scripts/imports.py [EVENTS] [TIMES]

The seeded workload with 5 % duplicates and 5 % of the lines in other layouts: in order, with 5 % and with half of the
events displaced by up to 100,000 others. Medians. `$TRIBUTARY` and `$NDJSON` name other binaries than those in
target/release.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from serving import BINARY, ENVIRONMENT, draw

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
TIMES = int(sys.argv[2]) if len(sys.argv) > 2 else 3
ORDERS = (("in order", 0), ("5 % displaced", 5), ("half displaced", 50))


def imported(path, data):
    """Seconds, seconds of a core, and the most memory in MiB."""
    begun = time.perf_counter()
    command = [BINARY, "import", "--quiet", "--data", data, path]
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the import failed with {process.returncode}")
    return took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def below(folder, part=""):
    paths = (os.path.join(root, name) for root, _, names in os.walk(os.path.join(folder, part)) for name in names)
    return sum(os.lstat(path).st_blocks * 512 for path in paths)


def main():
    print("| import, whole command | events/s | ns of a core an event | most memory, MiB | disk, bytes an event | of it checkpoints |")
    print("|---|---|---|---|---|---|")
    folder = tempfile.mkdtemp(prefix="imports-", dir=os.environ.get("TRIBUTARY_BENCH_DIR"))
    try:
        for name, disorder in ORDERS:
            path, data = os.path.join(folder, "events.ndjson"), os.path.join(folder, "data")
            flags = ["--clean", "--disorder", str(disorder), "--duplicates", "5", "--layouts", "5"]
            lines = draw(path, "--events", str(EVENTS), *flags)
            taken = []
            for _ in range(TIMES):
                shutil.rmtree(data, ignore_errors=True)
                taken.append(imported(path, data))
            took, core, memory = (statistics.median(column) for column in zip(*taken))
            size = below(data) / lines
            kept = sum(below(data, part) for part in ("checkpoint", "past")) / lines
            figures = f"{lines / took:,.0f} | {core / lines * 1e9:,.0f} | {memory:,.0f} | {size:.1f} | {kept:.1f}"
            print(f"| {name} | {figures} |", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
