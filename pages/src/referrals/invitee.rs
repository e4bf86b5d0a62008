//! One invitee looked at closely: its dates, its rates, what it brought, and its trades.

use api::query::invitee_of_path;
use api::{Problem, ProblemKind, question};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use projections::query::DateRange;
use projections::views::{Account, AgreedRates, InviteeRange, ReferralDetail, RewardRow};
use schemas::{ProductGroup, Relationship, Uid, Usd};

use super::super::charts::{Bucket, Chart, Kind, Series};
use super::super::figures::{self, Figure};
use super::super::layout::Page;
use super::super::link::encoded;
use super::super::parts::{badge, empty, more, section};
use super::super::ranges::{Chosen, Inside, Preset, picker};
use super::super::submission::Fields;
use super::super::tables::{Column, Table};
use super::super::trades::{product_in_words, trade_table};
use super::super::visit::Visit;
use super::{PATH, buckets, note, rates, timeline};
use crate::words::{marked, words};

/// So many trades of a chosen range are shown.
const RANGE_TRADES: &str = "40";
/// So many records of a chosen range are shown: the chart has all.
const RANGE_RECORDS: usize = 60;
/// From so many days on a chart leaves out the days before and after all that there is.
const LONG_RANGE_DAYS: i32 = 3_660;

/// What the page tells.
struct Told {
    detail: ReferralDetail,
    account: Account,
    agreed: Vec<AgreedRates>,
    range: Result<InviteeRange, Problem>,
}

pub(super) async fn get_invitee(visit: Visit, Path(invitee): Path<String>) -> Result<Response, Problem> {
    show(&visit, invitee_of_path(&invitee)?, None).await
}

/// The page; after a refusal of the form that sets the rates with what was entered there, and why it was refused.
pub(super) async fn show(visit: &Visit, invitee: Uid, refused: Option<(Fields, Problem)>) -> Result<Response, Problem> {
    let chosen = Chosen::of(visit, Preset::Days30)?;
    let told = read(visit, invitee, chosen.clone()).await?;
    let row = &told.detail.referral;
    let wrong = told.range.as_ref().err();
    let status = match (&refused, wrong) {
        (Some((_, problem)), _) | (None, Some(problem)) => problem.kind.status(),
        (None, None) => StatusCode::OK,
    };
    let filled = match refused {
        Some((fields, problem)) => rates::refused(fields, problem, &told.account),
        None => rates::held(row),
    };
    let shown = told.range.as_ref().ok().map(|range| (range.range.from, range.range.to));
    let main = html! {
        div.grid-2 {
            (section("totals", words!("referrals-summary"), totals(visit, &told)))
            (section("dates", words!("referrals-dates"), timeline::draw(row)))
        }
        (section("over-time", words!("referrals-over-time"), html! {
            (picker(visit, &chosen, shown, wrong, Inside::nothing()))
            @if let Ok(range) = &told.range { (over_time(visit, range)) }
        }))
        div.grid-2 {
            (section("rates", words!("referrals-rates"), html! {
                (rates::history(visit, row, &told.agreed))
                @if visit.may_command() {
                    h3.form-title { (words!("referrals-set-its-rates")) }
                    (rates::form(visit, invitee, &told.account, &filled))
                }
            }))
            (section("note", words!("referrals-column-note"), html! {
                @if visit.may_command() { (note::form(visit, invitee, &row.note)) }
                @else if row.note.is_empty() { p { (figures::none()) } }
                @else { p.note dir="auto" { bdi { (row.note) } } }
            }))
        }
        (section("trades", words!("referrals-trades"), trades(visit, &told)))
    };
    let title = words!("referrals-invitee-title", uid = invitee);
    let aside = html! { a.button href=(visit.link(PATH)) { (words!("referrals-all")) } };
    Ok(Page { title: &title, section: PATH, as_of: Some(told.detail.as_of), aside, main }.show_as(visit, status))
}

async fn read(visit: &Visit, invitee: Uid, chosen: Chosen) -> Result<Told, Problem> {
    let trades = if is_range_chosen(visit) { RANGE_TRADES } else { "1" };
    let asked = visit.read_ledger(move |read| {
        let invitee = invitee.to_string();
        let detail = read.ask(&[], question::referral(&invitee))?;
        let account = read.ask(&[], question::account())?;
        let resolved = chosen.resolve(read, None)?;
        let [from, to] = resolved.parameters();
        let (agreed, range) = match read.ask(&[from, to, ("limit", Some(trades))], question::referral_history(&invitee))
        {
            Ok(history) => (history.agreed, Ok(history.range)),
            // A day that is none stands beside its field; whatever else is wrong is not the range's.
            Err(problem) if problem.kind == ProblemKind::InvalidParameter => {
                (read.ask(&[], question::referral_history(&invitee))?.agreed, Err(problem))
            }
            Err(problem) => return Err(problem),
        };
        Ok(Told { detail, account, agreed, range })
    });
    asked.await
}

/// Whether the address names a range: then its trades are shown, else the latest.
fn is_range_chosen(visit: &Visit) -> bool {
    ["range", "from", "to"].iter().any(|name| visit.parameter(name).is_some())
}

fn totals(visit: &Visit, told: &Told) -> Markup {
    let row = &told.detail.referral;
    let covers = match row.commission_type {
        Relationship::Spot => words!("referrals-pays-spot"),
        Relationship::Futures => words!("referrals-type-futures"),
        Relationship::Both => words!("referrals-pays-both"),
    };
    html! {
        dl.facts #invitee-facts data-live {
            dt { (words!("referrals-commission-to-you")) } dd #invitee-commission { a.amount href="#trades" { (figures::money(row.commission)) } }
            dt { (words!("referrals-rebate-to-invitee")) } dd #invitee-rebate { a.amount href="#trades" { (figures::money(row.rebate)) } }
            dt { (words!("referrals-volume")) } dd #invitee-volume { (figures::money(row.volume)) }
            dt { (words!("referrals-vip-level")) } dd { (figures::count(u64::from(row.vip_level))) }
            dt { (words!("referrals-column-code")) } dd { a href=(visit.link(format!("/codes/{}", encoded(&row.code)))) { (row.code) } }
            dt { (words!("referrals-column-country")) }
            dd { @match row.country { Some(country) => (country.as_str()), None => { (figures::none()) " " (words!("referrals-country-unknown")) } } }
            dt { (words!("referrals-commission-type")) } dd { (covers) }
            dt { (words!("referrals-rebate-rates-now")) }
            dd { (marked!("referrals-rebate-rates", spot = figures::rate(row.spot_rebate_rate), futures = figures::rate(row.futures_rebate_rate))) }
        }
        p.hint { (words!("referrals-totals-hint")) }
    }
}

fn over_time(visit: &Visit, range: &InviteeRange) -> Markup {
    let buckets = buckets::Buckets::of(drawn_days(range));
    let of_group = |group: ProductGroup| {
        let records = range.records.iter().filter(move |record| record.product.group() == group);
        buckets.sums(records.map(|record| (record.date, record.amount))).into_iter().map(Figure::Money).collect()
    };
    let series = [
        Series { label: words!("referrals-spot-and-margin"), colour: 1, figures: of_group(ProductGroup::Spot) },
        Series { label: words!("referrals-futures"), colour: 2, figures: of_group(ProductGroup::Futures) },
    ];
    let names: Vec<Bucket> = buckets.names();
    let chart = Chart {
        id: "invitee-commission-chart",
        title: words!("referrals-commission"),
        unit: "USD",
        bucket: buckets.in_words(),
        kind: Kind::StackedBars,
        buckets: &names,
        series: &series,
        before: None,
        marks: &[],
    };
    let sum: Usd = range.records.iter().fold(Usd::ZERO, |sum, record| sum + record.amount);
    html! {
        (chart.draw())
        p #invitee-range-commission { (marked!("referrals-together", sum = figures::money(sum))) }
        @if !range.records.is_empty() { (more(words!("referrals-by-day-and-product"), records(visit, &range.records))) }
    }
}

/// The days that the chart draws: the range, or of a very long one those with anything in them.
fn drawn_days(range: &InviteeRange) -> DateRange {
    let days = range.records.iter().map(|record| record.date);
    match (days.clone().min(), days.max()) {
        _ if range.range.to.0 - range.range.from.0 < LONG_RANGE_DAYS => range.range,
        (Some(from), Some(to)) => DateRange { from, to },
        _ => DateRange { from: range.range.to, to: range.range.to },
    }
}

fn records(visit: &Visit, records: &[RewardRow]) -> Markup {
    let columns = [
        Column::text(words!("referrals-bucket-day")),
        Column::text(words!("referrals-product")),
        Column::figure(words!("referrals-trades")),
        Column::figure(words!("referrals-fee")),
        Column::figure(words!("referrals-column-commission")),
    ];
    let rows = html! {
        @for record in records.iter().take(RANGE_RECORDS) {
            @let day = format!("{}#trades", visit.here().without("range").with("from", record.date).with("to", record.date));
            tr {
                th scope="row" { a href=(day) { (figures::day(record.date)) } }
                td data-label=(words!("referrals-product")) { (product_in_words(record.product)) }
                td.num data-label=(words!("referrals-trades")) { (figures::count(record.trades)) }
                td.num data-label=(words!("referrals-fee")) { (figures::amount(record.fee_usd)) }
                td.num.matters data-label=(words!("referrals-column-commission")) { a.amount href=(day) { (figures::amount(record.amount)) } }
            }
        }
    };
    let caption = words!("referrals-records-caption");
    html! {
        @if records.len() > RANGE_RECORDS {
            p { (badge("warn", words!("referrals-not-all"))) " " (words!("referrals-latest-of", shown = RANGE_RECORDS, all = records.len())) }
        }
        (Table { id: "invitee-records", caption, columns: &columns, sorting: None, rows }.draw_as_cards(visit))
    }
}

fn trades(visit: &Visit, told: &Told) -> Markup {
    match &told.range {
        Ok(range) if is_range_chosen(visit) => html! {
            @if range.trades.is_empty() {
                (empty(words!("referrals-no-trade-in-days"), html! {}))
            } @else {
                @if range.trades_total > range.trades.len() as u64 {
                    @let (shown, all) = (figures::count(range.trades.len() as u64), figures::count(range.trades_total));
                    p { (badge("warn", words!("referrals-not-all"))) " " (marked!("referrals-latest-of", shown = shown, all = all)) }
                }
                (trade_table(visit, "invitee-trades", words!("referrals-trades-in-days"), &range.trades))
            }
        },
        Ok(_) | Err(_) if told.detail.trades.is_empty() => empty(words!("referrals-not-traded-yet"), html! {}),
        Ok(_) | Err(_) => {
            let caption = words!("referrals-latest-trades");
            trade_table(visit, "invitee-trades", caption, &told.detail.trades)
        }
    }
}
