"""How long overviews take over HTTP while two what-ifs run, beside how long they take when nothing does.

Start `tributary demo --events 2500000 --rate 500 --listen 127.0.0.1:8124`, then run this with that address.
"""

import http.client
import json
import sys
import time

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8124"
QUESTIONS = 4000
RULES = b'[[drop]]\ntype = "referral.reversal.v1"\n'


def request(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(ADDRESS)
    connection.request(method, path, body, headers or {})
    return json.loads(connection.getresponse().read())


def overviews():
    """Median and p99 of the overview, in milliseconds."""
    connection = http.client.HTTPConnection(ADDRESS)
    took = []
    for turn in range(QUESTIONS):
        begun = time.perf_counter()
        connection.request("GET", f"/v1/overview?uid={7 if turn % 2 else 1000 + turn % 100}")
        connection.getresponse().read()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    return f"median {took[QUESTIONS // 2]:.2f} ms, p99 {took[QUESTIONS * 99 // 100]:.2f} ms"


def beside_two():
    jobs = [request("POST", "/v1/what-if?by=referrer", RULES, {"content-type": "application/toml"}) for _ in range(2)]
    answer = overviews()
    while any(request("GET", f"/v1/what-if/{job['id']}")["state"] == "running" for job in jobs):
        time.sleep(0.2)
    return answer


overviews()
for _ in range(3):
    print("alone:", overviews(), "  beside two what-ifs:", beside_two())
