"""A daemon to measure: started, asked, fed and ended. Used by the scripts beside it."""

import argparse
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time

BINARY = os.environ.get("TRIBUTARY", "target/release/tributary")
NDJSON = os.environ.get("NDJSON", "target/release/examples/ndjson")
# A name that begins like a setting's and is none is refused; and no setting of who measures is to be measured.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("TRIBUTARY_")}


class Daemon:
    """`tributary run` on a folder. What it says is in `daemon.log` there."""

    def __init__(self, folder, port, *arguments):
        self.address = f"127.0.0.1:{port}"
        self.begun = time.perf_counter()
        self.log = os.path.join(folder, "daemon.log")
        command = [BINARY, "run", "--data", os.path.join(folder, "data"), "--listen", self.address, *arguments]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, env=ENVIRONMENT, stdout=log, stderr=log)

    def ready(self, seconds=600):
        """Waits until it answers for the whole ledger. Seconds since it was started."""
        while time.perf_counter() < self.begun + seconds:
            if self.process.poll() is not None:
                raise SystemExit(f"the daemon ended: see {self.log}")
            try:
                connection = http.client.HTTPConnection(self.address)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return time.perf_counter() - self.begun
            except OSError:
                pass
            time.sleep(0.01)
        raise SystemExit("the daemon was not ready in time")

    def memory(self):
        """MiB of its own, without the files it maps."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
        return int(lines["RssAnon"].split()[0]) / 1024

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Client:
    """One connection that is kept."""

    def __init__(self, daemon):
        self.connection = http.client.HTTPConnection(daemon.address, timeout=600)

    def ask(self, method, path, body=None, kind=None):
        self.connection.request(method, path, body, {"content-type": kind} if kind else {})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {content[:300]!r}")
        return content

    def get(self, path):
        return json.loads(self.ask("GET", path))

    def post_lines(self, lines):
        return self.ask("POST", "/v1/events", lines, "application/x-ndjson")

    def post(self, event):
        return json.loads(self.ask("POST", "/v1/events", json.dumps(event), "application/cloudevents+json"))


class Paced:
    """Calls `send` with pieces of so many lines, as evenly as it can, until it is stopped."""

    def __init__(self, send, lines, rate, piece):
        self.send, self.lines, self.rate, self.piece = send, lines, rate, piece
        self.sent, self.failure, self.is_over = 0, None, threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.begun = time.perf_counter()
        self.thread.start()
        return self

    def _run(self):
        try:
            while not self.is_over.is_set():
                due = self.begun + self.sent / self.rate
                self.is_over.wait(max(0, due - time.perf_counter()))
                lines = [line for _, line in zip(range(self.piece), self.lines)]
                if not lines:
                    raise SystemExit("there are too few events for so long a run")
                self.send(lines)
                self.sent += len(lines)
        except (SystemExit, OSError, http.client.HTTPException) as failure:
            self.failure = failure

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()
        self.took = time.perf_counter() - self.begun
        if self.failure:
            raise SystemExit(f"events could not be sent: {self.failure}")

    def reached(self):
        """Events a second."""
        return self.sent / self.took


def draw(path, *flags):
    """Writes a workload. How many lines."""
    subprocess.run([NDJSON, *flags, "--out", path], check=True, stderr=subprocess.DEVNULL)
    with open(path, "rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def import_first(path, lines, data):
    """Imports so many lines of a file. The place in bytes behind them."""
    place = 0
    with open(path, "rb") as file:
        command = [BINARY, "import", "--quiet", "--data", data, "-"]
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing)
        for _, line in zip(range(lines), file):
            process.stdin.write(line)
            place += len(line)
        process.stdin.close()
        if process.wait() != 0:
            raise SystemExit("the import failed")
    return place


def run(measure, name, port, **numbers):
    """Calls `measure` with a folder that is gone afterwards, and with the options given: these numbers, and a port."""
    parser = argparse.ArgumentParser()
    for option, default in (numbers | {"port": port}).items():
        kind = {"action": "store_true"} if default is False else {"type": int, "default": default}
        parser.add_argument(f"--{option}", **kind)
    given = parser.parse_args()
    folder = tempfile.mkdtemp(prefix=f"{name}-", dir=os.environ.get("TRIBUTARY_BENCH_DIR"))
    try:
        measure(folder, given)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
