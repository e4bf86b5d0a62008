"""DuckDB: batches of NDJSON into a file of its own, identities under a primary key, questions over the rated trades.

As its documentation advises: bulk inserts of whole batches (`read_ndjson` with the columns named), `ON CONFLICT DO
NOTHING` for what is there already, no index but the key, and questions over the columns instead of rollups. Each batch
is a transaction, durable when it is committed.
"""

import os
import time

import duckdb
import peer

SCHEMA = """
create table identities (stream varchar, source varchar, id varchar, primary key (stream, source, id));
create table standings (uid bigint, spot_rate integer, futures_rate integer, window_days integer);
create table codes (code varchar, owner bigint, spot_rebate integer, futures_rebate integer);
create table accounts (uid bigint, referrer bigint, registered timestamp, relationship varchar,
  spot_base integer, futures_base integer, window_days integer, spot_rebate integer, futures_rebate integer);
create table rated (referrer bigint, day date, invitee bigint, is_futures boolean, vip tinyint, volume decimal(23, 8),
  commission decimal(23, 8), rebate decimal(23, 8));
create table counts (accepted bigint, duplicate bigint);
insert into counts values (0, 0);
"""

# Rates in millionths and money in hundred millionths: a product cut by a whole division is exact.
TAKE = [
    """create or replace temp table lines as
      select row_number() over () as line, type, source, id, time::timestamp as time, data,
        coalesce(data.uid::varchar, data.code) as stream
      from read_ndjson($file, columns = {type: 'varchar', source: 'varchar', id: 'varchar', time: 'varchar',
        data: 'struct(uid bigint, code varchar, owner_uid bigint, relationship varchar, product varchar,
          volume_usd decimal(23, 8), fee_usd decimal(23, 8), vip_level tinyint, spot_rate decimal(7, 6),
          futures_rate decimal(7, 6), futures_window_days integer, spot_rebate_rate decimal(7, 6),
          futures_rebate_rate decimal(7, 6))'})""",
    """create or replace temp table fresh as
      select lines.* from (from lines select distinct on (stream, source, id) * order by line) lines
      anti join identities using (stream, source, id)""",
    "insert into identities select stream, source, id from fresh on conflict do nothing",
    """insert into standings select data.uid, data.spot_rate * 1000000, data.futures_rate * 1000000,
        data.futures_window_days from fresh where type = 'referral.affiliate.v1'""",
    """insert into codes select data.code, data.owner_uid, data.spot_rebate_rate * 1000000,
        data.futures_rebate_rate * 1000000 from fresh where type = 'referral.code.v1'""",
    """insert into accounts select f.data.uid, c.owner, f.time, f.data.relationship,
        coalesce(s.spot_rate, 200000), coalesce(s.futures_rate, 100000), s.window_days,
        least(c.spot_rebate, coalesce(s.spot_rate, 200000)), least(c.futures_rebate, coalesce(s.futures_rate, 100000))
      from fresh f join codes c on c.code = f.data.code left join standings s on s.uid = c.owner
      where f.type = 'referral.registration.v1'""",
    """insert into rated
      with trades as (
        select data.uid as uid, time, data.product = 'futures' as is_futures, data.volume_usd as volume,
          (data.fee_usd * 100000000)::hugeint as fee, data.vip_level as vip
        from fresh where type = 'referral.trade.v1'),
      typed as (
        select t.*, a.referrer, case when is_futures then a.futures_base else a.spot_base end as base,
          case when is_futures then a.futures_rebate else a.spot_rebate end as rebate,
          fee > 0 and vip <= case when is_futures then 1 else 2 end
            and a.relationship in ('both', case when is_futures then 'futures' else 'spot' end)
            and (not is_futures or a.window_days is null or t.time < a.registered + to_days(a.window_days)) as eligible
        from trades t join accounts a using (uid)),
      cut as (
        select *, case when eligible then (fee * base) // 1000000 else 0 end as total,
          case when eligible then (fee * rebate) // 1000000 else 0 end as back from typed)
      select referrer, time::date, uid, is_futures, vip, volume, (total - back)::decimal(30, 0) * 0.00000001,
        back::decimal(30, 0) * 0.00000001 from cut""",
    """update counts set accepted = accepted + (select count(*) from fresh),
        duplicate = duplicate + (select count(*) from lines) - (select count(*) from fresh)""",
]

OVERVIEW = """
select coalesce(sum(commission), 0), coalesce(sum(commission) filter (where not is_futures), 0),
  coalesce(sum(commission) filter (where is_futures), 0), coalesce(sum(rebate), 0),
  (select count(*) from accounts where referrer = $uid and registered::date between $from and $to),
  (select count(*) from (select invitee from rated where referrer = $uid group by invitee
    having min(day) between $from::date and $to::date)),
  count(distinct invitee), coalesce(sum(volume) filter (where not is_futures), 0),
  coalesce(sum(volume) filter (where is_futures and vip <= 1), 0), coalesce(sum(volume), 0)
from rated where referrer = $uid and day between $from and $to
"""
BY_DAY = """
select day::varchar, sum(commission) as total from rated where referrer = $uid and day between $from and $to
group by day having total <> 0 order by day
"""
TRADED = "select count(distinct invitee) from rated where day between $from and $to"
TOP = """
select referrer, sum(commission) as total from rated where day between $from and $to
group by referrer order by total desc, referrer desc limit $top
"""


def take(connection, piece, path):
    with open(path, "wb") as file:
        file.write(piece)
    connection.execute("begin")
    connection.execute(TAKE[0], {"file": path})
    for step in TAKE[1:]:
        connection.execute(step)
    connection.execute("commit")


def answering(connection):
    days = {"from": peer.FROM, "to": peer.TO}

    def rows(question, **given):
        return connection.execute(question, days | given).fetchall()

    return peer.Answering(
        lambda uid: peer.overview(rows(OVERVIEW, uid=uid)[0]),
        lambda uid: {day: peer.amount(total) for day, total in rows(BY_DAY, uid=uid)},
        lambda: rows(TRADED)[0][0],
        lambda: [[uid, peer.amount(total)] for uid, total in rows(TOP, top=peer.TOP)],
        lambda: dict(zip(("accepted", "duplicate"), connection.execute("from counts").fetchone())),
    )


def main():
    given = peer.arguments()
    path = os.path.join(given.work, "peer.duckdb")
    connection = duckdb.connect(path)
    connection.execute(SCHEMA)
    piece_path = os.path.join(given.work, "piece.ndjson")
    begun = time.perf_counter()
    for piece in peer.batches(given.events):
        take(connection, piece, piece_path)
    took = time.perf_counter() - begun
    connection.execute("checkpoint")
    peer.tell(took, os.path.getsize(path), answering(connection))


if __name__ == "__main__":
    main()
