//! Whatever the format, the same rows: read back by the readers of others.

mod given;

use exports::{Filter, Format, Kind};
use given::{Cell, Given, end, read};
use schemas::{Body, Code, Event, Note, Rate, Registration, Uid};
use workload::Workload;

#[test]
fn the_three_formats_hold_the_same_cells() {
    for seed in 1..=3 {
        let given = Given::events(Workload::hostile(seed, 3_000, end()).events());
        for kind in Kind::ALL.iter().copied() {
            let rows = |format| {
                let (bytes, written) = given.export(kind, format, Filter::default());
                let rows = read(bytes, format, kind.columns());
                assert_eq!(rows.len() as u64, written.rows, "seed {seed}: {kind:?} as {format:?}");
                rows
            };
            let parquet = rows(Format::Parquet);
            assert!(!parquet.is_empty(), "seed {seed}: no {kind:?}");
            assert_eq!(parquet, rows(Format::Ndjson), "seed {seed}: {kind:?}");
            assert_eq!(without_empty(parquet), rows(Format::Csv), "seed {seed}: {kind:?}");
        }
    }
}

/// What a reader of CSV takes for missing.
fn without_empty(mut rows: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    for cell in rows.iter_mut().flatten() {
        *cell = cell.take().filter(|text| !text.is_empty());
    }
    rows
}

const HOSTILE: &[&str] = &[
    "=HYPERLINK(\"https://evil.example\",\"click\")",
    "+1+1",
    "-1+1",
    "-5",
    "@SUM(A1:A9)",
    "\t=1",
    "\r=1",
    "\n=1",
    "two\r\nlines",
    "a,b;c\td",
    "\"quoted\"",
    "\\N",
    "NULL",
    "\u{202e}txt.exe",
    "\u{200b}\u{feff}",
    "😀 👨‍👩‍👧",
    "\u{0}\u{1f}\u{7f}",
    "{\"a\":1}",
    "<script>alert(1)</script>",
    "",
];

#[test]
fn hostile_texts_come_back_as_they_went_in() {
    let event = |id: usize, body| Event { source: "/hostile".into(), id: id.to_string().into(), time: end(), body };
    let notes = HOSTILE.iter().enumerate().map(|(at, text)| {
        let uid = Uid(100 + at as u64);
        event(at, Body::Note(Note { uid, note: (*text).into() }))
    });
    let given = Given::events(notes);
    let at = Kind::Entries.columns().iter().position(|column| column.name == "event_data_note").expect("a column");
    for format in Format::ALL.iter().copied() {
        let (bytes, _) = given.export(Kind::Entries, format, Filter::default());
        let notes: Vec<String> = read(bytes, format, Kind::Entries.columns())
            .into_iter()
            .map(|mut row| row.swap_remove(at).unwrap_or_default())
            .collect();
        assert_eq!(notes, HOSTILE, "{format:?}");
    }
}

#[test]
fn an_empty_text_in_csv_is_not_a_missing_one() {
    let code = Code {
        code: "ALPHA".into(),
        owner_uid: Uid(7),
        spot_rebate_rate: Rate::ZERO,
        futures_rebate_rate: Rate::ZERO,
        note: "".into(),
        is_default: false,
    };
    let registration = Registration {
        uid: Uid(100),
        account_type: schemas::AccountType::Major,
        country: None,
        code: Some("ALPHA".into()),
        relationship: schemas::Relationship::Both,
        parent_uid: None,
    };
    let event = |id: &'static str, body| Event { source: "/s".into(), id: id.into(), time: end(), body };
    let given = Given::events([event("1", Body::Code(code)), event("2", Body::Registration(registration))]);
    let (bytes, _) = given.export(Kind::Referrals, Format::Csv, Filter::default());
    let text = String::from_utf8(bytes).expect("UTF-8");
    let row = "7,100,100,2026-03-31T00:00:00Z,ALPHA,,,,,0,0,0,0,both,0,0,\"\"";
    assert_eq!(text.lines().nth(1), Some(row));
}

#[test]
fn an_export_without_rows_is_a_file_all_the_same() {
    let given = Given::events([]);
    for kind in Kind::ALL.iter().copied() {
        for format in Format::ALL.iter().copied() {
            let (bytes, written) = given.export(kind, format, Filter::default());
            assert_eq!((written.rows, written.position), (0, 0));
            assert_eq!(read(bytes, format, kind.columns()), Vec::<Vec<Cell>>::new(), "{kind:?} as {format:?}");
        }
    }
}
