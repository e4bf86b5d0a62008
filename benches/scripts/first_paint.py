"""How soon each page of the dashboard is painted in a real browser, and how long the server takes for it.

    cargo run --release -p tributary-workload --example ndjson -- --large --end $(date -u +%FT00:00:00Z) --out - | tributary import --data large -
    tributary run --read-only --data large --listen 127.0.0.1:8125
    python3 benches/scripts/first_paint.py 127.0.0.1:8125

It needs chromium and chromedriver. Each page, or each path that follows the address, is opened some times as the referrer with the most invitees; medians.
"""

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8125"
TIMES = 9
# Seconds, longer than any page takes.
QUIET = 1.0
# The workload's referrer with the most invitees: 93,000 of the million.
LARGEST = 7
DRIVER_PORT = 9519
PAINTED = """
const paint = performance.getEntriesByName('first-contentful-paint')[0];
const page = performance.getEntriesByType('navigation')[0];
const loaded = performance.getEntries().map(one => one.encodedBodySize || 0).reduce((sum, one) => sum + one, 0);
return [paint ? paint.startTime : null, page.responseEnd - page.requestStart, loaded];
"""


def request(address, method, path, body=None):
    connection = http.client.HTTPConnection(address)
    connection.request(method, path, json.dumps(body) if body is not None else None)
    return json.loads(connection.getresponse().read())


def driver(method, path, body=None):
    answer = request(f"127.0.0.1:{DRIVER_PORT}", method, path, body)["value"]
    if isinstance(answer, dict) and "error" in answer:
        raise SystemExit(f"{path}: {answer['message']}")
    return answer


def pages_of(uid):
    row = request(ADDRESS, "GET", f"/v1/referrals?uid={uid}&sort=commission&limit=1")["rows"][0]
    codes = request(ADDRESS, "GET", f"/v1/codes?uid={uid}")["rows"]
    of = f"?uid={uid}"
    pages = [f"/{of}", f"/{of}&range=all", f"/countries{of}", f"/referrals{of}", f"/referrals{of}&sort=commission"]
    pages += [f"/referrals/{row['uid']}{of}", f"/codes{of}", f"/codes/{codes[0]['code']}{of}", f"/rewards{of}"]
    return pages + [f"/programs{of}", f"/campaigns{of}", "/operator"]


def measure(session, path):
    took = []
    for _ in range(TIMES):
        driver("POST", f"{session}/url", {"url": f"http://{ADDRESS}{path}"})
        # Asking while it paints would take a core from it.
        time.sleep(QUIET)
        paint, answered, loaded = driver("POST", f"{session}/execute/sync", {"script": PAINTED, "args": []})
        if paint is None:
            raise SystemExit(f"{path} was not painted")
        took.append((paint, answered, loaded))
    paint, answered, loaded = (statistics.median(column) for column in zip(*took))
    slowest = max(paint for paint, _, _ in took)
    print(f"{paint:8.0f} ms painted ({slowest:.0f} at most) {answered:8.1f} ms answered {loaded / 1000:6.0f} kB  {path}")


def main():
    with tempfile.TemporaryDirectory() as profile:
        process = subprocess.Popen(["chromedriver", f"--port={DRIVER_PORT}"], stdout=subprocess.DEVNULL)
        try:
            time.sleep(1)
            arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
            asked = {"browserName": "chrome", "goog:chromeOptions": {"args": arguments}}
            session = driver("POST", "/session", {"capabilities": {"alwaysMatch": asked}})["sessionId"]
            for path in sys.argv[2:] or pages_of(LARGEST):
                measure(f"/session/{session}", path)
            driver("DELETE", f"/session/{session}")
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
