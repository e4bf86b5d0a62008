//! Explain: what one trade's amounts are made of, from its event to its postings.

mod arithmetic;
mod conditions;
mod entries;

use api::views::Actor;
use api::{Problem, Role, question};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{EventRef, Explained, RateInForce, TradeRules};

use super::figures;
use super::layout::{Page, role_in_words};
use super::parts::{badge, more, section};
use super::trades::{EXPLAIN_PATH, TradeEvent, product_in_words, taken_back, why};
use super::visit::Visit;
use crate::site::Site;
use crate::words::{marked, words};

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
            let (explained, actors) = read.ask(&parameters, question::explained())?;
            Ok((explained, read.ask(&parameters, question::trade_rules())?, Actors(actors)))
        })
        .await?;
    let trade = TradeEvent::of(&explained.event);
    let main = html! {
        (summary(&explained))
        div.grid-2 {
            (section("who", words!("explain-who"), who(&visit, &explained)))
            (section("event", words!("explain-the-trade"), event(&explained, &trade, &actors)))
        }
        (section("rates", words!("explain-rates"), rates(&explained, &actors)))
        (section("conditions", words!("explain-conditions"), conditions::draw(&explained, &trade, &rules)))
        (section("rule", words!("explain-rule"), arithmetic::draw(&explained, &trade, &rules)))
        (section("postings", words!("explain-postings"), entries::draw(&explained)))
        @if let Some(reversal) = &explained.reversal {
            (section("reversal", words!("explain-reversal"), html! {
                p { (marked!("explain-taken-back", taken = taken_back(reversal))) }
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
    let page = Page { title: words!("explain-title"), section: "", as_of: explained.as_of, aside: html! {}, main };
    Ok(page.show(&visit))
}

/// Who the events are of that a trade's amounts hang on, by position, as far as it is kept and the user may see it.
struct Actors(Vec<(u64, Actor)>);

impl Actors {
    /// The line that tells who it was; nothing where that is not known.
    fn line(&self, position: u64) -> Markup {
        let known = self.0.iter().find(|(at, _)| *at == position).map(|(_, actor)| actor);
        html! {
            @if let Some(Actor { who, role, .. }) = known {
                dt { (words!("explain-sent-by")) } dd { @if let Some(who) = who { (who) ", " } (role_of(role)) }
            }
        }
    }
}

/// The role that an actor's name of it is.
fn role_of(name: &str) -> &str {
    match Role::parse(name) {
        Some(role) => role_in_words(role),
        None => name,
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
        p { (words!("explain-name-a-trade")) }
        form.part method="get" action=(visit.link(EXPLAIN_PATH).path()) {
            (super::forms::hidden_parameters(&visit.link(EXPLAIN_PATH)))
            div.fields-2 {
                (field("invitee", words!("explain-account"), words!("explain-account-hint")))
                (field("source", words!("explain-source"), words!("explain-source-hint")))
                (field("id", words!("explain-id"), words!("explain-id-hint")))
            }
            button.primary type="submit" { (words!("explain-explain")) }
        }
    };
    Page { title: words!("explain-ask-title"), section: "", as_of: None, aside: html! {}, main }.show(visit)
}

fn summary(explained: &Explained) -> Markup {
    html! {
        section.part.explained aria-label=(words!("explain-summary")) {
            dl.sums {
                div { dt { (words!("explain-total")) } dd #explained-total { (figures::money(explained.total)) } }
                div { dt { (words!("explain-commission-to")) } dd #explained-commission { (figures::money(explained.commission)) } }
                div { dt { (words!("explain-rebate-to")) } dd #explained-rebate { (figures::money(explained.rebate)) } }
            }
            p {
                @if explained.eligible { (badge("good", words!("explain-eligible"))) } @else { (badge("plain", words!("explain-not-eligible"))) }
                " " (why(explained))
                @if let Some(reversal) = &explained.reversal { " " (marked!("explain-taken-back-too", taken = taken_back(reversal))) }
            }
        }
    }
}

fn who(visit: &Visit, explained: &Explained) -> Markup {
    let is_own = explained.referrer_uid.is_some() && explained.referrer_uid == visit.referrer();
    html! {
        dl.facts {
            dt { (words!("explain-account-that-traded")) } dd { (explained.account_uid) }
            @if let Some(parent) = explained.parent_uid { dt { (words!("explain-sub-account-of")) } dd { (parent) } }
            dt { (words!("explain-invitee")) }
            dd {
                @match explained.invitee_uid {
                    Some(invitee) if is_own => a href=(visit.link(format!("/referrals/{invitee}"))) { (invitee) },
                    Some(invitee) => (invitee),
                    None => { (figures::none()) " " (words!("explain-not-registered")) },
                }
            }
            dt { (words!("explain-code")) }
            dd {
                @match &explained.code {
                    Some(code) if is_own => a href=(visit.link(format!("/codes/{}", super::link::encoded(code)))) { (code) },
                    Some(code) => (code),
                    None => (figures::none()),
                }
            }
            dt { (words!("explain-referrer")) }
            dd { @match explained.referrer_uid { Some(referrer) => (referrer), None => { (figures::none()) " " (words!("explain-not-attributed")) } } }
        }
    }
}

fn event(explained: &Explained, trade: &TradeEvent<'_>, actors: &Actors) -> Markup {
    let text = serde_json::to_string_pretty(&api::views::event_json(&explained.event)).unwrap_or_default();
    html! {
        dl.facts {
            dt { (words!("explain-time")) } dd { (figures::time(trade.time)) }
            dt { (words!("explain-product")) } dd { (product_in_words(trade.product)) " " (trade.symbol) }
            dt { (words!("explain-volume")) } dd { (figures::money(trade.volume_usd)) }
            dt { (words!("explain-fee")) } dd { (figures::money(trade.fee_usd)) }
            dt { (words!("explain-vip")) } dd { (figures::count(trade.vip_level)) }
            dt { (words!("explain-source")) } dd { code { (trade.source) } }
            dt { (words!("explain-id")) } dd { code { (trade.id) } }
            dt { (words!("explain-position")) } dd { (figures::count(explained.position)) }
            (actors.line(explained.position))
        }
        (more(words!("explain-whole-event"), html! { pre.event tabindex="0" { (text) } }))
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
                            Some(event) => { p { (words!("explain-set-by")) } (reference(event, actors)) },
                            None => p { (words!("explain-built-in-rate")) },
                        }
                    },
                    None => p { (figures::none()) " " (words!("explain-no-rate")) },
                }
            }
        }
    };
    html! {
        div.grid-2 {
            (line("base-rate", words!("explain-base-rate"), &explained.base_rate, words!("explain-base-rate-hint")))
            (line("rebate-rate", words!("explain-rebate-rate"), &explained.rebate_rate, words!("explain-rebate-rate-hint")))
        }
    }
}

/// An event, named.
fn reference(event: &EventRef, actors: &Actors) -> Markup {
    html! {
        dl.facts.reference {
            dt { (words!("explain-event")) } dd { code { (event.event_type) } }
            dt { (words!("explain-time")) } dd { (figures::time(event.time)) }
            dt { (words!("explain-source")) } dd { code { (event.source) } }
            dt { (words!("explain-id")) } dd { code { (event.id) } }
            dt { (words!("explain-position")) } dd { (figures::count(event.position)) }
            (actors.line(event.position))
        }
    }
}

/// Who set the platform's rules.
fn set_by(rules: &TradeRules) -> Markup {
    html! {
        @match &rules.program_event {
            Some(event) => (marked!(
                "explain-rules-set-by",
                event = html! { code { (event.event_type) } " " code { (event.id) } },
                position = figures::count(event.position)
            )),
            None => (words!("explain-rules-built-in")),
        }
    }
}
