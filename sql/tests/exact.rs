//! Amounts asked in SQL are those of the API, to the last digit, and never another number.
#![cfg(feature = "datafusion")]

mod given;

use exports::{Export, Filter, Format, Kind};
use given::{Given, LIMITS};
use projections::query::RangeRequest;
use schemas::{Day, Usd};
use serde_json::{Map, Value, json};
use sql::{Form, SqlError};

fn all_time() -> RangeRequest {
    RangeRequest { from: Day::parse("2000-01-01"), to: Day::parse("2100-01-01") }
}

#[test]
fn sums_are_the_figures_of_the_api_to_the_last_digit() {
    for seed in 1..=3 {
        let given = Given::hostile(seed, 2_500);
        let sums = given.rows(
            "select referrer_uid, sum(commission) as commission, sum(rebate) as rebate, sum(volume) as volume \
             from daily group by referrer_uid",
        );
        assert!(sums.len() > 2, "seed {seed}: {sums:?}");
        let mut referrers = given.view().referrers();
        for sum in sums {
            let uid = schemas::Uid(sum["referrer_uid"].as_u64().expect("a uid"));
            let metrics = given.view().overview(uid, all_time(), None).expect("a range").metrics;
            let texts = |amounts: [Usd; 3]| amounts.map(|amount| Value::String(amount.to_string()));
            let expected = texts([metrics.total_rewards, metrics.shared_commission, metrics.total_volume]);
            assert_eq!(
                [&sum["commission"], &sum["rebate"], &sum["volume"]],
                expected.each_ref(),
                "seed {seed}: {uid:?}"
            );
            referrers.retain(|other| *other != uid);
        }
        for uid in referrers {
            let metrics = given.view().overview(uid, all_time(), None).expect("a range").metrics;
            assert_eq!(metrics.total_rewards, Usd::ZERO, "{uid:?} has no day");
        }
        let balance = "select sum(case side when 'credit' then amount else -amount end) from postings";
        assert_eq!(given.value(balance), json!("0"), "seed {seed}: every posting has its other side");
    }
}

#[test]
fn every_table_has_the_rows_of_its_export() {
    let given = Given::hostile(5, 2_000);
    let mut empty = Vec::new();
    for kind in Kind::ALL.iter().copied() {
        let mut out = Vec::new();
        let export = Export { kind, format: Format::Ndjson, filter: Filter::default(), csv_bom: false };
        let go_on = &mut |_| std::ops::ControlFlow::Continue(());
        sql::Subject::show(&*given, &mut |view, ledger| {
            export.write(view, ledger, &mut out, go_on).expect("memory takes it");
        });
        let exported: Vec<Map<String, Value>> = String::from_utf8(out)
            .expect("UTF-8")
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let mut asked = given.rows(&format!("select * from {}", kind.as_str()));
        if kind == Kind::Events {
            // JSON in a column is a text.
            for row in &mut asked {
                row["data"] = serde_json::from_str(row["data"].as_str().expect("a text")).expect("JSON");
            }
        }
        assert_eq!(asked.len(), exported.len(), "{kind:?}");
        for (asked, exported) in asked.iter().zip(exported) {
            assert_eq!(as_asked(exported), *asked, "{kind:?}");
        }
        if asked.is_empty() {
            empty.push(kind);
        }
    }
    assert_eq!(empty, [Kind::Audit], "nobody is known to have done anything");
}

/// A row of an export as SQL has it: a count that is to be reached is a decimal.
fn as_asked(mut row: Map<String, Value>) -> Value {
    if let Some(Value::Array(tiers)) = row.get_mut("event_data_tiers") {
        for condition in tiers.iter_mut().flat_map(|tier| tier["all"].as_array_mut().expect("conditions")) {
            if condition["at_least"].is_number() {
                condition["at_least"] = Value::String(condition["at_least"].to_string());
            }
        }
    }
    Value::Object(row)
}

#[test]
fn a_literal_with_a_point_is_a_decimal_and_so_is_what_it_makes_of_an_amount() {
    let given = Given::hostile(1, 600);
    for (expression, value) in [
        ("0.1 + 0.2", "0.3"),
        ("cast('1000000000000.00000001' as decimal(38, 8)) * 2", "2000000000000.00000002"),
        ("cast('0.00000001' as decimal(38, 8)) * 0.000001", "0.00000000000001"),
        ("cast('10' as decimal(38, 8)) / 4", "2.5"),
        ("abs(cast('-10.5' as decimal(38, 8)))", "10.5"),
        ("round(cast('10.55555555' as decimal(38, 8)), 2)", "10.56"),
    ] {
        assert_eq!(given.value(&format!("select {expression}")), json!(value), "{expression}");
        let kind = given.value(&format!("select arrow_typeof({expression})"));
        assert!(kind.as_str().is_some_and(|kind| kind.starts_with("Decimal128")), "{expression}: {kind}");
    }
    for expression in
        ["sum(commission)", "avg(commission)", "max(commission)", "sum(commission * 0.5)", "sum(fee_usd) * 0.1"]
    {
        let kind = given.value(&format!("select arrow_typeof({expression}) from daily"));
        assert!(kind.as_str().is_some_and(|kind| kind.starts_with("Decimal128")), "{expression}: {kind}");
    }
}

#[test]
fn a_mean_of_amounts_has_four_digits_more_and_no_others() {
    let given = Given::hostile(1, 600);
    let of =
        |values: &str| given.value(&format!("select avg(cast(v as decimal(38, 8))) from (values {values}) as t(v)"));
    assert_eq!(of("('1'), ('2')"), json!("1.5"));
    assert_eq!(of("('0.00000001'), ('0.00000002'), ('0.00000002')"), json!("0.000000016666"));
    assert_eq!(of("(null)"), Value::Null);
}

#[test]
fn a_sum_that_is_too_large_is_an_error_and_no_other_number() {
    let given = Given::hostile(1, 600);
    let most = "99999999999999999999999999999999999999";
    let beyond = [
        format!("select sum(cast(v as decimal(38, 0))) from (values ('{most}'), ('{most}')) as t(v)"),
        format!(
            "select g, sum(cast(v as decimal(38, 0))) from (values (1, '{most}'), (1, '{most}')) as t(g, v) group by g"
        ),
        format!("select sum(cast(v as decimal(38, 0))) from (values ('{most}'), ('1')) as t(v)"),
        format!(
            "select sum(distinct cast(v as decimal(38, 0))), sum(distinct length(v)) from (values ('{most}'), ('1')) as t(v)"
        ),
        format!(
            "select sum(cast(v as decimal(38, 0))) over (order by v rows between 1 preceding and current row) from (values ('{most}'), ('1')) as t(v)"
        ),
        "select sum(v) from (values (9223372036854775807), (1)) as t(v)".to_owned(),
        format!("select cast('{most}' as decimal(38, 0)) * 10"),
        format!("select cast('{most}' as decimal(38, 0)) + 99999999999999999999999999999999999999"),
    ];
    for statement in beyond {
        let error = given.refusal(&statement);
        assert!(matches!(error, SqlError::Failed(_) | SqlError::Refused(_)), "{statement}: {error:?}");
    }
    for (statement, value) in [
        ("select sum(v) from (values (9223372036854775806), (1)) as t(v)", json!(i64::MAX)),
        (
            "select sum(cast(v as decimal(38, 0))) from (values ('99999999999999999999999999999999999998'), ('1')) as t(v)",
            json!(most),
        ),
        ("select sum(distinct v) from (values (7), (7), (8)) as t(v)", json!(15)),
        ("select sum(v) from (values (null::bigint)) as t(v)", Value::Null),
        ("select sum(v) filter (where v > 7) from (values (7), (8), (9)) as t(v)", json!(17)),
        (
            "select max(s) from (select sum(v) over (order by v rows between 1 preceding and current row) as s from (values (1), (2), (3)) as t(v)) as w",
            json!(5),
        ),
    ] {
        assert_eq!(given.value(statement), value, "{statement}");
    }
}

#[test]
fn parquet_holds_amounts_as_decimals_and_the_position() {
    let given = Given::hostile(2, 900);
    let statement = "select referrer_uid, sum(commission) as commission, max(date) as date from daily group by referrer_uid order by 1";
    let position = given.view().state.position();
    let (bytes, answered) = given.ask_as(statement, Form::Parquet { position }, LIMITS).expect("an answer");
    let file = parquet_of_sql::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))
        .expect("Parquet");
    let kept = file.metadata().file_metadata().key_value_metadata().cloned().expect("metadata");
    assert!(
        kept.iter().any(|pair| pair.key == exports::POSITION_KEY && pair.value == Some(position.to_string())),
        "{kept:?}"
    );
    assert_eq!(file.schema().field(1).data_type(), &arrow_schema::DataType::Decimal128(38, 8));
    let rows: usize = file.build().expect("rows").map(|batch| batch.expect("rows").num_rows()).sum();
    assert_eq!(rows as u64, answered.rows);
    assert!(rows > 1);
}
