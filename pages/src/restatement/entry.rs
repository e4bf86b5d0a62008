//! One entry of a restatement: its event, and the trades of the period that it changed, each leading to Explain.

use api::parameters::{CODE, FROM, Given, TO, UID};
use api::query::Asked;
use api::{Problem, ProblemKind};
use axum::response::Response;
use ledger::Position;
use maud::{Markup, html};
use projections::query::{RangeRequest, RestatedTrade};
use projections::views::AsOf;
use schemas::{Body, Event, Timestamp, Uid, Usd};

use super::super::layout::Page;
use super::super::link::Link;
use super::super::tables::{Column, Table};
use super::super::trades::{explain_link, product_in_words};
use super::super::visit::Visit;
use super::super::{figures, parts};
use super::asked::Wanted;
use crate::words::{marked, words};

/// So many trades are shown; an entry may have changed all there are.
const TRADES_MAX: usize = 500;

/// Where an entry of the restatement that the page shows is told.
pub(super) fn link(visit: &Visit, position: Position) -> Link {
    let here = visit.here().without("cursor");
    let kept = ["from", "to", "code", "since", "since_position", "until", "until_position"].into_iter();
    kept.fold(visit.link("/restatement/entry"), |link, name| {
        match here.parameters().iter().find(|(found, _)| found == name) {
            Some((_, value)) => link.with(name, value),
            None => link,
        }
    })
    .with("position", position)
}

/// What kind of event it is, in words.
pub(super) fn kind(event_type: &str) -> &str {
    let name = event_type.strip_prefix("referral.").unwrap_or(event_type);
    match name.strip_suffix(".v1").unwrap_or(name) {
        "affiliate" => words!("restatement-affiliate"),
        "application" => words!("restatement-application"),
        "campaign" => words!("restatement-campaign"),
        "code" => words!("restatement-code"),
        "deposit" => words!("restatement-deposit"),
        "join" => words!("restatement-join"),
        "kyc" => words!("restatement-kyc"),
        "note" => words!("restatement-note"),
        "offer" => words!("restatement-offer"),
        "program" => words!("restatement-program"),
        "rebate" => words!("restatement-rebate"),
        "registration" => words!("restatement-registration"),
        "reversal" => words!("restatement-reversal"),
        "trade" => words!("restatement-trade"),
        "vip" => words!("restatement-vip"),
        other => other,
    }
}

/// An entry, as far as who asks may see it.
struct Told {
    recorded_at: Timestamp,
    source: String,
    id: String,
    event_type: &'static str,
    time: Timestamp,
    /// The event's data; none where it is about somebody else.
    data: Option<String>,
    trades: Vec<RestatedTrade>,
    as_of: AsOf,
}

pub(super) async fn get_entry(visit: Visit) -> Result<Response, Problem> {
    let wrong = || Problem::of_field(ProblemKind::InvalidParameter, "position", "expected a position of the ledger");
    let position: Position = visit.parameter("position").and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
    // The page's `since` does not matter to one entry; a cursor there is none.
    let wanted = Wanted { since: None, cursor: None, ..Wanted::of(&visit) };
    let told = wanted.ask(&visit, move |asked| tell(asked, position)).await?;
    Ok(page(&visit, position, &told))
}

fn tell(asked: &Asked<'_>, position: Position) -> Result<Told, Problem> {
    let given = Given::of(asked.parameters, &[&UID, &FROM, &TO, &CODE, &api::parameters::UNTIL])?;
    let uid = asked.caller.referrer(&given)?;
    let range = RangeRequest { from: given.get(&FROM)?, to: given.get(&TO)? };
    let view = asked.view;
    let code = given.get(&CODE)?;
    let trades = view.restated_trades(uid, range, code.as_deref(), position, asked.present)?;
    if trades.is_empty() {
        // So that nobody learns of an entry that is not its own business.
        let detail = format!("entry {position} is not there, or changed nothing of this period");
        return Err(Problem::new(ProblemKind::NotFound, detail));
    }
    let failed = |error: ledger::ReadError| Problem::internal(&error);
    let event = view.reader.event(position).map_err(failed)?;
    let may_see = asked.caller.own_data_of().is_none_or(|own| is_its_business(asked, own, &event));
    let data = may_see.then(|| serde_json::to_string_pretty(&schemas::json::data_value(&event)));
    Ok(Told {
        recorded_at: view.reader.recorded_at(position).map_err(failed)?,
        source: event.source.to_string(),
        id: event.id.to_string(),
        event_type: event.event_type().name(),
        time: event.time,
        data: data.transpose().map_err(|error| Problem::internal(&error))?,
        trades,
        as_of: view.as_of(),
    })
}

/// Whether what an event that changed a user's amounts says is that user's to see.
fn is_its_business(asked: &Asked<'_>, own: Uid, event: &Event<'_>) -> bool {
    let is_its = |uid: Uid| uid == own || asked.view.is_invitee_of(own, uid);
    match &event.body {
        // It changed an amount of the user's, so it is a trade of an invitee.
        Body::Trade(_) | Body::Reversal(_) => true,
        // The rules and the offers are everybody's.
        Body::Program(_) | Body::Offer(_) | Body::Campaign(_) => true,
        Body::Registration(data) => is_its(data.uid),
        Body::Kyc(data) => is_its(data.uid),
        Body::Deposit(data) => is_its(data.uid),
        Body::Vip(data) => is_its(data.uid),
        Body::Rebate(data) => is_its(data.uid),
        Body::Note(data) => is_its(data.uid),
        Body::Affiliate(data) => data.uid == own,
        Body::Code(data) => data.owner_uid == own,
        Body::Join(data) => data.uid == own,
        Body::Application(data) => data.uid == own,
    }
}

fn page(visit: &Visit, position: Position, told: &Told) -> Response {
    let back = visit
        .here()
        .parameters()
        .iter()
        .filter(|(name, _)| name != "position")
        .fold(visit.link("/restatement"), |link, (name, value)| link.with(name, value));
    let sum = |amount: fn(&RestatedTrade) -> Usd| told.trades.iter().map(amount).sum::<Usd>();
    let main = html! {
        p { a href=(back) { (words!("restatement-back")) } }
        dl.facts {
            dt { (words!("restatement-what")) } dd { (kind(told.event_type)) " (" code { (told.event_type) } ")" }
            dt { (words!("restatement-source")) } dd { code { (told.source) } }
            dt { (words!("restatement-id")) } dd { code { (told.id) } }
            dt { (words!("restatement-dated")) } dd { (figures::time(told.time)) }
            dt { (words!("restatement-recorded")) }
            dd { (marked!("restatement-recorded-at", time = figures::time(told.recorded_at), position = figures::count(position))) }
            dt { (words!("restatement-commission")) } dd #entry-commission { (figures::money(sum(|trade| trade.commission))) }
            dt { (words!("restatement-rebates")) } dd #entry-rebate { (figures::money(sum(|trade| trade.rebate))) }
        }
        @match &told.data {
            Some(data) => { (parts::more(words!("restatement-data"), html! { pre.data { code { (data) } } })) }
            None => { p.hint { (words!("restatement-not-yours")) } }
        }
        (trades(visit, &told.trades))
    };
    let title = words!("restatement-entry-title", position = position);
    Page { title: &title, section: "/restatement", as_of: Some(told.as_of), aside: html! {}, main }.show(visit)
}

fn trades(visit: &Visit, trades: &[RestatedTrade]) -> Markup {
    let table = Table {
        id: "entry-trades",
        caption: words!("restatement-entry-caption"),
        columns: &[
            Column::text(words!("restatement-column-trade")),
            Column::text(words!("restatement-account")),
            Column::text(words!("restatement-made-at")),
            Column::text(words!("restatement-product")),
            Column::figure(words!("restatement-commission-usd")),
            Column::figure(words!("restatement-rebate-usd")),
            Column::text(words!("restatement-why")),
        ],
        sorting: None,
        rows: html! {
            @for row in trades.iter().take(TRADES_MAX) {
                @let explain = explain_link(visit, row.trade.uid, &row.trade.source, &row.trade.id);
                tr {
                    th scope="row" { code { (row.trade.id) } }
                    td { (row.trade.uid) }
                    td { (figures::time(row.time)) }
                    td { (product_in_words(row.product)) }
                    td.num { (figures::amount(row.commission)) }
                    td.num { (figures::amount(row.rebate)) }
                    td { a href=(explain) { (words!("restatement-explain")) span.visually-hidden { " " (words!("restatement-explain-which", id = row.trade.id)) } } }
                }
            }
        },
    };
    html! {
        (table.draw(visit))
        @if trades.len() > TRADES_MAX {
            @let (shown, all) = (figures::count(TRADES_MAX as u64), figures::count(trades.len() as u64));
            p.hint { (marked!("restatement-first-trades", shown = shown, all = all)) }
        }
    }
}
