"""Tributary from Kafka: `tributary run` on the same topic as Kafka Streams has, until all of it is in an answer."""

import os
import time

import broker
import peer
from peer_tributary import Client, answering, ready, serve


def main():
    given = peer.arguments()
    data = os.path.join(given.work, "data")
    with broker.broker(os.path.join(given.work, "kafka")) as script:
        count = broker.fill(script, given.events)
        daemon = serve(given.work, ["--data", data, "--brokers", broker.ADDRESS, "--topic", "events", "--group", "peer"])
        try:
            ready()
            client = Client()
            begun, read = time.perf_counter(), 0
            while read < count:
                time.sleep(0.005)
                # From the last moment on at which nothing was read.
                begun = begun if read else time.perf_counter()
                status = client.get("/v1/status")
                read = status["accepted"] + sum(status["duplicate"].values())
            peer.tell(time.perf_counter() - begun, peer.bytes_below(data), answering(client))
        finally:
            daemon.terminate()
            daemon.wait()


if __name__ == "__main__":
    main()
