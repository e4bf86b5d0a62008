"""A real broker of its own (`deploy/kafka/kafka.sh`), with the events on a topic as producers have them: 12 partitions,
the account's uid for a key, lz4."""

import contextlib
import json
import os
import subprocess

from confluent_kafka import Producer

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy/kafka/kafka.sh")
PORT = "19392"
ADDRESS = f"127.0.0.1:{PORT}"
PARTITIONS = "12"


@contextlib.contextmanager
def broker(folder):
    environment = os.environ | {"LOCAL_KAFKA_DIR": os.path.abspath(folder), "LOCAL_KAFKA_PORT": PORT}

    def script(*arguments):
        subprocess.run([SCRIPT, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)

    script("up")
    try:
        yield script
    finally:
        script("wipe")


def producer():
    # Idempotence, so that what has to be sent again stays in its order: an account's registration before its trades.
    settings = {"bootstrap.servers": ADDRESS, "compression.type": "lz4", "enable.idempotence": True}
    settings |= {"linger.ms": 50, "batch.size": 1_000_000}
    return Producer(settings | {"queue.buffering.max.messages": 1_000_000})


def key(event):
    """Whose event it is: the uid, or a code's owner."""
    data = event["data"]
    return str(data["uid"] if "uid" in data else data["owner_uid"])


def fill(script, path):
    """Puts the events on the topic `events`. How many."""
    script("topic", "events", PARTITIONS)
    sender, count = producer(), 0
    with open(path, "rb") as file:
        for line in file:
            send(sender, "events", line.rstrip(b"\n"), key(json.loads(line)))
            count += 1
    sender.flush()
    return count


def send(sender, topic, value, key=None):
    while True:
        try:
            sender.produce(topic, value, key)
            return
        except BufferError:
            sender.poll(0.1)
