//! What was not earned: withheld because of a rule, or taken back. By whom, why, by which code, where and when, and the
//! trades themselves. For who reads any referrer's data.

mod called;
mod narrowed;
mod trades;

use api::{Privilege, Problem, ProblemKind, query};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::query::ForgoneBy;
use projections::views::{AsOf, Forgone, ForgoneRow, ForgoneSums, ForgoneTrades};
use schemas::Day;

use self::narrowed::Narrowed;
use super::entries::{Audience, Entry};
use super::figures::{self, Figure};
use super::layout::{Page, shell_at_once};
use super::link::Link;
use super::parts;
use super::ranges::{self, Chosen, Preset};
use super::reading::Reading;
use super::tables::{Column, Table, paging};
use super::visit::Visit;
use crate::site::Site;
use crate::words::{Key, words};

const PATH: &str = "/operator/withheld";

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: PATH, label: Key("layout-menu-withheld"), audience: Audience::Analysts }];

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_withheld))
}

/// Which of both is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Withheld,
    Clawbacks,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Withheld => "withheld",
            Kind::Clawbacks => "clawbacks",
        }
    }
}

/// What a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rows {
    By(ForgoneBy),
    Trades,
}

impl Rows {
    const TRADES: &str = "trades";

    fn as_str(self) -> &'static str {
        match self {
            Rows::By(by) => by.as_str(),
            Rows::Trades => Rows::TRADES,
        }
    }
}

/// What the page's address asks for.
#[derive(Clone)]
struct Wanted {
    kind: Kind,
    rows: Rows,
    chosen: Chosen,
    narrowed: Narrowed,
    cursor: Option<String>,
}

impl Wanted {
    fn of(visit: &Visit) -> Result<Wanted, Problem> {
        let wrong = |name: &str, expected: &str| {
            Problem::of_field(ProblemKind::InvalidParameter, name, format!("expected {expected}"))
        };
        let kind = match visit.parameter("kind") {
            None | Some("withheld") => Kind::Withheld,
            Some("clawbacks") => Kind::Clawbacks,
            Some(_) => return Err(wrong("kind", "withheld or clawbacks")),
        };
        let rows = match visit.parameter("rows") {
            None => Rows::By(ForgoneBy::default()),
            Some(Rows::TRADES) => Rows::Trades,
            Some(name) => Rows::By(
                ForgoneBy::parse(name)
                    .ok_or_else(|| wrong("rows", "referrer, reason, code, country, day or trades"))?,
            ),
        };
        let chosen = Chosen::of(visit, Preset::Days7)?;
        let cursor = visit.parameter("cursor").map(str::to_owned);
        Ok(Wanted { kind, rows, chosen, narrowed: Narrowed::of(visit), cursor })
    }

    /// Whether nothing that was given can be refused any more.
    fn is_settled(&self, visit: &Visit) -> bool {
        let is_given = |name: &&str| visit.parameter(name).is_some();
        !["from", "to", "cursor", "as_of"].iter().any(is_given) && self.narrowed.is_nothing()
    }
}

/// The API's answer.
enum Answer {
    Sums(ForgoneSums),
    Trades(ForgoneTrades),
}

impl Answer {
    fn read(read: &Reading<'_>, wanted: &Wanted) -> Result<Answer, Problem> {
        let range = wanted.chosen.resolve_for_everybody(read)?;
        let mut parameters = wanted.narrowed.parameters();
        parameters.extend(range.parameters());
        parameters.push(("cursor", wanted.cursor.as_deref()));
        match wanted.rows {
            Rows::By(by) => {
                let question = match wanted.kind {
                    Kind::Withheld => query::forgone::withheld,
                    Kind::Clawbacks => query::forgone::clawbacks,
                };
                parameters.push(("by", Some(by.as_str())));
                read.ask_of_everybody_here(&parameters, question).map(Answer::Sums)
            }
            Rows::Trades => {
                let question = match wanted.kind {
                    Kind::Withheld => query::forgone::withheld_trades,
                    Kind::Clawbacks => query::forgone::clawback_trades,
                };
                read.ask_of_everybody_here(&parameters, question).map(Answer::Trades)
            }
        }
    }

    fn days(&self) -> (Day, Day) {
        match self {
            Answer::Sums(sums) => (sums.from, sums.to),
            Answer::Trades(trades) => (trades.from, trades.to),
        }
    }

    fn sum(&self) -> &Forgone {
        match self {
            Answer::Sums(sums) => &sums.sum,
            Answer::Trades(trades) => &trades.sum,
        }
    }

    fn as_of(&self) -> AsOf {
        match self {
            Answer::Sums(sums) => sums.list.as_of,
            Answer::Trades(trades) => trades.list.as_of,
        }
    }
}

async fn get_withheld(visit: Visit) -> Result<Response, Problem> {
    visit.caller.require(Privilege::ReadAny)?;
    let wanted = Wanted::of(&visit)?;
    if wanted.is_settled(&visit) {
        // Every trade of the range is read for it, which may take long.
        return shell_at_once(&visit, words!("withheld-title"), PATH, shown(visit.clone(), wanted)).await;
    }
    shown(visit, wanted).await
}

async fn shown(visit: Visit, wanted: Wanted) -> Result<Response, Problem> {
    let asked = wanted.clone();
    match visit.read_platform(move |read| Answer::read(read, &asked)).await {
        Ok(answer) => {
            let main = main(&visit, &wanted, &answer);
            Ok(Page {
                title: words!("withheld-title"),
                section: PATH,
                as_of: Some(answer.as_of()),
                aside: html! {},
                main,
            }
            .show(&visit))
        }
        Err(problem) if matches!(problem.field.as_deref(), Some("from" | "to")) => {
            let range = ranges::picker(&visit, &wanted.chosen, None, Some(&problem), ranges::Inside::nothing());
            let main = html! { (kinds(&visit, wanted.kind)) (range) };
            let page = Page { title: words!("withheld-title"), section: PATH, as_of: None, aside: html! {}, main };
            Ok(page.show_as(&visit, problem.kind.status()))
        }
        Err(problem) => Err(problem),
    }
}

fn main(visit: &Visit, wanted: &Wanted, answer: &Answer) -> Markup {
    html! {
        (kinds(visit, wanted.kind))
        p { (called::meaning(wanted.kind)) }
        (ranges::picker(visit, &wanted.chosen, Some(answer.days()), None, ranges::Inside::nothing()))
        (wanted.narrowed.chips(visit, wanted.kind))
        (cards(wanted.kind, answer.sum()))
        (sides(visit, wanted.rows))
        @match answer {
            Answer::Sums(sums) if sums.list.rows.is_empty() => (nothing(visit, wanted.kind)),
            Answer::Trades(trades) if trades.list.rows.is_empty() => (nothing(visit, wanted.kind)),
            Answer::Sums(sums) => {
                (table(visit, wanted, &sums.list.rows))
                (paging(visit, sums.list.total, sums.list.next_cursor.as_deref(), words!("withheld-unit-rows")))
            },
            Answer::Trades(found) => {
                (trades::table(visit, wanted.kind, &found.list.rows))
                (paging(visit, found.list.total, found.list.next_cursor.as_deref(), words!("withheld-unit-trades")))
            },
        }
    }
}

fn kinds(visit: &Visit, kind: Kind) -> Markup {
    let tab = |of: Kind| {
        // A reason of the one is none of the other.
        let link = visit.here().first_page().without("reason").with("kind", of.as_str());
        (called::name(of), link, of == kind)
    };
    parts::tabs(words!("withheld-which"), &[tab(Kind::Withheld), tab(Kind::Clawbacks)])
}

fn sides(visit: &Visit, rows: Rows) -> Markup {
    let side = |of: Rows| (called::side(of), visit.here().first_page().with("rows", of.as_str()), of == rows);
    let mut sides: Vec<(&str, Link, bool)> = ForgoneBy::ALL.map(|by| side(Rows::By(by))).into();
    sides.push(side(Rows::Trades));
    parts::tabs(words!("withheld-by"), &sides)
}

fn cards(kind: Kind, sum: &Forgone) -> Markup {
    let figures = [
        ("commission", words!("withheld-card-commission"), Figure::Money(sum.commission)),
        ("rebate", words!("withheld-card-rebates"), Figure::Money(sum.rebate)),
        ("trades", words!("withheld-trades"), Figure::Count(sum.trades)),
        ("fees", words!("withheld-card-fees"), Figure::Money(sum.fee_usd)),
    ];
    html! {
        section aria-labelledby="forgone-title" {
            h2.visually-hidden #forgone-title { (called::name(kind)) }
            div.cards.even.even-4 {
                @for (name, label, figure) in figures {
                    article.card.metric id={ "card-" (name) } {
                        h3 { (label) @if matches!(figure, Figure::Money(_)) { span.unit { " USD" } } }
                        div.metric-figure { (figure.short()) }
                    }
                }
            }
        }
    }
}

fn nothing(visit: &Visit, kind: Kind) -> Markup {
    let all = visit.here().without("from").without("to").first_page().with("range", Preset::All.as_str());
    parts::empty(called::nothing(kind), html! { a.button href=(all) { (words!("ranges-look-at-all")) } })
}

fn table(visit: &Visit, wanted: &Wanted, rows: &[ForgoneRow]) -> Markup {
    let head = called::side(wanted.rows);
    let columns = [
        Column::text(head),
        Column::figure(words!("withheld-trades")),
        Column::figure(words!("withheld-fees")),
        Column::figure(words!("withheld-commission")),
        Column::figure(words!("withheld-rebates")),
        Column::figure(words!("withheld-together")),
    ];
    let rows = html! {
        @for row in rows {
            tr {
                th scope="row" { (key(visit, wanted, &row.key)) }
                td.num data-label=(words!("withheld-trades")) { (figures::count(row.sum.trades)) }
                td.num data-label=(words!("withheld-fees")) { (figures::amount(row.sum.fee_usd)) }
                td.num data-label=(words!("withheld-commission")) { (figures::amount(row.sum.commission)) }
                td.num data-label=(words!("withheld-rebates")) { (figures::amount(row.sum.rebate)) }
                td.num.matters data-label=(words!("withheld-together")) { (figures::amount(row.sum.total())) }
            }
        }
    };
    let caption = called::caption(wanted.kind, wanted.rows);
    Table { id: "forgone", caption, columns: &columns, sorting: None, rows }.draw_as_cards(visit)
}

/// What a row is of, with the way to its trades.
fn key(visit: &Visit, wanted: &Wanted, key: &str) -> Markup {
    let trades = visit.here().first_page().with("rows", Rows::TRADES);
    let says = match (wanted.rows, wanted.kind) {
        (Rows::By(ForgoneBy::Reason), Kind::Withheld) => called::of_reason(key),
        (Rows::By(ForgoneBy::Reason), Kind::Clawbacks) if key.is_empty() => words!("withheld-no-reason"),
        (Rows::By(_) | Rows::Trades, _) => key,
    };
    let link = match wanted.rows {
        // An empty field of an address asks for nothing.
        Rows::By(_) | Rows::Trades if key.is_empty() => None,
        Rows::By(ForgoneBy::Day) => Some(trades.without("range").with("from", key).with("to", key)),
        Rows::By(by) => Some(trades.with(by.as_str(), key)),
        Rows::Trades => None,
    };
    html! {
        bdi { @match link { Some(link) => a href=(link) { (says) }, None => (says) } }
    }
}
