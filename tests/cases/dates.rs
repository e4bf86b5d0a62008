//! A range with one end given near the year 0 or 9999 is cut or refused; no answer writes a date that would be refused.

use serde_json::Value;

use crate::{THREE, with_ledger};

#[test]
fn dates_stay_within_four_digits() {
    let workplace = with_ledger(THREE);
    for range in
        ["from=9999-12-31", "to=0000-01-05", "from=0000-01-01", "to=9999-12-31", "from=9999-12-01 to=9999-12-31"]
    {
        for question in
            ["overview", "overview/series interval=day", "overview/series interval=month", "countries", "rewards"]
        {
            let run = workplace.run(&format!("query {question} uid=1 {range} --data ledger --json"));
            match run.code {
                0 => check_dates(&serde_json::from_str(&run.stdout).expect("JSON"), &format!("{question} {range}")),
                code => assert_eq!(code, 2, "{question} {range}: {}", run.stderr),
            }
        }
    }
}

fn check_dates(value: &Value, question: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let (true, Value::String(date)) = (["from", "to", "date"].contains(&name.as_str()), value) {
                    let is_date = date.len() == 10 && date.bytes().next().is_some_and(|first| first.is_ascii_digit());
                    assert!(is_date, "{question}: {name} is {date}");
                }
                check_dates(value, question);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| check_dates(value, question)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
