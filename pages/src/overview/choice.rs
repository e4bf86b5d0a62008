//! Which cards stand on the overview, and in which order: chosen in a form, kept in a cookie.

use api::Problem;
use axum::response::Response;
use maud::{Markup, html};

use super::super::cookies::{self, SameSite};
use super::super::forms;
use super::super::link::local;
use super::super::metrics::Metric;
use super::super::submission::{Fields, Submission};
use super::super::visit::{Visit, see_other};
use super::super::visitor::{Visitor, names};
use crate::words::words;

/// The eleven metrics of the overview; `shared_commission` can be added.
const FIRST_SHOWN: usize = 11;

/// The cards in order; those that are not shown come after.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    shown: Vec<Metric>,
    hidden: Vec<Metric>,
}

impl Choice {
    /// As a browser remembers it.
    pub(super) fn of(visitor: &Visitor) -> Choice {
        let remembered = visitor.cards.as_deref().map(|text| Choice::parse(text.split('.')));
        remembered.filter(|choice| !choice.shown.is_empty()).unwrap_or_else(|| {
            let (shown, hidden) = Metric::ALL.split_at(FIRST_SHOWN);
            Choice { shown: shown.to_vec(), hidden: hidden.to_vec() }
        })
    }

    fn parse<'a>(names: impl Iterator<Item = &'a str>) -> Choice {
        let mut shown: Vec<Metric> = Vec::new();
        for metric in names.filter_map(Metric::named) {
            if !shown.iter().any(|known| known.name == metric.name) {
                shown.push(metric);
            }
        }
        let is_hidden = |metric: &Metric| !shown.iter().any(|known| known.name == metric.name);
        let hidden = Metric::ALL.into_iter().filter(is_hidden).collect();
        Choice { shown, hidden }
    }

    /// The cards that are shown, in order.
    pub(super) fn shown(&self) -> impl Iterator<Item = Metric> + '_ {
        self.shown.iter().copied()
    }
}

/// The form that chooses them. A script lets them be moved up and down; without one their places are numbers.
pub(super) fn form(visit: &Visit, choice: &Choice) -> Markup {
    let all =
        choice.shown.iter().map(|metric| (metric, true)).chain(choice.hidden.iter().map(|metric| (metric, false)));
    html! {
        details.choice {
            summary { (words!("overview-choose-cards")) }
            (forms::post(visit, "/overview/cards", html! {
                input type="hidden" name="next" value=(visit.here());
                ol.choice-list data-sortable data-up=(words!("overview-move-up", name = "{name}")) data-down=(words!("overview-move-down", name = "{name}")) {
                    @for (at, (metric, is_shown)) in all.enumerate() {
                        @let place = format!("place-{}", metric.name);
                        li {
                            (forms::checkbox("cards", "card[]", metric.name, metric.label.say(), is_shown))
                            span.place {
                                label.visually-hidden for=(place) { (words!("overview-place-of", metric = metric.label)) }
                                input id=(place) name=(place) type="number" min="1" max="99" step="1" value=(at + 1);
                            }
                        }
                    }
                }
                div.row {
                    button.primary type="submit" { (words!("parts-save")) }
                    button type="submit" name="reset" value="yes" { (words!("parts-reset")) }
                }
            }))
        }
    }
}

/// What the fields of the form choose, in the order of their places.
fn chosen(fields: &Fields) -> String {
    let mut placed: Vec<(u32, &str)> = fields
        .all("card[]")
        .filter(|name| Metric::named(name).is_some())
        .map(|name| (fields.get(&format!("place-{name}")).parse().unwrap_or(u32::MAX), name))
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(".")
}

pub(super) async fn post_cards(submission: Submission) -> Result<Response, Problem> {
    let fields = &submission.fields;
    let (chosen, is_secure) = (chosen(fields), submission.visitor.is_secure);
    let home = submission.visitor.address("/");
    let mut response = see_other(local(fields.get("next")).unwrap_or(&home));
    let cookie = if fields.is_checked("reset") || chosen.is_empty() {
        cookies::forget(names::CARDS, is_secure)
    } else {
        cookies::set(names::CARDS, &chosen, SameSite::Lax, is_secure)
    };
    cookies::add(&mut response, cookie);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(choice: &Choice) -> Vec<&'static str> {
        choice.shown().map(|metric| metric.name).collect()
    }

    #[test]
    fn a_choice_keeps_its_order_and_ignores_what_is_no_metric() {
        let choice = Choice::parse("traded.nothing.verified.traded".split('.'));
        assert_eq!(names_of(&choice), ["traded", "verified"]);
        assert_eq!(choice.hidden.len(), Metric::ALL.len() - 2);
    }

    #[test]
    fn the_form_orders_by_place() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = Fields(vec![
            pair("card[]", "total_rewards"),
            pair("place-total_rewards", "3"),
            pair("card[]", "traded"),
            pair("place-traded", "1"),
            pair("place-verified", "2"),
            pair("card[]", "deposited"),
            pair("place-deposited", "x"),
        ]);
        assert_eq!(chosen(&fields), "traded.total_rewards.deposited");
    }
}
