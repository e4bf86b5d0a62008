//! How answers are printed, as the contract says (SPEC 5 and 6).

use super::{Format, render};

fn printed(answer: &str, format: Format) -> String {
    let (text, _) = render(answer.as_bytes(), format, None).expect("an answer that can be printed");
    String::from_utf8(text).expect("UTF-8")
}

#[test]
fn an_answer_is_its_rows_else_its_points_else_itself_as_one_row() {
    for (answer, csv) in [
        (r#"{"rows":[{"uid":7,"note":"a"},{"uid":8,"note":"b"}],"total":2}"#, "uid,note\n7,a\n8,b\n"),
        (r#"{"uid":7,"points":[{"date":"2026-03-01","traded":3}],"interval":"day"}"#, "date,traded\n2026-03-01,3\n"),
        (
            r#"{"uid":7,"metrics":{"traded":3,"total_rewards":"12.5"}}"#,
            "uid,metrics_traded,metrics_total_rewards\n7,3,12.5\n",
        ),
        (r#"{"rows":[],"total":0}"#, ""),
        (
            "{\"position\":1,\"event\":{\"id\":\"a\"}}\n{\"position\":2,\"event\":{\"id\":\"b\"}}\n",
            "position,event_id\n1,a\n2,b\n",
        ),
    ] {
        assert_eq!(printed(answer, Format::Csv), csv, "{answer}");
    }
}

#[test]
fn a_cell_holds_null_as_nothing_and_a_list_as_json_and_digits_as_written() {
    let answer = r#"{"rows":[{"code":null,"rate":"0.10","history":[{"a":1}, 2],"n":90071992547409931234,"ok":true}]}"#;
    assert_eq!(
        printed(answer, Format::Csv),
        "code,rate,history,n,ok\n,0.10,\"[{\"\"a\"\":1}, 2]\",90071992547409931234,true\n"
    );
}

#[test]
fn rows_with_other_fields_widen_the_table() {
    let answer = r#"{"rows":[{"a":1},{"b":2,"a":3},{}]}"#;
    assert_eq!(printed(answer, Format::Csv), "a,b\n1,\n3,2\n,\n");
}

#[test]
fn json_is_the_answer_as_it_is() {
    let answer = "{\"b\": 1,\n \"a\":2}";
    assert_eq!(printed(answer, Format::Json), format!("{answer}\n"));
}

#[test]
fn numbers_stand_right_and_texts_left() {
    let answer =
        r#"{"rows":[{"uid":7,"note":"long text","commission":"1.5"},{"uid":70012,"note":"x","commission":"-12.25"}]}"#;
    assert_eq!(
        printed(answer, Format::Table),
        "  uid  note       commission\n    7  long text         1.5\n70012  x              -12.25\n"
    );
}

#[test]
fn a_single_answer_too_wide_for_the_terminal_stands_upright() {
    let answer = br#"{"uid":7,"metrics":{"total_rewards":"12.5"}}"#;
    let (text, _) = render(answer, Format::Table, Some(10)).expect("an answer");
    assert_eq!(String::from_utf8_lossy(&text), "uid                    7\nmetrics_total_rewards  12.5\n");
}

#[test]
fn nothing_in_an_answer_steers_the_terminal() {
    let answer = r#"{"rows":[{"note":"a\u001b[2Jb\r\nc\u202ed\u0007"}]}"#;
    assert_eq!(printed(answer, Format::Table), "note\na\\u{1b}[2Jb\\r\\nc\\u{202e}d\\u{7}\n");
}

#[test]
fn no_cell_of_csv_begins_a_formula_and_an_empty_text_is_told_from_nothing() {
    for (cell, safe) in [
        ("=1+1", "'=1+1"),
        ("+1 555", "'+1 555"),
        ("+1", "'+1"),
        ("-churn", "'-churn"),
        ("-", "'-"),
        ("-1.5.2", "'-1.5.2"),
        ("@handle", "'@handle"),
        ("\tx", "'\tx"),
        ("\rx", "\"'\rx\""),
        ("\0x", "'\0x"),
        ("-1.5", "-1.5"),
        ("-0.00000001", "-0.00000001"),
        ("12", "12"),
        ("a=b", "a=b"),
        ("", "\"\""),
    ] {
        let answer = serde_json::json!({"rows": [{"cell": cell, "missing": null}]}).to_string();
        assert_eq!(printed(&answer, Format::Csv), format!("cell,missing\n{safe},\n"), "{cell:?}");
    }
    let answer = r#"{"rows":[{"note":"=SUM(A1:A9)","amount":"-3"}]}"#;
    assert_eq!(printed(answer, Format::Csv), "note,amount\n'=SUM(A1:A9),-3\n");
    assert_eq!(printed(answer, Format::CsvForSheets), "\u{feff}note,amount\n'=SUM(A1:A9),-3\n");
}

#[test]
fn it_says_how_to_go_on_where_there_is_more() {
    let more = |answer: &str| render(answer.as_bytes(), Format::Table, None).expect("an answer").1;
    let list = r#"{"rows":[{"uid":7}],"total":812,"next_cursor":"abc"}"#;
    assert_eq!(more(list).as_deref(), Some("1 of 812 rows; go on with cursor=abc"));
    assert_eq!(more(r#"{"rows":[{"uid":7}],"total":1,"next_cursor":null}"#), None);
}

#[test]
fn a_hint_is_said_beside_the_figures_and_is_no_column() {
    let hint = r#""hint":{"detail":"what there is lies elsewhere","from":"2025-01-01","to":"2025-02-01"}"#;
    for (answer, table) in [
        (format!(r#"{{"uid":7,"metrics":{{"traded":0}},{hint}}}"#), "uid  metrics_traded\n  7               0\n"),
        (format!(r#"{{"rows":[],"total":0,"next_cursor":null,{hint}}}"#), "no rows\n"),
        (
            format!(r#"{{"points":[{{"date":"2026-01-01","traded":0}}],{hint}}}"#),
            "date        traded\n2026-01-01       0\n",
        ),
    ] {
        let (text, more) = render(answer.as_bytes(), Format::Table, None).expect("an answer");
        assert_eq!(String::from_utf8_lossy(&text), table, "{answer}");
        assert_eq!(more.as_deref(), Some("what there is lies elsewhere"), "{answer}");
    }
}

#[test]
fn what_is_no_json_is_an_error() {
    assert!(render(b"<html>", Format::Csv, None).is_err());
}

#[test]
fn a_cell_of_a_table_is_cut_short_and_whole_in_the_other_formats() {
    let long = "é".repeat(500);
    let answer = format!(r#"{{"rows":[{{"id":1,"raw":"{long}"}}]}}"#);
    assert_eq!(printed(&answer, Format::Table), format!("id  raw\n 1  {}…\n", "é".repeat(120)));
    assert_eq!(printed(&answer, Format::Csv), format!("id,raw\n1,{long}\n"));
}
