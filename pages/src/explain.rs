//! Explain: what one trade's amounts are made of, from its event to its postings.

mod arithmetic;
mod conditions;
mod entries;

use api::query::Asked;
use api::views::Actor;
use api::{Problem, query};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{EventRef, Explained, RateInForce, TradeRules};

use super::figures;
use super::layout::Page;
use super::parts::{badge, more, section};
use super::trades::{EXPLAIN_PATH, TradeEvent, taken_back, why};
use super::visit::Visit;
use crate::site::Site;

pub(super) fn router() -> Router<Site> {
    Router::new().route(EXPLAIN_PATH, get(get_explained))
}

async fn get_explained(visit: Visit) -> Result<Response, Problem> {
    let named = ["invitee", "source", "id"].map(|name| (name, visit.parameter(name).map(str::to_owned)));
    if named.iter().any(|(_, value)| value.is_none()) {
        return Ok(ask_which(&visit));
    }
    let (explained, rules, actors) = visit
        .read_ledger(move |read| {
            let parameters = named.each_ref().map(|(name, value)| (*name, value.as_deref()));
            let explained = read.ask(&parameters, query::explain::explain)?;
            let time = explained.event.time;
            let rules = read.asked().view.trade_rules(explained.account_uid, time)?;
            let actors = Actors::of(&explained, read.asked())?;
            Ok((explained, rules, actors))
        })
        .await?;
    let trade = TradeEvent::of(&explained.event);
    let main = html! {
        (summary(&explained))
        div.grid-2 {
            (section("who", "Who", who(&visit, &explained)))
            (section("event", "The trade", event(&explained, &trade, &actors)))
        }
        (section("rates", "The rates in force", rates(&explained, &actors)))
        (section("conditions", "Whether it counts", conditions::draw(&explained, &trade, &rules)))
        (section("rule", "The rule", arithmetic::draw(&explained, &trade, &rules)))
        (section("postings", "Postings", entries::draw(&explained)))
        @if let Some(reversal) = &explained.reversal {
            (section("reversal", "The reversal", html! {
                p { (taken_back(reversal)) ". It takes back exactly the amounts above, on the UTC day of its own time." }
                (reference(&EventRef {
                    source: reversal.source.clone(),
                    id: reversal.id.clone(),
                    event_type: "referral.reversal.v1",
                    time: reversal.time,
                    position: reversal.position,
                }, &actors))
            }))
        }
    };
    let page = Page { title: "Trade explained", section: "", as_of: explained.as_of, aside: html! {}, main };
    Ok(page.show(&visit))
}

/// Who the events are of that a trade's amounts hang on, by position, as far as it is kept and the user may see it.
struct Actors(Vec<(u64, Actor)>);

impl Actors {
    fn of(explained: &Explained, asked: &Asked<'_>) -> Result<Actors, Problem> {
        let rates = [&explained.base_rate, &explained.rebate_rate];
        let set_by = rates.into_iter().filter_map(|rate| Some(rate.as_ref()?.event.as_ref()?.position));
        let reversal = explained.reversal.iter().map(|reversal| reversal.position);
        let mut known = Vec::new();
        for position in std::iter::once(explained.position).chain(set_by).chain(reversal) {
            known.extend(asked.actor(position)?.map(|actor| (position, actor)));
        }
        Ok(Actors(known))
    }

    /// The line that tells who it was; nothing where that is not known.
    fn line(&self, position: u64) -> Markup {
        let known = self.0.iter().find(|(at, _)| *at == position).map(|(_, actor)| actor);
        html! {
            @if let Some(Actor { who, role, .. }) = known {
                dt { "Sent by" } dd { @if let Some(who) = who { (who) ", " } (role) }
            }
        }
    }
}

/// The form that names a trade.
fn ask_which(visit: &Visit) -> Response {
    let field = |name: &'static str, label: &str, hint: &str| {
        let (id, hint_id) = (format!("explain-{name}"), format!("explain-{name}-hint"));
        html! {
            div.field {
                label for=(id) { (label) }
                input id=(id) name=(name) type="text" value=[visit.parameter(name)] required autocomplete="off" aria-describedby=(hint_id);
                p.hint id=(hint_id) { (hint) }
            }
        }
    };
    let main = html! {
        p { "Every amount of a trade leads here. Or name a trade as its event does:" }
        form.part method="get" action=(visit.link(EXPLAIN_PATH).path()) {
            (super::forms::hidden_parameters(&visit.link(EXPLAIN_PATH)))
            div.fields-2 {
                (field("invitee", "Account", "The uid in the trade event."))
                (field("source", "Source", "The source of the trade event."))
                (field("id", "Id", "The id of the trade event."))
            }
            button.primary type="submit" { "Explain" }
        }
    };
    Page { title: "Explain a trade", section: "", as_of: None, aside: html! {}, main }.show(visit)
}

fn summary(explained: &Explained) -> Markup {
    html! {
        section.part.explained aria-label="Summary" {
            dl.sums {
                div { dt { "Total" } dd #explained-total { (figures::money(explained.total)) } }
                div { dt { "Commission, to the referrer" } dd #explained-commission { (figures::money(explained.commission)) } }
                div { dt { "Rebate, to the invitee" } dd #explained-rebate { (figures::money(explained.rebate)) } }
            }
            p {
                @if explained.eligible { (badge("good", "Eligible")) } @else { (badge("plain", "Not eligible")) }
                " " (why(explained))
                @if let Some(reversal) = &explained.reversal { " " (taken_back(reversal)) "." }
            }
        }
    }
}

fn who(visit: &Visit, explained: &Explained) -> Markup {
    let is_own = explained.referrer_uid.is_some() && explained.referrer_uid == visit.referrer();
    html! {
        dl.facts {
            dt { "Account that traded" } dd { (explained.account_uid) }
            @if let Some(parent) = explained.parent_uid { dt { "A sub-account of" } dd { (parent) } }
            dt { "Invitee" }
            dd {
                @match explained.invitee_uid {
                    Some(invitee) if is_own => a href=(visit.link(format!("/referrals/{invitee}"))) { (invitee) },
                    Some(invitee) => (invitee),
                    None => { (figures::none()) " not registered" },
                }
            }
            dt { "Code of its registration" }
            dd {
                @match &explained.code {
                    Some(code) if is_own => a href=(visit.link(format!("/codes/{}", super::link::encoded(code)))) { (code) },
                    Some(code) => (code),
                    None => (figures::none()),
                }
            }
            dt { "Referrer" }
            dd { @match explained.referrer_uid { Some(referrer) => (referrer), None => { (figures::none()) " the trade is not attributed" } } }
        }
    }
}

fn event(explained: &Explained, trade: &TradeEvent<'_>, actors: &Actors) -> Markup {
    let text = serde_json::to_string_pretty(&api::views::event_json(&explained.event)).unwrap_or_default();
    html! {
        dl.facts {
            dt { "Time" } dd { (figures::time(trade.time)) }
            dt { "Product" } dd { (trade.product.as_str()) " " (trade.symbol) }
            dt { "Volume" } dd { (figures::money(trade.volume_usd)) }
            dt { "Fee" } dd { (figures::money(trade.fee_usd)) }
            dt { "VIP level" } dd { (figures::count(trade.vip_level)) }
            dt { "Source" } dd { code { (trade.source) } }
            dt { "Id" } dd { code { (trade.id) } }
            dt { "Ledger position" } dd { (figures::count(explained.position)) }
            (actors.line(explained.position))
        }
        (more("The whole event", html! { pre.event tabindex="0" { (text) } }))
    }
}

fn rates(explained: &Explained, actors: &Actors) -> Markup {
    let line = |id: &str, what: &str, rate: &Option<RateInForce>, says: &str| {
        html! {
            div id=(id) {
                h3 { (what) }
                @match rate {
                    Some(RateInForce { rate, event }) => {
                        p.rate { (figures::rate(*rate)) }
                        p.hint { (says) }
                        @match event {
                            Some(event) => { p { "Set by " } (reference(event, actors)) },
                            None => p { "No event set it: it is built in." },
                        }
                    },
                    None => p { (figures::none()) " The trade is not attributed, so no rate applies." },
                }
            }
        }
    };
    html! {
        div.grid-2 {
            (line("base-rate", "Base rate", &explained.base_rate, "Of the fee, for the referrer and its invitee together."))
            (line("rebate-rate", "Rebate rate", &explained.rebate_rate, "Of the fee, for the invitee; not above the base rate."))
        }
    }
}

/// An event, named.
fn reference(event: &EventRef, actors: &Actors) -> Markup {
    html! {
        dl.facts.reference {
            dt { "Event" } dd { code { (event.event_type) } }
            dt { "Time" } dd { (figures::time(event.time)) }
            dt { "Source" } dd { code { (event.source) } }
            dt { "Id" } dd { code { (event.id) } }
            dt { "Ledger position" } dd { (figures::count(event.position)) }
            (actors.line(event.position))
        }
    }
}

/// Who set the platform's rules.
fn set_by(rules: &TradeRules) -> Markup {
    html! {
        @match &rules.program_event {
            Some(event) => { "set by " code { (event.event_type) } " " code { (event.id) } " at position " (figures::count(event.position)) },
            None => "built in",
        }
    }
}
