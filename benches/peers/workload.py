"""Writes the events that all peers are given, as NDJSON: `python3 benches/peers/workload.py EVENTS FILE`.

Seeded, and kept to what SQL can be asked to rate in a few lines: rates and codes stand before anybody registers, and
accounts before they trade. Of the trades 5 % come twice and 5 % are displaced, each by up to 10,000 others.
"""

import json
import random
import sys
from datetime import datetime, timedelta, timezone

# The days that are traded; the questions are about the last 30 of them.
DAYS = 60
FIRST = datetime(2026, 1, 1, tzinfo=timezone.utc)
BEHIND_MAX = 10_000


def line(event_type, source, id, time, data):
    event = {"specversion": "1.0", "type": f"referral.{event_type}.v1", "source": source, "id": id}
    event |= {"time": time.isoformat(timespec="microseconds").replace("+00:00", "Z"), "data": data}
    return json.dumps(event, separators=(",", ":"))


def setting_up(chance, referrers):
    """Standings and codes. Gives the codes, those of the largest referrers most often."""
    codes = []
    for uid in range(1, referrers + 1):
        if uid % 3 == 1:
            rates = {"spot_rate": "0.4", "futures_rate": "0.3", "futures_window_days": 30 if uid % 2 else None}
            data = {"uid": uid, "status": "approved", **rates}
            yield line("affiliate", "/referral", f"a-{uid}", FIRST - timedelta(days=1), data)
        for number in range(1 + uid % 2):
            rebates = chance.choice([("0", "0"), ("0.05", "0.05"), ("0.1", "0.025"), ("0.125", "0.5")])
            code = f"CODE_{uid}_{number}"
            data = {"code": code, "owner_uid": uid}
            data |= {"spot_rebate_rate": rebates[0], "futures_rebate_rate": rebates[1]}
            yield line("code", "/referral", f"c-{code}", FIRST - timedelta(days=1), data)
            codes.append(code)
    return codes


def trade(chance, number, uid, time):
    product = chance.choices(["spot", "margin", "futures"], [6, 1, 3])[0]
    volume = chance.randrange(1_000, 50_000_000)
    fee = volume * chance.randrange(2, 10) // 10_000 * (1 if chance.random() < 0.97 else -1)
    data = {"uid": uid, "product": product, "symbol": chance.choice(["BTCUSDT", "ETHUSDT", "SOLUSDT"])}
    data |= {"volume_usd": money(volume * 1_000_000), "fee_usd": money(fee * 1_234_567)}
    data |= {"fee_asset": "BNB", "fee_amount": "0.0025", "vip_level": chance.choices(range(5), [60, 15, 10, 10, 5])[0]}
    return line("trade", f"/exchange/{product}", f"{number:x}", time, data)


def money(units):
    """USD from units of a hundred millionth."""
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), 100_000_000)
    return sign + f"{whole}.{part:08d}".rstrip("0").rstrip(".")


def in_order(events):
    chance = random.Random(1)
    referrers, invitees = max(10, events // 10_000), max(100, events // 100)
    codes = yield from setting_up(chance, referrers)
    weights = [1 / (1 + at) for at in range(len(codes))]
    owned = chance.choices(codes, weights, k=invitees)
    # All sign up within the first three quarters, so that each has time to trade.
    registered = sorted(FIRST + timedelta(days=DAYS * 3 / 4) * chance.random() for _ in range(invitees))
    trades = events - referrers * 2 - invitees
    step = timedelta(days=DAYS) / trades
    known = 0
    for number in range(trades):
        time = FIRST + step * number
        while known < invitees and (registered[known] <= time or known == 0):
            data = {"uid": 1_000_000 + known, "account_type": "major", "country": "DE", "code": owned[known]}
            data |= {"relationship": chance.choices(["both", "spot", "futures"], [8, 1, 1])[0]}
            yield line("registration", "/accounts", f"r-{known}", min(registered[known], time), data)
            known += 1
        # Some trade much, most little.
        at = min(int(known * chance.random() ** 2), known - 1)
        yield trade(chance, number, 1_000_000 + at, time)


def arriving(events):
    """As they arrive: a share of the trades displaced, a share twice."""
    chance, held = random.Random(2), {}
    seen = 0
    for seen, event in enumerate(in_order(events)):
        roll = chance.random() if '"referral.trade.v1"' in event else 1
        if roll >= 0.05:
            yield event
        if roll < 0.10:
            held.setdefault(seen + 1 + chance.randrange(BEHIND_MAX), []).append(event)
        yield from held.pop(seen, [])
    for due in sorted(held):
        yield from held[due]


def write(events, path):
    with open(path, "w", encoding="utf-8") as file:
        count = 0
        for event in arriving(events):
            file.write(event + "\n")
            count += 1
    return count


if __name__ == "__main__":
    print(write(int(sys.argv[1]), sys.argv[2]), "events")
