//! DuckDB and pandas open the exports of a ledger: row counts and sums equal the API's, to the last digit, and types
//! are as promised.
//!
//! The tools come from PyPI, in versions that `tests/python/requirements.txt` names. Where Python or PyPI is not there
//! the test says that it did not run; TRIBUTARY_REQUIRE_ANALYST_TOOLS, which CI sets, makes that a failure.

mod cli_support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cli_support::{Run, Workplace};
use exports::{Column, ColumnType, Kind};
use schemas::{Timestamp, Usd};
use serde_json::{Map, Value, json};
use workload::Workload;

/// The python that has the tools, or why there is none.
fn python() -> Result<PathBuf, String> {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("analysts");
    let made = Command::new(house.join("deploy/analysts/venv.sh"))
        .arg(folder)
        .arg(house.join("tests/python/requirements.txt"))
        .output()
        .map_err(|error| error.to_string())?;
    if made.status.success() {
        Ok(PathBuf::from(String::from_utf8_lossy(&made.stdout).trim()))
    } else {
        Err(String::from_utf8_lossy(&made.stderr).trim().to_owned())
    }
}

#[test]
fn duckdb_and_pandas_find_what_the_api_answers() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => {
            needs::missing(needs::Need::AnalystTools, &why);
            return;
        }
    };
    let workplace = Workplace::new();
    import(&workplace);
    let facts = facts(&workplace);
    workplace.write("facts.json", &facts.to_string());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/check_exports.py");
    let checked = Command::new(python).arg(script).arg(workplace.path()).output().expect("python runs");
    let (said, complained) = (String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
    assert!(checked.status.success(), "{said}{complained}");
    println!("{said}");
}

fn import(workplace: &Workplace) {
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
    let workload = Workload { referrers: 6, ..Workload::sized(11, 20_000, end) };
    let lines: Vec<Vec<u8>> = workload.lines().collect();
    std::fs::write(workplace.path().join("events.ndjson"), lines.join(&b'\n')).expect("a file");
    done(&workplace.run("import --data ledger events.ndjson --quiet"));
}

/// Exports everything, and asks the API the same.
fn facts(workplace: &Workplace) -> Value {
    let (mut columns, mut rows) = (Map::new(), Map::new());
    let mut position = 0;
    for kind in Kind::ALL.iter().copied() {
        let name = kind.as_str();
        for format in ["parquet", "csv"] {
            let said = json_of(&workplace.run(&format!("export {name} --data ledger --out {name}.{format} --json")));
            position = said["position"].as_u64().expect("a position");
            rows.insert(name.to_owned(), said["rows"].clone());
        }
        columns.insert(name.to_owned(), types(kind.columns()));
    }
    let codes = workplace.run("export codes --data ledger --out -");
    let referrers: BTreeSet<u64> = done(&codes)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).expect("JSON")["referrer_uid"].as_u64())
        .collect();
    assert!(referrers.len() > 1, "{referrers:?}");
    let overviews: Map<String, Value> = referrers
        .iter()
        .map(|uid| {
            let question = format!("query overview uid={uid} from=2000-01-01 to=2100-01-01 --data ledger --json");
            (uid.to_string(), json_of(&workplace.run(&question))["metrics"].clone())
        })
        .collect();
    json!({
        "position": position,
        "columns": columns,
        "rows": rows,
        "overviews": overviews,
        "feed": feed(workplace, position),
    })
}

/// What the postings of the feed come to.
fn feed(workplace: &Workplace, position: u64) -> Value {
    let (mut postings, mut debit, mut credit) = (0u64, Usd::ZERO, Usd::ZERO);
    let mut after = 0;
    while after < position {
        let page = workplace.run(&format!("query feed after={after} limit=10000 --data ledger --json"));
        for line in done(&page).lines() {
            let entry: Value = serde_json::from_str(line).expect("JSON");
            after = entry["position"].as_u64().expect("a position");
            for posting in entry["postings"].as_array().expect("postings") {
                postings += 1;
                let amount = Usd::parse(posting["amount"].as_str().expect("a text")).expect("an amount");
                match posting["side"].as_str() {
                    Some("debit") => debit += amount,
                    _ => credit += amount,
                }
            }
        }
    }
    json!({ "postings": postings, "debit": debit, "credit": credit })
}

/// The names of columns with their types; of a list, with those of its fields.
fn types(columns: &[Column]) -> Value {
    columns.iter().map(|column| json!([column.name, type_of(column.column_type)])).collect()
}

fn type_of(column_type: ColumnType) -> Value {
    let name = match column_type {
        ColumnType::Text | ColumnType::Name | ColumnType::Json | ColumnType::AssetAmount => "text",
        ColumnType::Int64 | ColumnType::Position => "int64",
        ColumnType::Money | ColumnType::Threshold => "money",
        ColumnType::Rate => "rate",
        ColumnType::Timestamp => "timestamp",
        ColumnType::Date => "date",
        ColumnType::Bool => "bool",
        ColumnType::List(fields) => return types(fields),
    };
    name.into()
}

#[track_caller]
fn done(run: &Run) -> &str {
    assert_eq!(run.code, 0, "{}", run.stderr);
    &run.stdout
}

#[track_caller]
fn json_of(run: &Run) -> Value {
    serde_json::from_str(done(run)).expect("JSON")
}
