"""Opens exports with DuckDB and pandas, and holds them against what the API answered.

    check_exports.py FOLDER

FOLDER holds each kind as KIND.parquet and KIND.csv, and facts.json: the position, the columns of every kind with
their types, the rows that the command said it wrote, and the API's answers. Sums are compared as decimals, to the last
digit. The first that differs ends it.
"""

import json
import sys
from decimal import Decimal, localcontext
from pathlib import Path

import duckdb
import pandas
import pyarrow.parquet

DUCKDB_TYPES = {
    "text": "VARCHAR",
    "int64": "BIGINT",
    "money": "DECIMAL(38,8)",
    "rate": "DECIMAL(7,6)",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "bool": "BOOLEAN",
}
ARROW_TYPES = {
    "text": "string",
    "int64": "int64",
    "money": "decimal128(38, 8)",
    "rate": "decimal128(7, 6)",
    "timestamp": "timestamp[us, tz=UTC]",
    "date": "date32[day]",
    "bool": "bool",
}

checks = 0


def duckdb_type(kind_of):
    """A type in DuckDB's words; a list of fields is a list of structs."""
    if isinstance(kind_of, str):
        return DUCKDB_TYPES[kind_of]
    return "STRUCT(" + ", ".join(f"{name} {duckdb_type(of)}" for name, of in kind_of) + ")[]"


def arrow_type(kind_of):
    """The same in Arrow's words."""
    if isinstance(kind_of, str):
        return ARROW_TYPES[kind_of]
    fields = ", ".join(f"{name}: {arrow_type(of)} not null" for name, of in kind_of)
    return f"list<element: struct<{fields}> not null>"


def same(what, found, expected):
    global checks
    checks += 1
    if found != expected:
        sys.exit(f"{what}: {found!r}, expected {expected!r}")


def total(values):
    """The sum of decimals or their texts; none is 0."""
    with localcontext() as context:
        context.prec = 60
        return sum((Decimal(value) for value in values), Decimal(0))


def check_kind(duck, folder, kind, facts):
    parquet, csv = folder / f"{kind}.parquet", folder / f"{kind}.csv"
    columns = facts["columns"][kind]
    described = duck.sql(f"DESCRIBE SELECT * FROM '{parquet}'").fetchall()
    # Words that are SQL's own are quoted within a type.
    described = [(row[0], row[1].replace('"', "")) for row in described]
    same(f"{kind} in DuckDB", described, [(name, duckdb_type(kind_of)) for name, kind_of in columns])
    schema = pyarrow.parquet.read_schema(parquet)
    same(f"{kind} in Arrow", [(field.name, str(field.type)) for field in schema],
         [(name, arrow_type(kind_of)) for name, kind_of in columns])
    metadata = pyarrow.parquet.read_metadata(parquet).metadata
    same(f"position of {kind}", metadata[b"Tributary-Position"].decode(), str(facts["position"]))

    rows = facts["rows"][kind]
    text_csv = f"read_csv('{csv}', header = true, all_varchar = true)"
    same(f"rows of {kind} in DuckDB", duck.sql(f"SELECT count(*) FROM '{parquet}'").fetchall()[0][0], rows)
    same(f"rows of {kind} as CSV in DuckDB", duck.sql(f"SELECT count(*) FROM {text_csv}").fetchall()[0][0], rows)
    frame = pandas.read_parquet(parquet)
    texts = pandas.read_csv(csv, dtype=str, keep_default_na=False)
    same(f"rows of {kind} in pandas", len(frame), rows)
    same(f"rows of {kind} as CSV in pandas", len(texts), rows)
    same(f"columns of {kind} as CSV", list(texts.columns), [name for name, _ in columns])
    for name, kind_of in columns:
        if isinstance(kind_of, list):
            check_lists(f"{kind}.{name}", frame[name], texts[name], kind_of)
        if kind_of != "money":
            continue
        by_duck = duck.sql(f'SELECT coalesce(sum("{name}"), 0) FROM \'{parquet}\'').fetchall()[0][0]
        as_decimal = f'coalesce(sum(nullif("{name}", \'\')::DECIMAL(38, 8)), 0)'
        by_duck_csv = duck.sql(f"SELECT {as_decimal} FROM {text_csv}").fetchall()[0][0]
        by_pandas = total(frame[name].dropna())
        same(f"sum of {kind}.{name} as CSV in DuckDB", by_duck_csv, by_duck)
        same(f"sum of {kind}.{name} in pandas", by_pandas, by_duck)
        same(f"sum of {kind}.{name} as CSV in pandas", total(text for text in texts[name] if text), by_duck)
    return frame


def check_lists(what, lists, texts, fields):
    """The lists of structs that pyarrow reads are what CSV has as JSON."""
    def plain(value, kind_of):
        if isinstance(kind_of, str):
            # A count to be reached is a number in JSON.
            return Decimal(value) if kind_of == "money" else value
        return [{name: plain(item[name], of) for name, of in kind_of} for item in value]

    there = [None if value is None else plain(value, fields) for value in lists]
    same(f"lists of {what}", there, [plain(json.loads(text), fields) if text else None for text in texts])
    if not any(there):
        sys.exit(f"{what} has no list that is not empty")


def check_referrer(duck, folder, uid, metrics):
    def one(query):
        return [Decimal(value) for value in duck.sql(query).fetchall()[0]]

    expected = [Decimal(metrics[name]) for name in ("total_rewards", "shared_commission", "total_volume")]
    days = f"SELECT coalesce(sum(commission), 0), coalesce(sum(rebate), 0), coalesce(sum(volume), 0) " \
           f"FROM '{folder}/daily.parquet' WHERE referrer_uid = {uid}"
    same(f"days of {uid}", one(days), expected)
    trades = f"SELECT coalesce(sum(commission), 0), coalesce(sum(rebate), 0), coalesce(sum(event_data_volume_usd), 0) " \
             f"FROM '{folder}/trades.parquet' WHERE referrer_uid = {uid} AND reversal_id IS NULL"
    same(f"trades of {uid}", one(trades), expected)
    rows = f"SELECT coalesce(sum(commission), 0), coalesce(sum(rebate), 0), coalesce(sum(volume), 0) " \
           f"FROM '{folder}/referrals.parquet' WHERE referrer_uid = {uid}"
    same(f"referrals of {uid}", one(rows), expected)
    rewards = f"SELECT coalesce(sum(amount) FILTER (kind = 'commission'), 0), " \
              f"coalesce(sum(amount) FILTER (kind = 'shared'), 0) " \
              f"FROM '{folder}/rewards.parquet' WHERE referrer_uid = {uid}"
    same(f"rewards of {uid}", one(rewards), expected[:2])
    count = f"SELECT count(*) FROM '{folder}/referrals.parquet' WHERE referrer_uid = {uid}"
    same(f"count of referrals of {uid}", duck.sql(count).fetchall()[0][0], metrics["total_referrals"])


def main(folder):
    facts = json.loads((folder / "facts.json").read_text())
    duck = duckdb.connect()
    frames = {kind: check_kind(duck, folder, kind, facts) for kind in facts["columns"]}
    for uid, metrics in facts["overviews"].items():
        check_referrer(duck, folder, uid, metrics)
    same("referrers", sorted(set(frames["referrals"]["referrer_uid"])),
         sorted(int(uid) for uid, metrics in facts["overviews"].items() if metrics["total_referrals"]))
    postings = frames["postings"]
    for side in ("debit", "credit"):
        same(f"{side}s", total(postings[postings["side"] == side]["amount"]), Decimal(facts["feed"][side]))
    same("postings", len(postings), facts["feed"]["postings"])
    of_trades = duck.sql(f"SELECT p.side, count(*), sum(p.amount) FROM (SELECT unnest(postings) AS p "
                         f"FROM '{folder}/trades.parquet') GROUP BY p.side ORDER BY p.side").fetchall()
    same("postings in the trades", sum(row[1] for row in of_trades), facts["feed"]["postings"])
    same("amounts in the trades", [(row[0], row[2]) for row in of_trades],
         [(side, Decimal(facts["feed"][side])) for side in ("credit", "debit")])
    same("entries", len(frames["entries"]), facts["position"])
    print(f"{checks} checks, DuckDB {duckdb.__version__}, pandas {pandas.__version__}")


main(Path(sys.argv[1]))
