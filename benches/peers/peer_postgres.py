"""PostgreSQL: COPY of each batch into a temporary table, then in the same transaction identities under a unique key,
rated trades and rollups, as its documentation advises for bulk loading and as rollups are usually kept.

The server is one of its own below the work folder; `initdb` and `postgres` are looked for on the path and below
/usr/lib/postgresql. Settings: a quarter of the memory shared, WAL that is not checkpointed all the time; what is
acknowledged is on the disk (`synchronous_commit` and `fsync` stay on).
"""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import time

import peer
import psycopg

SETTINGS = {
    "shared_buffers": "2GB",
    "work_mem": "128MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "wal_compression": "lz4",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "jit": "off",
}

SCHEMA = """
create table identities (uid bigint, source text, id text, primary key (uid, source, id));
create table named (name text, source text, id text, primary key (name, source, id));
create table standings (uid bigint primary key, spot_rate numeric, futures_rate numeric, window_days int);
create table codes (code text primary key, owner bigint, spot_rebate numeric, futures_rebate numeric);
create table accounts (uid bigint primary key, referrer bigint, registered timestamptz, relationship text,
  spot_base numeric, futures_base numeric, window_days int, spot_rebate numeric, futures_rebate numeric);
create index on accounts (referrer, registered);
create table daily (referrer bigint, day date, spot_commission numeric, futures_commission numeric, rebate numeric,
  spot_volume numeric, futures_volume numeric, volume numeric, primary key (referrer, day)) with (fillfactor = 70);
create table traders (referrer bigint, day date, invitee bigint, primary key (referrer, day, invitee));
create table first_trades (invitee bigint primary key, referrer bigint, day date);
create index on first_trades (referrer, day);
create table counts (accepted bigint, duplicate bigint);
insert into counts values (0, 0);
"""

# A batch, in one transaction. Every step is a set's; the numbers are exact decimals, cut to 8 places.
TAKE = """
create temp table fresh on commit drop as
  with events as (
    select distinct on (uid, source, id) * from (
      select (data->'data'->>'uid')::bigint as uid, data->>'source' as source, data->>'id' as id, data->>'type' as type,
        (data->>'time')::timestamptz as time, data->'data' as data, line from lines
      where data->'data' ? 'uid') typed
    order by uid, source, id, line),
  taken as (insert into identities select uid, source, id from events on conflict do nothing returning uid, source, id)
  select events.* from events join taken using (uid, source, id);

create temp table fresh_codes on commit drop as
  with events as (
    select distinct on (name, source, id) data->'data'->>'code' as name, data->>'source' as source, data->>'id' as id,
      data->'data' as data from lines where data->'data' ? 'code' and not data->'data' ? 'uid'),
  taken as (insert into named select name, source, id from events on conflict do nothing returning name, source, id)
  select events.* from events join taken using (name, source, id);

insert into codes select name, (data->>'owner_uid')::bigint, (data->>'spot_rebate_rate')::numeric,
  (data->>'futures_rebate_rate')::numeric from fresh_codes;
insert into standings select uid, (data->>'spot_rate')::numeric, (data->>'futures_rate')::numeric,
  (data->>'futures_window_days')::int from fresh where type = 'referral.affiliate.v1';
insert into accounts select f.uid, c.owner, f.time, f.data->>'relationship',
  coalesce(s.spot_rate, 0.2), coalesce(s.futures_rate, 0.1), s.window_days,
  least(c.spot_rebate, coalesce(s.spot_rate, 0.2)), least(c.futures_rebate, coalesce(s.futures_rate, 0.1))
  from fresh f join codes c on c.code = f.data->>'code' left join standings s on s.uid = c.owner
  where f.type = 'referral.registration.v1';

create temp table rated on commit drop as
  with trades as (
    select f.uid, f.time, (f.time at time zone 'UTC')::date as day, f.data->>'product' = 'futures' as is_futures,
      (f.data->>'volume_usd')::numeric as volume, (f.data->>'fee_usd')::numeric as fee,
      (f.data->>'vip_level')::int as vip from fresh f where f.type = 'referral.trade.v1')
  select a.referrer, t.day, t.uid as invitee, t.is_futures, t.volume, t.vip,
    case when eligible then trunc(fee * base, 8) else 0 end as total,
    case when eligible then trunc(fee * rebate, 8) else 0 end as rebate
  from trades t join accounts a using (uid)
  cross join lateral (select
    case when is_futures then a.futures_base else a.spot_base end as base,
    case when is_futures then a.futures_rebate else a.spot_rebate end as rebate,
    fee > 0 and vip <= case when is_futures then 1 else 2 end
      and a.relationship in ('both', case when is_futures then 'futures' else 'spot' end)
      and (not is_futures or a.window_days is null or t.time < a.registered + make_interval(days => a.window_days))
      as eligible) r;

insert into daily as d
  select referrer, day, coalesce(sum(total - rebate) filter (where not is_futures), 0),
    coalesce(sum(total - rebate) filter (where is_futures), 0), sum(rebate),
    coalesce(sum(volume) filter (where not is_futures), 0),
    coalesce(sum(volume) filter (where is_futures and vip <= 1), 0), sum(volume)
  from rated group by referrer, day
  on conflict (referrer, day) do update set spot_commission = d.spot_commission + excluded.spot_commission,
    futures_commission = d.futures_commission + excluded.futures_commission, rebate = d.rebate + excluded.rebate,
    spot_volume = d.spot_volume + excluded.spot_volume, futures_volume = d.futures_volume + excluded.futures_volume,
    volume = d.volume + excluded.volume;
insert into traders select distinct referrer, day, invitee from rated on conflict do nothing;
insert into first_trades as f select invitee, min(referrer), min(day) from rated group by invitee
  on conflict (invitee) do update set day = excluded.day where excluded.day < f.day;
update counts set accepted = accepted + n, duplicate = duplicate + (select count(*) from lines) - n
  from (select (select count(*) from fresh) + (select count(*) from fresh_codes) as n) taken;
"""

OVERVIEW = """
select coalesce(sum(spot_commission + futures_commission), 0), coalesce(sum(spot_commission), 0),
  coalesce(sum(futures_commission), 0), coalesce(sum(rebate), 0),
  (select count(*) from accounts where referrer = %(uid)s
    and registered >= %(from)s::date::timestamp at time zone 'UTC'
    and registered < (%(to)s::date + 1)::timestamp at time zone 'UTC'),
  (select count(*) from first_trades where referrer = %(uid)s and day between %(from)s and %(to)s),
  (select count(distinct invitee) from traders where referrer = %(uid)s and day between %(from)s and %(to)s),
  coalesce(sum(spot_volume), 0), coalesce(sum(futures_volume), 0), coalesce(sum(volume), 0)
from daily where referrer = %(uid)s and day between %(from)s and %(to)s
"""
BY_DAY = """
select day::text, spot_commission + futures_commission from daily
where referrer = %(uid)s and day between %(from)s and %(to)s and spot_commission + futures_commission <> 0 order by day
"""
TRADED = "select count(distinct invitee) from traders where day between %(from)s and %(to)s"
TOP = """
select referrer, sum(spot_commission + futures_commission) as total from daily where day between %(from)s and %(to)s
group by referrer order by total desc, referrer desc limit %(top)s
"""


def program(name):
    found = [shutil.which(name)] + sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)
    path = next((path for path in found if path), None)
    return path or exit(f"{name} is missing: install the package postgresql")


class Server:
    """A server of its own. Postgres does not run as root: then it runs as the user `postgres`, or `nobody`."""

    def __init__(self, folder):
        self.folder, self.data = folder, os.path.join(folder, "data")
        self.user = None
        if os.getuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            self.user = "postgres" if "postgres" in names else "nobody"
            shutil.chown(folder, self.user)
            os.chmod(folder, 0o755)
        self.run([program("initdb"), "-D", self.data, "-U", "peer", "-A", "trust", "-E", "UTF8", "--no-locale"])
        flags = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [program("postgres"), "-D", self.data, "-k", folder, "-c", "listen_addresses=", *flags]
        log = open(os.path.join(folder, "log"), "wb")
        self.process = subprocess.Popen(command, user=self.user, stdout=log, stderr=log)

    def run(self, command):
        subprocess.run(command, check=True, user=self.user, stdout=subprocess.DEVNULL)

    def connect(self):
        for _ in range(600):
            try:
                return psycopg.connect(host=self.folder, user="peer", dbname="postgres", autocommit=True)
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise SystemExit("the server did not start; see its log")

    def stop(self):
        # A fast shutdown, which waits for no connection.
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def take(connection, piece):
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("create temp table lines (line bigint generated always as identity, data jsonb) on commit drop")
        # A text that no JSON holds for a quote, and one for a delimiter: each line is one value.
        copy = "copy lines (data) from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')"
        with cursor.copy(copy) as into:
            into.write(piece)
        cursor.execute(TAKE)


def answering(connection):
    days = {"from": peer.FROM, "to": peer.TO, "top": peer.TOP}

    def rows(question, **given):
        return connection.execute(question, days | given, prepare=True).fetchall()

    return peer.Answering(
        lambda uid: peer.overview(rows(OVERVIEW, uid=uid)[0]),
        lambda uid: {day: peer.amount(total) for day, total in rows(BY_DAY, uid=uid)},
        lambda: rows(TRADED)[0][0],
        lambda: [[uid, peer.amount(total)] for uid, total in rows(TOP)],
        lambda: dict(zip(("accepted", "duplicate"), rows("select accepted, duplicate from counts")[0])),
    )


def main():
    given = peer.arguments()
    server = Server(os.path.abspath(given.work))
    try:
        connection = server.connect()
        connection.execute(SCHEMA)
        begun = time.perf_counter()
        for piece in peer.batches(given.events):
            take(connection, piece)
        took = time.perf_counter() - begun
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
        # Without the WAL, which is kept for the next writes.
        size = peer.bytes_below(os.path.join(server.data, "base"))
        peer.tell(took, size, answering(connection))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
