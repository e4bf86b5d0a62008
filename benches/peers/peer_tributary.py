"""Tributary: `tributary import`, whole command, then its API. The binary is `$TRIBUTARY` or target/release/tributary."""

import http.client
import json
import os
import subprocess
import time

import peer

BINARY = os.environ.get("TRIBUTARY", "target/release/tributary")
LISTEN = "127.0.0.1:18090"
# A name that begins like a setting's and is none is refused; and no setting of who measures is to be measured.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("TRIBUTARY_")}


class Client:
    def __init__(self, address=LISTEN):
        self.connection = http.client.HTTPConnection(address)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
        return json.loads(body)


def ready(address=LISTEN, path="/readyz", seconds=120):
    """Waits until the daemon answers."""
    for _ in range(seconds * 20):
        try:
            return Client(address).get(path)
        except (OSError, SystemExit, http.client.HTTPException):
            time.sleep(0.05)
    raise SystemExit("tributary was not ready in time")


def answering(client):
    days = f"from={peer.FROM}&to={peer.TO}"

    def overview(uid):
        metrics = client.get(f"/v1/overview?uid={uid}&{days}")["metrics"]
        return {name: metrics[name] for name in peer.METRICS}

    def by_day(uid):
        points = client.get(f"/v1/overview/series?uid={uid}&{days}&interval=day")["points"]
        return {point["date"]: point["total_rewards"] for point in points if point["total_rewards"] != "0"}

    def traded():
        return client.get(f"/v1/overview?{days}")["metrics"]["traded"]

    def top():
        rows = client.get(f"/v1/referrers?{days}&sort=total_rewards&limit={peer.TOP}")["rows"]
        return [[row["uid"], row["total_rewards"]] for row in rows]

    def counts():
        status = client.get("/v1/status")
        return {"accepted": status["accepted"], "duplicate": sum(status["duplicate"].values())}

    return peer.Answering(overview, by_day, traded, top, counts)


def serve(work, arguments):
    """The daemon, as a process; whoever starts it ends it. What it says is in `daemon.log`."""
    with open(os.path.join(work, "daemon.log"), "ab") as log:
        return subprocess.Popen([BINARY, "run", "--listen", LISTEN, *arguments], env=ENVIRONMENT, stdout=log, stderr=log)


def main():
    given = peer.arguments()
    data = os.path.join(given.work, "data")
    begun = time.perf_counter()
    command = [BINARY, "import", "--quiet", "--data", data, given.events]
    subprocess.run(command, check=True, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - begun
    daemon = serve(given.work, ["--read-only", "--data", data])
    try:
        ready()
        peer.tell(took, peer.bytes_below(data), answering(Client()))
    finally:
        daemon.terminate()
        daemon.wait()


if __name__ == "__main__":
    main()
