"""Kafka Streams with exactly-once: `streams/src/Streams.java` on a real broker, from the first event to the last commit.

It needs `mvn` and a JDK. What it holds on the broker besides (changelogs, the topic between) is not counted as its disk.
"""

import glob
import json
import os
import shutil
import subprocess
import sys

import broker
import peer

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "streams")


def built(folder):
    """The class path, fetched and compiled once."""
    jars, classes = os.path.join(folder, "jars"), os.path.join(folder, "classes")
    if not os.path.isdir(jars):
        fetch = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={jars}.part"]
        command = ["mvn", "-q", "-B", "-f", os.path.join(HERE, "pom.xml"), *fetch]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        os.rename(f"{jars}.part", jars)
    path = f"{jars}/*"
    sources = glob.glob(os.path.join(HERE, "src", "*.java"))
    subprocess.run(["javac", "-cp", path, "-d", classes, *sources], check=True)
    return f"{path}:{classes}"


def references(path):
    """What a code comes to with its owner's standing, rates in millionths: the global table."""
    standings, codes = {}, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            event = json.loads(line)
            if event["type"] == "referral.affiliate.v1":
                standings[event["data"]["uid"]] = event["data"]
            elif event["type"] == "referral.code.v1":
                codes.append(event["data"])
            elif event["type"] == "referral.trade.v1":
                # All that is set up stands before the first trade.
                break
    defaults = {"spot_rate": "0.2", "futures_rate": "0.1", "futures_window_days": None}
    for code in codes:
        standing = standings.get(code["owner_uid"], defaults)
        bases = [millionths(standing[name]) for name in ("spot_rate", "futures_rate")]
        rebates = [millionths(code[name]) for name in ("spot_rebate_rate", "futures_rebate_rate")]
        row = {"owner": code["owner_uid"], "window": standing["futures_window_days"] or "none"}
        row |= {"spot_base": bases[0], "futures_base": bases[1]}
        row |= {"spot_rebate": min(rebates[0], bases[0]), "futures_rebate": min(rebates[1], bases[1])}
        yield code["code"], json.dumps(row)


def millionths(rate):
    return int(peer.Decimal(rate) * 1_000_000)


def main():
    given = peer.arguments()
    path = built(os.environ.get("PEERS_BUILD", given.work))
    state = os.path.abspath(os.path.join(given.work, "state"))
    shutil.rmtree(state, ignore_errors=True)
    os.makedirs(state)
    with broker.broker(os.path.join(given.work, "kafka")) as script:
        count = broker.fill(script, given.events)
        script("topic", "codes", "1")
        sender = broker.producer()
        for code, row in references(given.events):
            broker.send(sender, "codes", row, code)
        sender.flush()
        asked = [str(count), peer.FROM, peer.TO, str(len(peer.REFERRERS)), str(peer.TIMES)]
        command = ["java", "-Xmx2g", "-cp", path, "Streams", broker.ADDRESS, state, *asked]
        sys.exit(subprocess.run(command, timeout=900).returncode)


if __name__ == "__main__":
    main()
