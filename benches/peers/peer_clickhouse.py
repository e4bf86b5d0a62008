"""ClickHouse, embedded (chDB): batches of NDJSON into MergeTree tables of its own folder.

As its documentation advises: inserts of large batches, `ReplacingMergeTree` with the identity at the end of the sorting
key for events that come again, and `FINAL` in the questions, which makes them exact before merges have run. The rating
is done at the insert.
"""

import json
import os
import time

import peer
from chdb import session

SCHEMA = [
    "create database if not exists peer engine = Atomic",
    "create table peer.standings (uid UInt64, spot_rate Int64, futures_rate Int64, window_days Nullable(Int32))"
    " engine = MergeTree order by uid",
    "create table peer.codes (code String, owner UInt64, spot_rebate Int64, futures_rebate Int64)"
    " engine = MergeTree order by code",
    """create table peer.accounts (uid UInt64, referrer UInt64, registered DateTime64(6, 'UTC'), relationship String,
      spot_base Int64, futures_base Int64, window_days Nullable(Int32), spot_rebate Int64, futures_rebate Int64)
      engine = MergeTree order by uid""",
    """create table peer.rated (referrer UInt64, day Date, invitee UInt64, source LowCardinality(String), id String,
      is_futures Bool, vip UInt8, volume Decimal(38, 8), commission Int128, rebate Int128)
      engine = ReplacingMergeTree order by (referrer, day, invitee, source, id)""",
]

DATA = (
    "Tuple(uid Nullable(UInt64), code String, owner_uid UInt64, relationship String, product String,"
    " volume_usd Decimal(38, 8), fee_usd Decimal(38, 8), vip_level UInt8, spot_rate Decimal(38, 6),"
    " futures_rate Decimal(38, 6), futures_window_days Nullable(Int32), spot_rebate_rate Decimal(38, 6),"
    " futures_rebate_rate Decimal(38, 6))"
)
LINES = "file('{path}', 'JSONEachRow', 'type String, source String, id String, time String, data " + DATA + "')"

# Rates in millionths and money in hundred millionths: a product cut by a whole division is exact.
SET_UP = [
    "insert into peer.standings select data.uid, toInt64(data.spot_rate * 1000000),"
    " toInt64(data.futures_rate * 1000000), data.futures_window_days from {lines} where type = 'referral.affiliate.v1'",
    "insert into peer.codes select data.code, data.owner_uid, toInt64(data.spot_rebate_rate * 1000000),"
    " toInt64(data.futures_rebate_rate * 1000000) from {lines} where type = 'referral.code.v1'",
    """insert into peer.accounts
      select f.data.uid, c.owner, parseDateTime64BestEffort(f.time, 6, 'UTC'), f.data.relationship,
        if(s.uid = 0, 200000, s.spot_rate) as spot_base, if(s.uid = 0, 100000, s.futures_rate) as futures_base,
        s.window_days, least(c.spot_rebate, spot_base), least(c.futures_rebate, futures_base)
      from (select data, time from {lines} where type = 'referral.registration.v1') f
      join peer.codes c on c.code = f.data.code left join peer.standings s on s.uid = c.owner""",
]
TRADES = """
insert into peer.rated
with if(is_futures, a.futures_base, a.spot_base) as base, if(is_futures, a.futures_rebate, a.spot_rebate) as part,
  fee > 0 and vip <= if(is_futures, 1, 2) and a.relationship in ('both', if(is_futures, 'futures', 'spot'))
    and (not is_futures or isNull(a.window_days) or at < a.registered + toIntervalDay(a.window_days)) as eligible,
  if(eligible, intDiv(fee * base, 1000000), 0) as total, if(eligible, intDiv(fee * part, 1000000), 0) as back
select a.referrer, toDate(at, 'UTC'), t.uid, t.source, t.id, is_futures, vip, volume, total - back, back
from (
  select assumeNotNull(data.uid) as uid, source, id, parseDateTime64BestEffort(time, 6, 'UTC') as at,
    data.product = 'futures' as is_futures, data.volume_usd as volume, toInt128(data.fee_usd * 100000000) as fee,
    data.vip_level as vip
  from {lines} where type = 'referral.trade.v1') t
join peer.accounts a on a.uid = t.uid
"""

OVERVIEW = """
select sum(commission), sumIf(commission, not is_futures), sumIf(commission, is_futures), sum(rebate),
  (select count() from peer.accounts where referrer = {uid}
    and toDate(registered, 'UTC') between '{since}' and '{to}'),
  (select count() from (select invitee from peer.rated where referrer = {uid} group by invitee
    having min(day) between '{since}' and '{to}')),
  uniqExact(invitee), sumIf(volume, not is_futures), sumIf(volume, is_futures and vip <= 1), sum(volume)
from peer.rated final where referrer = {uid} and day between '{since}' and '{to}'
"""
BY_DAY = """
select toString(day), sum(commission) as total from peer.rated final
where referrer = {uid} and day between '{since}' and '{to}' group by day having total <> 0 order by day
"""
TRADED = "select uniqExact(invitee) from peer.rated where day between '{since}' and '{to}'"
TOP = """
select referrer, sum(commission) as total from peer.rated final where day between '{since}' and '{to}'
group by referrer order by total desc, referrer desc limit {top}
"""
ACCEPTED = """
select (select count() from peer.rated final) + (select count() from peer.accounts)
  + (select count() from peer.codes) + (select count() from peer.standings)
"""
QUOTED = " settings output_format_json_quote_64bit_integers = 1, output_format_json_quote_decimals = 1"


class Database:
    def __init__(self, folder):
        self.session = session.Session(os.path.join(folder, "chdb"))
        for step in SCHEMA:
            self.session.query(step)
        self.lines = 0

    def take(self, piece, path):
        with open(path, "wb") as file:
            file.write(piece)
        lines = LINES.format(path=path)
        self.lines += piece.count(b"\n")
        # As who feeds it would: a table is inserted into only where the batch holds something for it.
        kinds = (b"referral.affiliate.v1", b"referral.code.v1", b"referral.registration.v1")
        for kind, step in zip(kinds, SET_UP):
            if kind in piece:
                self.session.query(step.replace("{lines}", lines))
        self.session.query(TRADES.replace("{lines}", lines))

    def rows(self, question, **given):
        days = {"since": peer.FROM, "to": peer.TO, "top": peer.TOP}
        text = self.session.query(question.format(**days, **given) + QUOTED, "JSONCompactEachRow").bytes().decode()
        return [json.loads(row) for row in text.splitlines()]


def usd(units):
    """USD of a number of hundred millionths."""
    return peer.amount(peer.Decimal(int(units)).scaleb(-8))


def overview(row):
    money, counts, volumes = row[:4], row[4:7], row[7:]
    return peer.overview([usd(units) for units in money] + [int(count) for count in counts] + volumes)


def answering(database):
    rows = database.rows

    def counts():
        accepted = int(rows(ACCEPTED)[0][0])
        return {"accepted": accepted, "duplicate": database.lines - accepted}

    return peer.Answering(
        lambda uid: overview(rows(OVERVIEW, uid=uid)[0]),
        lambda uid: {day: usd(total) for day, total in rows(BY_DAY, uid=uid)},
        lambda: int(rows(TRADED)[0][0]),
        lambda: [[int(uid), usd(total)] for uid, total in rows(TOP)],
        counts,
    )


def main():
    given = peer.arguments()
    folder = os.path.abspath(given.work)
    database = Database(folder)
    begun = time.perf_counter()
    for piece in peer.batches(given.events):
        database.take(piece, os.path.join(folder, "piece.ndjson"))
    took = time.perf_counter() - begun
    peer.tell(took, peer.bytes_below(os.path.join(folder, "chdb")), answering(database))


if __name__ == "__main__":
    main()
