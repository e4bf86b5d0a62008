//! What is refused, and what is told of it; what a question may take.
#![cfg(feature = "datafusion")]

mod given;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use given::{Given, LIMITS};
use sql::{Form, Limits, Question, STATEMENT_BYTES_MAX, SqlError, ask};

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_there_is() {
    let given = Given::hostile(1, 300);
    for (statement, told) in [
        ("selec 1", vec!["line 1, column 1", "  selec 1\n  ^"]),
        (
            "select sum(comission)\nfrom trades",
            vec!["comission", "line 1, column 12", "there is commission", "show columns"],
        ),
        ("select 1 from tradez", vec!["tradez", "there are the tables events, entries, postings, trades"]),
        ("select * from 'trades.parquet'", vec!["trades.parquet", "files are not read"]),
        ("select frobnicate(uid) from referrals", vec!["frobnicate"]),
        ("select 1; select 2", vec!["one statement"]),
        (
            "select a.uid, b.uid from referrals a join referrals b on a.uid = b.uid",
            vec!["two columns are called uid", "as other_uid"],
        ),
        ("select uid\nfrom referrals where", vec!["found: the end (line 2, column 21)"]),
        ("", vec!["statement"]),
        ("select 'x' + commission from daily", vec![]),
    ] {
        let error = given.refusal(statement);
        assert!(matches!(error, SqlError::Refused(_)), "{statement}: {error:?}");
        let said = error.to_string();
        for part in told {
            assert!(said.contains(part), "{statement}: {said}");
        }
        assert!(!said.contains("DataFusion") && !said.is_empty(), "{statement}: {said}");
    }
}

#[test]
fn nothing_but_reading_is_done_and_no_file_is_touched() {
    let given = Given::hostile(1, 300);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("out.csv");
    std::fs::write(folder.path().join("in.csv"), "a\n1\n").expect("a file");
    let (out, of) = (file.display(), folder.path().join("in.csv").display().to_string());
    for statement in [
        format!("copy (select 1) to '{out}' stored as csv"),
        format!("copy trades to '{out}'"),
        format!("create external table t stored as csv location '{of}'"),
        format!("create external table t (a int) stored as csv location '{of}'"),
        "create table t as select 1".to_owned(),
        "create view v as select 1".to_owned(),
        "create schema s".to_owned(),
        "create function f(int) returns int return $1 + 1".to_owned(),
        "drop table trades".to_owned(),
        "insert into trades select * from trades".to_owned(),
        "insert into daily values (1)".to_owned(),
        "update daily set commission = 0".to_owned(),
        "delete from trades".to_owned(),
        "truncate table trades".to_owned(),
        "set datafusion.execution.target_partitions = 64".to_owned(),
        "prepare p as select 1".to_owned(),
        "begin".to_owned(),
        "explain analyze insert into trades select * from trades".to_owned(),
        format!("explain copy trades to '{out}'"),
        format!("select * from '{of}'"),
        format!("select * from read_csv('{of}')"),
        format!("select * from \"{of}\""),
    ] {
        let error = given.refusal(&statement);
        assert!(matches!(error, SqlError::Refused(_)), "{statement}: {error:?}");
    }
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, ["in.csv"], "nothing is written");
}

#[test]
fn what_asks_about_the_tables_is_answered() {
    let given = Given::hostile(1, 300);
    let tables = given.rows("show tables");
    let names: Vec<&str> = tables
        .iter()
        .filter(|row| row["table_schema"] == "public")
        .filter_map(|row| row["table_name"].as_str())
        .collect();
    let mut known = exports::Kind::NAMES.to_vec();
    known.sort_unstable();
    let mut names = names;
    names.sort_unstable();
    assert_eq!(names, known);
    let columns = given.rows("show columns from daily");
    assert_eq!(columns.len(), exports::Kind::Daily.columns().len(), "{columns:?}");
    assert!(
        given
            .rows("describe daily")
            .iter()
            .any(|row| row["column_name"] == "commission" && row["data_type"] == "Decimal128(38, 8)")
    );
    assert!(!given.rows("explain select * from daily").is_empty());
}

#[test]
fn what_comes_to_nothing_is_told_as_such() {
    let given = Given::hostile(1, 300);
    for statement in [
        "select commission / (commission - commission) from daily",
        "select cast(code as bigint) from daily",
        "select (select uid from referrals)",
    ] {
        let error = given.refusal(statement);
        assert!(matches!(error, SqlError::Failed(_)), "{statement}: {error:?}");
    }
}

#[test]
fn a_statement_is_as_deep_and_as_long_as_it_may_be_and_no_more() {
    let given = Given::hostile(1, 300);
    let refused = |statement: &str| match given.refusal(statement) {
        SqlError::Refused(said) => said,
        other => panic!("{other:?}"),
    };
    assert!(refused(&format!("select {}", "1".repeat(STATEMENT_BYTES_MAX))).contains("32768 are taken"));
    refused(&format!("select {}1{}", "(".repeat(10_000), ")".repeat(10_000)));
    refused(&format!("select {}", "not ".repeat(7_000)));
    let chain = |terms: usize| format!("select {}1", "1+".repeat(terms));
    assert_eq!(given.value(&chain(399)), 400);
    for terms in [400, 16_000] {
        assert!(refused(&chain(terms)).contains("400 operators"), "{terms}");
    }
    assert!(refused(&format!("select 1{}", " union all select 1".repeat(1_000))).contains("too large to be planned"));
    assert!(refused(&format!("select count(*) from daily a0{}", ",daily a".repeat(1_000))).contains("too large"));
    let uids: Vec<String> = (1..3_000).map(|uid| uid.to_string()).collect();
    assert_eq!(
        given.value(&format!("select count(*) from daily where referrer_uid in ({})", uids.join(","))),
        given.value("select count(*) from daily where referrer_uid < 3000")
    );
}

#[test]
fn what_does_not_fit_into_memory_is_laid_aside_or_told() {
    let given = Given::hostile(1, 300);
    let little = Limits { memory_bytes: 2 << 20, ..LIMITS };
    let many = "select value, repeat('x', 100) as text from generate_series(1, 60000) order by text, value desc";
    let (out, answered) = given.ask_as(many, Form::Json, little).expect("it is sorted in pieces");
    assert_eq!(answered.rows, 60_000);
    assert!(out.starts_with(b"{\"value\":60000,"), "{}", String::from_utf8_lossy(&out[..40]));
    let nowhere = Limits { spill_bytes: 0, ..little };
    let error = given.ask_as(many, Form::Json, nowhere).expect_err("nothing can be laid aside");
    assert!(matches!(&error, SqlError::TooLarge(said) if said.contains("--spill")), "{error:?}");
    let joined =
        "select count(*) from generate_series(1, 300000) as a(v) join generate_series(1, 300000) as b(v) on a.v = b.v";
    let error = given.ask_as(joined, Form::Json, little).expect_err("a join is held in memory");
    assert!(matches!(&error, SqlError::TooLarge(said) if said.contains("--memory")), "{error:?}");
}

#[test]
fn a_question_without_end_is_broken_off_by_time_or_by_hand() {
    let given = Given::hostile(1, 300);
    let endless = "select count(*) from generate_series(1, 9000000000000000)";
    let bounded = Limits { time: Some(Duration::from_secs(1)), ..LIMITS };
    let error = given.ask_as(endless, Form::Json, bounded).expect_err("it has no end");
    assert!(matches!(error, SqlError::TimeIsUp { .. }), "{error:?}");
    let looks = AtomicU32::new(0);
    let question = Question { statement: endless, form: Form::Json, rows_max: None, limits: LIMITS };
    let broken_off = || looks.fetch_add(1, Ordering::Relaxed) > 3;
    let error = ask(given, &question, &mut Vec::new(), &broken_off).expect_err("it is broken off");
    assert!(matches!(error, SqlError::Interrupted), "{error:?}");
}

#[test]
fn no_more_rows_than_are_wanted_are_written_and_it_is_said_that_there_are_more() {
    let given = Given::hostile(1, 900);
    let few = |rows_max| {
        let mut out = Vec::new();
        let question = Question {
            statement: "select position from entries",
            form: Form::Json,
            rows_max: Some(rows_max),
            limits: LIMITS,
        };
        let answered = ask(given.clone(), &question, &mut out, &|| false).expect("an answer");
        assert_eq!(out.iter().filter(|byte| **byte == b'\n').count() as u64, answered.rows);
        (answered.rows, answered.has_more)
    };
    let all = given.view().state.position();
    assert_eq!(few(0), (0, true));
    assert_eq!(few(300), (300, true));
    assert_eq!(few(all), (all, false));
    assert_eq!(few(all + 1), (all, false));
}

#[test]
fn texts_are_written_as_exports_write_them() {
    let given = Given::hostile(1, 300);
    let statement = "select '=1+1' as a, '' as b, null as c, 'x,\"y\"' as d, -1.50 as e, [1, 2] as f, true as g, date '2026-03-01' as h, \
                     to_timestamp_micros(0) as i, 0.1::double as j, struct('v' as k) as k";
    let (csv, _) = given.ask_as(statement, Form::Csv { bom: true }, LIMITS).expect("an answer");
    assert_eq!(
        String::from_utf8_lossy(&csv),
        "\u{feff}a,b,c,d,e,f,g,h,i,j,k\n'=1+1,\"\",,\"x,\"\"y\"\"\",-1.5,\"[1,2]\",true,2026-03-01,1970-01-01T00:00:00,0.1,\"{\"\"k\"\":\"\"v\"\"}\"\n"
    );
    let (json, _) = given.ask_as(statement, Form::Json, LIMITS).expect("an answer");
    assert_eq!(
        String::from_utf8_lossy(&json),
        "{\"a\":\"=1+1\",\"b\":\"\",\"c\":null,\"d\":\"x,\\\"y\\\"\",\"e\":\"-1.5\",\"f\":[1,2],\"g\":true,\"h\":\"2026-03-01\",\
         \"i\":\"1970-01-01T00:00:00\",\"j\":0.1,\"k\":{\"k\":\"v\"}}\n"
    );
}
