"""What check.py watches: a real broker, a real daemon that reads it, and a real Prometheus that scrapes the daemon, all of them on
ports of their own and in one folder, and all of them gone when it is over."""
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
KAFKA = HERE.parent / "kafka" / "kafka.sh"
TOPIC = "referral-events"
MISSING = 3
# So many connections the daemon serves at a time.
CONNECTIONS = 8
SECRET = "a secret of at least thirty-two bytes"


class Failed(Exception):
    """What is told, and the check fails."""


def wait_for(what, ask, seconds):
    """What `ask` gives as soon as it gives something."""
    until, last = time.monotonic() + seconds, None
    while time.monotonic() < until:
        try:
            last = ask()
            if last:
                return last
        except (OSError, urllib.error.URLError) as error:
            last = error
        time.sleep(0.2)
    raise Failed(f"waited {seconds} s for: {what} (last: {last})")


def first_port(count=1):
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
    raise Failed("there are no free ports in a row")


class Living:
    """A folder with processes in it. Used as a context: at its end all of them are ended, and after a failure their logs are shown."""

    def __init__(self, binary):
        self.binary = os.path.abspath(binary)
        self.processes = []
        # What CI demands of the tests has names as settings have, and is none.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("TRIBUTARY_")}
        self.kafka_port = first_port(5)

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        return self

    def __exit__(self, kind, error, trace):
        try:
            if kind is not None:
                for name, _ in self.processes:
                    sys.stderr.write(f"--- {name}\n" + "\n".join(self.log(name).splitlines()[-15:]) + "\n")
            for _, process in reversed(self.processes):
                self.end(process)
            if (self.folder / "kafka").exists():
                self.kafka("wipe")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def end(self, process):
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def start(self, name, command, environment=None):
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(command, env={**self.environment, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=log)
        self.processes.append((name, process))
        return process

    def kafka(self, *arguments, stdin=None):
        environment = {**self.environment, "LOCAL_KAFKA_DIR": str(self.folder / "kafka"), "LOCAL_KAFKA_PORT": str(self.kafka_port),
                       "LOCAL_KAFKA_WAIT": "300"}
        # What it says goes to a file: the broker that it leaves behind would hold a pipe open for ever.
        said = self.folder / "kafka.log"
        with open(said, "wb") as out:
            code = subprocess.run([KAFKA, *arguments], env=environment, stdin=stdin or subprocess.DEVNULL, stdout=out, stderr=out).returncode
        if code == MISSING:
            sys.stderr.write(said.read_text())
            raise SystemExit(MISSING)
        if code:
            raise Failed(f"kafka.sh {' '.join(arguments)}: {said.read_text()}")

    def produce(self, path):
        with open(path, "rb") as events:
            self.kafka("tool", "org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", f"127.0.0.1:{self.kafka_port}",
                       "--topic", TOPIC, stdin=events)


class Daemon:
    """A daemon with all that is measured: it reads a topic, speaks https, and ships backups every second."""

    def __init__(self, living):
        folder = living.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
                       check=True, capture_output=True)
        (folder / "tributary.toml").write_text(f"""
data = "{folder}/data"
listen = "127.0.0.1:0"
[http]
probes_listen = "127.0.0.1:0"
connections_max = {CONNECTIONS}
live_pages_max = 1
live_feeds_max = 1
[http.tls]
certificate = "{folder}/certificate.pem"
key = "{folder}/key.pem"
[kafka]
brokers = ["127.0.0.1:{living.kafka_port}"]
topics = ["{TOPIC}"]
[auth]
hs256_secret = "{SECRET}"
[checkpoint]
seconds = 1
[backup]
to = "{folder}/backup"
interval_seconds = 1
""")
        self.trust = ssl.create_default_context(cafile=folder / "certificate.pem")
        self.process = living.start("daemon", [living.binary, "run", "--config", folder / "tributary.toml"])

        def address(said):
            def look():
                if self.process.poll() is not None:
                    raise Failed(f"the daemon ended with {self.process.returncode}")
                return re.search(said + r".*?address=(127\.0\.0\.1:\d+)", living.log("daemon"))
            return wait_for(f"the daemon says: {said}", look, 120)[1]

        self.url = "https://" + address(r"ready\b")
        self.probes = address("listening for probes")

        signed = subprocess.run([living.binary, "token", "--role", "operator", "--config", folder / "tributary.toml"],
                                env=living.environment, check=True, capture_output=True, text=True)
        self.headers = {"Authorization": f"Bearer {signed.stdout.strip()}", "Content-Type": "application/x-ndjson"}

    def ask(self, path, body=None):
        request = urllib.request.Request(self.url + path, data=body, headers=self.headers)
        with urllib.request.urlopen(request, timeout=60, context=self.trust) as answer:
            return answer.read()

    def get(self, path):
        return json.loads(self.ask(path))

    def post(self, events):
        self.ask("/v1/events", "".join(json.dumps({"specversion": "1.0", **event}) + "\n" for event in events).encode())

    def hold(self):
        """A connection that gives way to nobody: whoever has a token is in the middle of sending something."""
        connection = http.client.HTTPSConnection(self.url.removeprefix("https://"), timeout=60, context=self.trust)
        headers = {**self.headers, "Content-Length": "1000", "Expect": "100-continue"}
        connection.request("POST", "/v1/events", headers=headers)
        # The daemon asks for the rest once it knows who it is; until then the connection would give way.
        if not connection.sock.recv(100).startswith(b"HTTP/1.1 100"):
            raise Failed("what is sent is not asked for")
        return connection

    def refused(self):
        """Asks, and expects that there is no place for who asks."""
        try:
            self.get("/v1/status")
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return
        raise Failed(f"one connection more than the {CONNECTIONS} is not refused")


class Prometheus:
    """One with the configuration, the rules and the alerts that stand here, that looks every second."""

    def __init__(self, living, target):
        config = (HERE / "prometheus.yml").read_text()
        if config.count("127.0.0.1:8081") != 1 or config.count("interval: 15s") != 2:
            raise Failed("prometheus.yml does not name its target and its intervals as it did")
        folder = living.folder / "prometheus"
        folder.mkdir()
        (folder / "prometheus.yml").write_text(config.replace("127.0.0.1:8081", target).replace("interval: 15s", "interval: 1s"))
        for name in ("tributary.rules.yml", "tributary.alerts.yml"):
            shutil.copy(HERE / name, folder)
        port = first_port()
        self.url = f"http://127.0.0.1:{port}"
        living.start("prometheus", ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                                    f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"])
        wait_for("Prometheus is ready", lambda: self.get("/-/ready"), 120)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read().decode()

    def api(self, path, **parameters):
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        try:
            return json.loads(self.get(f"/api/v1/{path}{query}"))["data"]
        except urllib.error.HTTPError as error:
            raise Failed(f"Prometheus refuses {parameters or path}: {error.read().decode()}") from error

    def ask(self, expression):
        """What an expression gives now: its series with a number. What is no number is shown as nothing."""
        return [series for series in self.api("query", query=expression)["result"] if series["value"][1] != "NaN"]
