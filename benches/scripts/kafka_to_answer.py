"""How long it takes from producing an event to Kafka until it is in an answer, beside 50,000 events/s.

    $PYTHON benches/scripts/kafka_to_answer.py [--rate EVENTS] [--seconds S]

Producer, a real broker, daemon and questions share the machine's cores. A registration is produced beside the others, by
the same producer (linger 5 ms, the client's default), and the overview of its referrer is asked again and again until it
counts it. `$PYTHON` is that of `benches/peers`, whose broker is used.
"""

import json
import os
import random
import sys
import threading
import time
from datetime import datetime, timezone

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../peers"))

import broker
from confluent_kafka import Producer
from serving import Client, Daemon, Paced, draw, run

OWNER = 9_000_000_001
PIECE = 250
# A probe that takes more milliseconds than this is told by itself.
SLOW = 250
# So many seconds are not measured: a broker that has just begun compiles its own code, beside the others on the same cores.
WARM_UP = 15


def event(kind, id, data):
    now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    whole = {"specversion": "1.0", "type": f"referral.{kind}.v1", "source": "/bench", "id": id, "time": now}
    return json.dumps(whole | {"data": data})


def uid_of(line):
    """The account of an event, as text; none for the few that have another key."""
    _, _, rest = line.partition(b'"uid":')
    digits = rest[:16].split(b",")[0].split(b"}")[0]
    return digits if digits.isdigit() else None


def probe(client, producer, lock, number):
    """Produces one registration, and waits until an overview counts it. Milliseconds: until the broker has acknowledged
    it to the producer, and until it is counted."""
    uid, acknowledged = OWNER + number, []
    data = {"uid": uid, "account_type": "major", "country": "DE", "code": "PROBES"}

    def delivered(error, _):
        if error is not None:
            raise SystemExit(f"the broker did not take an event: {error}")
        acknowledged.append(milliseconds())

    def milliseconds():
        return (time.perf_counter() - begun) * 1000

    begun = time.perf_counter()
    with lock:
        producer.produce("events", event("registration", f"r-{number}", data), str(uid), on_delivery=delivered)
        producer.poll(0)
    while client.get(f"/v1/overview?uid={OWNER}")["metrics"]["total_referrals"] < number:
        producer.poll(0)
        if milliseconds() > 60_000:
            raise SystemExit("the event is in no answer")
    counted = milliseconds()
    while not acknowledged:
        producer.poll(0.001)
    return min(acknowledged[0], counted), counted


def told(name, took):
    took = sorted(took)
    median, late, most = took[len(took) // 2], took[len(took) * 99 // 100], took[-1]
    print(f"| {name} | {len(took)} | {median:.1f} | {late:.1f} | {most:.1f} |")


def measure(folder, given):
    path = os.path.join(folder, "events.ndjson")
    wanted = (given.seconds + WARM_UP + 7) * given.rate
    draw(path, "--clean", "--events", str(wanted), "--disorder", "0")
    with broker.broker(os.path.join(folder, "kafka")) as script:
        script("topic", "events", broker.PARTITIONS)
        daemon = Daemon(folder, given.port, "--brokers", broker.ADDRESS, "--topic", "events", "--group", "bench")
        try:
            daemon.ready()
            client, lock = Client(daemon), threading.Lock()
            settings = {"bootstrap.servers": broker.ADDRESS, "compression.type": "lz4"}
            producer = Producer(settings | {"queue.buffering.max.messages": 1_000_000})
            rebates = {"spot_rebate_rate": "0", "futures_rebate_rate": "0"}
            code = event("code", "c", {"code": "PROBES", "owner_uid": OWNER, **rebates})
            producer.produce("events", code, str(OWNER))

            def send(lines):
                with lock:
                    for line in lines:
                        producer.produce("events", line.rstrip(b"\n"), uid_of(line))
                    producer.poll(0)

            chance, took, slow = random.Random(1), [], []
            with open(path, "rb") as file, Paced(send, iter(file), given.rate, PIECE) as events:
                limit, number = time.perf_counter() + WARM_UP + given.seconds, 0
                while time.perf_counter() < limit:
                    number += 1
                    one = probe(client, producer, lock, number)
                    if time.perf_counter() > limit - given.seconds:
                        took.append(one)
                        if one[1] > SLOW:
                            slow.append((time.perf_counter() - limit + given.seconds, one))
                    time.sleep(chance.random() * 0.03)
            producer.flush()
            print(f"beside {events.reached():,.0f} events/s")
            print("| Kafka to an answer | probes | median, ms | p99, ms | max, ms |\n|---|---|---|---|---|")
            told("produced → acknowledged by the broker", [one[0] for one in took])
            told("acknowledged → in an answer", [one[1] - one[0] for one in took])
            told("produced → in an answer", [one[1] for one in took])
            for at, (acknowledged, counted) in slow:
                print(f"{at:.1f} s: acknowledged after {acknowledged:.0f} ms, in an answer after {counted:.0f} ms")
        finally:
            daemon.stop()


if __name__ == "__main__":
    run(measure, "kafka", 18093, rate=50_000, seconds=20)
