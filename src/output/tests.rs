//! How answers are printed, as the contract says (SPEC 5 and 6).

use super::{Columns, Format, Style, render};

fn printed(answer: &str, format: Format) -> String {
    shown(answer, Style::of(format, Columns::Fitting), "", None).0
}

/// What is printed of an answer to a question in a style, where a terminal is so wide, and what is said beside it.
fn shown(answer: &str, style: Style, kind: &str, width: Option<u16>) -> (String, Vec<String>) {
    let (text, said) = render(answer.as_bytes(), &style, kind, width).expect("an answer that can be printed");
    (String::from_utf8(text).expect("UTF-8"), said)
}

fn table(answer: &str, columns: &str, kind: &str, width: Option<u16>) -> (String, Vec<String>) {
    let columns = if columns.is_empty() { Columns::Fitting } else { columns.parse().expect("names of columns") };
    shown(answer, Style::of(Format::Table, columns), kind, width)
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
fn a_single_answer_stands_upright_with_its_lists_below() {
    let answer = r#"{"uid":7,"metrics":{"total_rewards":"12.5"},"codes":["A"],"none":[],
        "postings":[{"account":"payable:7","amount":"1.5"},{"account":"payable:10","amount":"22"}]}"#;
    let upright = "uid                    7\nmetrics_total_rewards  12.5\ncodes                  [\"A\"]\nnone                   []\n";
    let below = "\npostings\naccount     amount\npayable:7      1.5\npayable:10      22\n";
    for width in [None, Some(200), Some(40)] {
        assert_eq!(table(answer, "", "", width), (format!("{upright}{below}"), vec![]), "{width:?}");
    }
    assert_eq!(
        table(answer, "postings_amount,uid", "", Some(40)).0,
        "uid  7\n\npostings\namount\n   1.5\n    22\n",
        "a list's columns are named after it"
    );
    assert_eq!(table(answer, "postings", "", Some(40)).0, &below[1..]);
    let narrow = table(r#"{"name":"one two three four five six seven"}"#, "", "", Some(20)).0;
    assert_eq!(narrow, "name  one two three\n      four five six\n      seven\n");
}

#[test]
fn what_was_compared_stands_side_by_side_before_the_rows() {
    let answer = r#"{"before":{"commission":"3.5","rebate":"1"},"after":{"commission":"10","rebate":"1"},
        "difference":{"commission":"6.5","rebate":"0"},"rows":[{"position":4,"commission":"6.5"}],"total":1}"#;
    let head = "name        before  after  difference\ncommission     3.5     10         6.5\nrebate           1      1           0\n";
    assert_eq!(printed(answer, Format::Table), format!("{head}\nposition  commission\n       4         6.5\n"));
    assert_eq!(printed(answer, Format::Csv), "position,commission\n4,6.5\n");
    let nothing = answer.replace(r#"{"position":4,"commission":"6.5"}"#, "");
    assert_eq!(printed(&nothing, Format::Table), format!("{head}\nno rows\n"));
}

const ENTRY: &str = r#"{"position":101,"recorded_at":"2026-01-20T05:59:59.999999Z","actor":null,"event":{"specversion":"1.0",
    "type":"referral.registration.v1","source":"/accounts","id":"r-1","time":"2025-10-04T05:20:11.524766Z",
    "data":{"uid":70000158,"account_type":"major","country":"DE","code":"TRIBUTARY"}},"postings":[{"account":"a"}]}"#;

#[test]
fn a_table_fits_the_terminal_and_tells_what_is_left_out() {
    let entry = ENTRY.replace('\n', "");
    for width in 10..400u16 {
        let (text, said) = table(&entry, "", "feed", Some(width));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.len() <= usize::from(width)), "{width}: {text}");
        assert!(lines[0].starts_with("position"), "{width}: {text}");
        let (shown, left_out) = (lines[0].split_whitespace().count(), said[0].split(", ").count());
        assert_eq!(shown + left_out, 13, "{width}: {text}{said:?}");
        assert!(said[0].ends_with("postings (--columns all shows them)"), "{width}: {said:?}");
    }
    let (text, said) = table(&entry, "", "feed", Some(80));
    assert_eq!(
        text,
        "position  event_type                event_time                   event_data_uid\n     \
         101  referral.registration.v1  2025-10-04T05:20:11.524766Z        70000158\n"
    );
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(table(&entry, "", "feed", Some(400)).0.split_whitespace().filter(|name| *name == "actor").count(), 1);
    for columns in ["all", ""] {
        let width = if columns.is_empty() { None } else { Some(80) };
        let (text, said) = table(&entry, columns, "feed", width);
        assert_eq!((text.lines().next().map(|line| line.split_whitespace().count()), said), (Some(13), vec![]));
    }
}

#[test]
fn a_long_text_gives_way_to_columns_on_a_narrow_terminal() {
    let note = "n".repeat(60);
    let answer = format!(r#"{{"rows":[{{"code":"A","note":"{note}","commission":"1.5"}}]}}"#);
    assert_eq!(table(&answer, "", "", Some(100)).0.lines().last(), Some(&*format!("A     {note}         1.5")));
    let cut = format!("A     {}…         1.5", "n".repeat(40));
    assert_eq!(table(&answer, "", "", Some(70)).0.lines().last(), Some(&*cut));
    // What is wide in letters of other scripts is wide on a terminal.
    let wide = r#"{"rows":[{"uid":1,"note":"推荐推荐推荐","volume":"5"}]}"#;
    assert_eq!(table(wide, "", "", Some(20)).0, "uid  note\n  1  推荐推荐推荐\n");
}

#[test]
fn columns_are_chosen_by_name_and_one_that_is_not_there_is_refused() {
    let answer = r#"{"rows":[{"uid":7,"event":{"id":"a"}}]}"#;
    assert_eq!(table(answer, "event_id,uid", "", Some(80)).0, "event_id  uid\na           7\n");
    let csv = |columns: &str| Style::of(Format::Csv, columns.parse().expect("names of columns"));
    assert_eq!(shown(answer, csv("event_id, uid"), "", None).0, "event_id,uid\na,7\n");
    for style in [csv("uid,event"), Style::of(Format::Table, "event".parse().expect("a name"))] {
        let refused = render(answer.as_bytes(), &style, "", None).expect_err("there is no such column").to_string();
        assert_eq!(refused, "there is no column \"event\" (--columns); there are uid, event_id");
    }
    let one =
        render(br#"{"uid":7,"list":[{"a":1}]}"#, &Style::of(Format::Table, "b".parse().expect("a name")), "", None);
    assert!(one.is_err_and(|error| error.to_string().ends_with("there are uid, list, list_a")));
    // A page of a feed without an event that has the field is a page of it nevertheless.
    let entry = ENTRY.replace('\n', "");
    assert_eq!(
        table(&entry, "position,event_data_fee_usd", "feed", None).0,
        "position  event_data_fee_usd\n     101\n"
    );
    assert_eq!(table(r#"{"rows":[]}"#, "uid", "", None).0, "no rows\n");
    for none in ["", "a,,b", ","] {
        assert!(none.parse::<Columns>().is_err(), "{none:?}");
    }
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
    let more = |answer: &str| table(answer, "", "", None).1;
    let list = r#"{"rows":[{"uid":7}],"total":812,"next_cursor":"abc"}"#;
    assert_eq!(more(list), ["1 of 812 rows; go on with cursor=abc"]);
    assert_eq!(more(r#"{"rows":[{"uid":7}],"total":1,"next_cursor":null}"#), Vec::<String>::new());
}

#[test]
fn a_hint_is_said_beside_the_figures_and_is_no_column() {
    let hint = r#""hint":{"detail":"what there is lies elsewhere","from":"2025-01-01","to":"2025-02-01"}"#;
    for (answer, expected) in [
        (format!(r#"{{"uid":7,"metrics":{{"traded":0}},{hint}}}"#), "uid             7\nmetrics_traded  0\n"),
        (format!(r#"{{"rows":[],"total":0,"next_cursor":null,{hint}}}"#), "no rows\n"),
        (
            format!(r#"{{"points":[{{"date":"2026-01-01","traded":0}}],{hint}}}"#),
            "date        traded\n2026-01-01       0\n",
        ),
    ] {
        let said = vec!["what there is lies elsewhere".to_owned()];
        assert_eq!(table(&answer, "", "", None), (expected.to_owned(), said), "{answer}");
    }
}

#[test]
fn what_is_no_json_is_an_error() {
    assert!(render(b"<html>", &Style::of(Format::Csv, Columns::Fitting), "", None).is_err());
}

#[test]
fn a_cell_of_a_table_is_cut_short_and_whole_in_the_other_formats() {
    let long = "é".repeat(500);
    let answer = format!(r#"{{"rows":[{{"id":1,"raw":"{long}"}}]}}"#);
    assert_eq!(printed(&answer, Format::Table), format!("id  raw\n 1  {}…\n", "é".repeat(120)));
    assert_eq!(printed(&answer, Format::Csv), format!("id,raw\n1,{long}\n"));
}
