//! The list as a file: all invitees that meet the filters, read page by page while the file is sent.
//!
//! The order is that of registration, newest first, whatever the page is sorted by: in it no row is missed or
//! repeated while events arrive.

use api::feed::POSITION_HEADER;
use api::views::Shown;
use api::{Problem, ProblemKind, query, question};
use std::io::{Error, ErrorKind};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use exports::write_csv_text;
use futures_util::stream;
use maud::{Markup, html};
use projections::query::LIMIT_MAX;
use projections::views::{List, ReferralRow};

use super::super::visit::Visit;
use super::filters::{Filters, SORTING};
use crate::words::words;

/// Where the file is.
pub(super) const PATH: &str = "/referrals/export";
/// So many rows are held at a time.
const PAGE_ROWS: usize = 10_000;

/// The columns, named as the API's fields.
const COLUMNS: [&str; 15] = [
    "uid",
    "registered_at",
    "code",
    "country",
    "verified_at",
    "first_deposit_at",
    "first_trade_at",
    "commission",
    "rebate",
    "volume",
    "vip_level",
    "commission_type",
    "spot_rebate_rate",
    "futures_rebate_rate",
    "note",
];

/// The columns that hold text from outside.
const TEXTS: [&str; 2] = ["code", "note"];

/// The ways to save what is filtered.
pub(super) fn links(visit: &Visit, filters: &Filters) -> Markup {
    let link = |format| filters.on(visit.link(PATH)).without("sort").without("order").with("format", format);
    html! {
        p.exports {
            (words!("referrals-save-all-as")) " "
            a.button.small href=(link("csv")) download { "CSV" } " "
            a.button.small href=(link("ndjson")) download { "NDJSON" }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileFormat {
    Csv,
    Ndjson,
}

impl FileFormat {
    fn of(visit: &Visit) -> Result<FileFormat, Problem> {
        match visit.parameter("format").unwrap_or("csv") {
            "csv" => Ok(FileFormat::Csv),
            "ndjson" => Ok(FileFormat::Ndjson),
            _ => Err(Problem::of_field(ProblemKind::InvalidParameter, "format", "expected csv or ndjson")),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            FileFormat::Csv => "csv",
            FileFormat::Ndjson => "ndjson",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            FileFormat::Csv => "text/csv; charset=utf-8",
            FileFormat::Ndjson => "application/x-ndjson",
        }
    }

    fn begin(self) -> Vec<u8> {
        match self {
            FileFormat::Csv => written(std::iter::once(COLUMNS.map(str::to_owned))),
            FileFormat::Ndjson => Vec::new(),
        }
    }

    fn rows(self, rows: &[ReferralRow]) -> Result<Vec<u8>, Error> {
        match self {
            FileFormat::Csv => Ok(written(rows.iter().map(cells))),
            FileFormat::Ndjson => {
                let mut out = Vec::new();
                for row in rows {
                    serde_json::to_writer(&mut out, &row.clone().shown())?;
                    out.push(b'\n');
                }
                Ok(out)
            }
        }
    }
}

fn written(records: impl Iterator<Item = [String; COLUMNS.len()]>) -> Vec<u8> {
    let mut out = Vec::new();
    for record in records {
        for (at, cell) in record.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            if TEXTS.contains(&COLUMNS[at]) {
                write_csv_text(cell.as_bytes(), &mut out);
            } else {
                out.extend_from_slice(cell.as_bytes());
            }
        }
        out.push(b'\n');
    }
    out
}

fn cells(row: &ReferralRow) -> [String; COLUMNS.len()] {
    let time = |time: Option<schemas::Timestamp>| time.map_or_else(String::new, |time| time.to_string());
    [
        row.uid.to_string(),
        row.registered_at.to_string(),
        row.code.clone(),
        row.country.map_or_else(String::new, |country| country.as_str().to_owned()),
        time(row.verified_at),
        time(row.first_deposit_at),
        time(row.first_trade_at),
        row.commission.to_string(),
        row.rebate.to_string(),
        row.volume.to_string(),
        row.vip_level.to_string(),
        row.commission_type.as_str().to_owned(),
        row.spot_rebate_rate.to_string(),
        row.futures_rebate_rate.to_string(),
        row.note.clone(),
    ]
}

/// What is sent next.
enum Next {
    Page(List<ReferralRow>),
    End,
}

async fn read_page(visit: &Visit, filters: &Filters, cursor: Option<String>) -> Result<List<ReferralRow>, Problem> {
    let filters = filters.clone();
    let asked = visit.read_ledger(move |read| {
        let parameters = filters.parameters();
        if read.is_here() {
            return read.ask_here(&parameters, |asked| query::referrals::newest_after(asked, cursor, PAGE_ROWS));
        }
        // The same order, in pages as long as the API gives them.
        let limit = LIMIT_MAX.to_string();
        let mut parameters: Vec<_> = parameters.into_iter().filter(|(name, _)| !SORTING.contains(name)).collect();
        parameters.extend([("sort", Some("registered_at")), ("order", Some("desc")), ("limit", Some(&limit))]);
        parameters.push(("cursor", cursor.as_deref()));
        read.ask(&parameters, question::referrals())
    });
    asked.await
}

pub(super) async fn get_export(visit: Visit) -> Result<Response, Problem> {
    let format = FileFormat::of(&visit)?;
    let filters = Filters::of(&visit);
    let first = read_page(&visit, &filters, None).await?;
    let uid = visit.referrer().map_or_else(String::new, |uid| format!("-{uid}"));
    let disposition = format!("attachment; filename=\"referrals{uid}.{}\"", format.ending());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).map_err(|error| Problem::internal(&error))?),
        (POSITION_HEADER, HeaderValue::from(first.as_of.position)),
    ];
    let begins = Ok::<_, Error>(Bytes::from(format.begin()));
    let pages = stream::unfold(Next::Page(first), move |next| {
        let (visit, filters) = (visit.clone(), filters.clone());
        async move {
            let Next::Page(page) = next else { return None };
            let rows = format.rows(&page.rows).map(Bytes::from);
            let next = match page.next_cursor {
                Some(cursor) => read_page(&visit, &filters, Some(cursor)).await.map(Next::Page),
                None => Ok(Next::End),
            };
            match next {
                Ok(next) => Some((rows, next)),
                // A body that is cut off is seen not to be whole.
                Err(problem) => Some((Err(Error::new(ErrorKind::Interrupted, problem.to_string())), Next::End)),
            }
        }
    });
    let body = stream::iter([begins]);
    Ok((headers, Body::from_stream(futures_util::StreamExt::chain(body, pages))).into_response())
}
