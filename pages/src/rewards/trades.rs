//! The trades that one record of rewards is made of, each leading to its explanation.

use api::{Problem, ProblemKind, question};
use axum::response::Response;
use maud::{Markup, html};
use projections::query::RewardTrade;
use projections::views::{AsOf, RewardKind};
use schemas::{Day, Product, Uid, Usd};

use super::super::figures;
use super::super::layout::Page;
use super::super::parts;
use super::super::tables::{Column, Table};
use super::super::trades::{explain_link, product_in_words};
use super::super::visit::Visit;
use super::{kind_of, title_of};
use crate::words::words;

/// Which record.
#[derive(Clone, Copy)]
struct Record {
    kind: RewardKind,
    date: Day,
    counterparty: Uid,
    product: Product,
}

impl Record {
    fn of(visit: &Visit) -> Result<Record, Problem> {
        let wrong = |name: &str, expected: &str| {
            Problem::of_field(ProblemKind::InvalidParameter, name, format!("expected {expected}"))
        };
        let text = |name: &str| visit.parameter(name).unwrap_or_default();
        Ok(Record {
            kind: kind_of(visit)?,
            date: Day::parse(text("date")).ok_or_else(|| wrong("date", "a date such as 2026-03-01"))?,
            counterparty: Uid::parse(text("counterparty")).ok_or_else(|| wrong("counterparty", "a uid"))?,
            product: Product::parse(text("product")).ok_or_else(|| wrong("product", "spot, margin or futures"))?,
        })
    }
}

pub(super) async fn get_trades(visit: Visit) -> Result<Response, Problem> {
    let record = Record::of(&visit)?;
    let read = visit.read_ledger(move |read| {
        let (date, counterparty) = (record.date.to_string(), record.counterparty.to_string());
        let named = [
            ("kind", Some(record.kind.as_str())),
            ("date", Some(&*date)),
            ("counterparty", Some(&*counterparty)),
            ("product", Some(record.product.as_str())),
        ];
        match read.ask(&named, question::reward_trades()) {
            Ok((trades, as_of)) => Ok((trades, Some(as_of))),
            // There is no such record.
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok((Vec::new(), None)),
            Err(problem) => Err(problem),
        }
    });
    let (trades, as_of) = read.await?;
    Ok(page(&visit, record, &trades, as_of))
}

fn page(visit: &Visit, record: Record, trades: &[RewardTrade], as_of: Option<AsOf>) -> Response {
    let counterparty = match record.kind {
        RewardKind::Commission => html! {
            dt { (words!("rewards-invitee")) } dd { a href=(visit.link(format!("/referrals/{}", record.counterparty))) { (record.counterparty) } }
        },
        RewardKind::Shared => html! { dt { (words!("rewards-referrer")) } dd { (record.counterparty) } },
    };
    let back = visit.link("/rewards").with("kind", record.kind.as_str());
    let back = back.with("from", record.date).with("to", record.date);
    let main = html! {
        p { a href=(back) { (words!("rewards-all-of-day")) } }
        dl.facts {
            dt { (words!("rewards-kind")) } dd { (title_of(record.kind)) }
            dt { (words!("rewards-date")) } dd { (figures::day(record.date)) }
            (counterparty)
            dt { (words!("trades-product")) } dd { (product_in_words(record.product)) }
            dt { (words!("rewards-amount-of-record")) } dd { (figures::money(sum(trades))) }
        }
        @if trades.is_empty() {
            (parts::empty(words!("rewards-no-such-record"), html! { a.button href=(visit.link("/rewards")) { (words!("rewards-to-rewards")) } }))
        } @else { (table(visit, trades)) }
    };
    Page { title: words!("rewards-trades-title"), section: "/rewards", as_of, aside: html! {}, main }.show(visit)
}

fn sum(trades: &[RewardTrade]) -> Usd {
    trades.iter().fold(Usd::ZERO, |sum, trade| sum + trade.amount)
}

fn table(visit: &Visit, trades: &[RewardTrade]) -> Markup {
    let table = Table {
        id: "record-trades",
        caption: words!("rewards-trades-caption"),
        columns: &[
            Column::text(words!("rewards-trade")),
            Column::text(words!("rewards-account")),
            Column::text(words!("rewards-made-at")),
            Column::figure(words!("trades-fee")),
            Column::figure(words!("rewards-amount")),
            Column::text(words!("trades-why")),
        ],
        sorting: None,
        rows: html! {
            @for row in trades {
                @let explain = explain_link(visit, row.trade.uid, &row.trade.source, &row.trade.id);
                tr {
                    th scope="row" { code { (row.trade.id) } @if row.is_reversal { " " (parts::badge("warn", words!("rewards-taken-back"))) } }
                    td data-label=(words!("rewards-account")) { (row.trade.uid) }
                    td.wide data-label=(words!("rewards-made-at")) { (figures::time(row.time)) }
                    td.num data-label=(words!("trades-fee")) { (figures::amount(row.fee_usd)) }
                    td.num.matters data-label=(words!("rewards-amount")) { (figures::amount(row.amount)) }
                    td { a href=(explain) { (words!("rewards-explain")) span.visually-hidden { " " (words!("rewards-explain-trade", id = row.trade.id)) } } }
                }
            }
        },
    };
    table.draw_as_cards(visit)
}
