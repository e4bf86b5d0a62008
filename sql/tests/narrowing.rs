//! Conditions by which fewer rows are made leave out none that they let through.
#![cfg(feature = "datafusion")]

mod given;

use exports::Kind;
use given::Given;
use serde_json::Value;

/// The columns that rows are chosen by before they are made, with values that lie at and between theirs.
fn conditions(given: &std::sync::Arc<Given>, kind: Kind) -> Vec<String> {
    let name = kind.as_str();
    let mut conditions = Vec::new();
    for column in
        ["position", "referrer_uid", "time", "event_time", "registered_at", "created_at", "date", "recorded_at"]
    {
        if !kind.columns().iter().any(|known| known.name == column) {
            continue;
        }
        let middle = format!(
            "select cast({column} as varchar) as value from {name} where {column} is not null order by {column} offset 20 limit 1"
        );
        let rows = given.rows(&middle);
        let Some(Value::Object(row)) = rows.first() else { continue };
        let value = row.values().next().and_then(Value::as_str).expect("a text").to_owned();
        let value = if matches!(column, "position" | "referrer_uid") { value } else { format!("'{value}'") };
        for operator in ["=", "<", "<=", ">", ">=", "<>"] {
            conditions.push(format!("{column} {operator} {value}"));
        }
        conditions.push(format!("{column} between {value} and {value}"));
        conditions.push(format!("{column} not between {value} and {value}"));
        conditions.push(format!("{column} > {value} and {column} < {value}"));
        conditions.push(format!("({column} > {value} or {column} < {value})"));
    }
    conditions
}

#[test]
fn what_is_asked_by_position_day_or_referrer_is_what_all_rows_give() {
    let mut asked = 0;
    let mut kinds = Vec::new();
    for seed in 1..=2 {
        let given = Given::hostile(seed, 1_200);
        for kind in Kind::ALL.iter().copied() {
            let conditions = conditions(&given, kind);
            for condition in conditions {
                let name = kind.as_str();
                let narrowed = given.value(&format!("select count(*) from {name} where {condition}"));
                // Held against each row in a way that nothing can be seen in beforehand.
                let of_all = given.value(&format!("select count(*) filter (where {condition}) from {name}"));
                assert_eq!(narrowed, of_all, "seed {seed}: {name} where {condition}");
                asked += 1;
                kinds.push(name);
            }
        }
    }
    kinds.dedup();
    assert!(asked > 200 && kinds.len() >= 14, "{asked} questions about {kinds:?}");
}

#[test]
fn columns_that_are_not_asked_for_change_none_of_those_that_are() {
    let given = Given::hostile(3, 1_500);
    for kind in Kind::ALL {
        let name = kind.as_str();
        let all = given.rows(&format!("select * from {name}"));
        for column in kind.columns() {
            let alone = given.rows(&format!("select {} from {name}", column.name));
            assert_eq!(alone.len(), all.len(), "{name}.{}", column.name);
            for (alone, all) in alone.iter().zip(&all) {
                assert_eq!(alone[column.name], all[column.name], "{name}.{}", column.name);
            }
        }
        assert_eq!(given.value(&format!("select count(*) from {name}")), all.len());
    }
}

#[test]
fn rows_come_in_the_order_of_the_ledger_the_same_each_time() {
    let given = Given::hostile(4, 1_500);
    for statement in [
        "select * from trades",
        "select event_type, count(*) as entries from entries group by event_type",
        "select code, country, sum(commission) as commission from daily group by code, country",
        "select position from postings order by position",
    ] {
        assert_eq!(given.rows(statement), given.rows(statement), "{statement}");
    }
    let plan = given.rows("explain select position, event_type from entries order by position limit 3");
    assert!(!format!("{plan:?}").contains("SortExec"), "what ascends is not sorted again: {plan:?}");
}
