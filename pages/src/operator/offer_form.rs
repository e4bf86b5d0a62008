//! The form of an offer: its tiers and their conditions are rows, which buttons add and take away. Without a script
//! each press sends the form and shows it again; nothing is appended until it is saved.

use maud::{Markup, html};
use schemas::{EventType, Metric, Offer, Tier};
use serde_json::{Value, json};

use super::affiliates::from_when;
use super::append::Draft;
use crate::forms::{self, Field, Filled, Input};
use crate::language::{Language, of_the_api};
use crate::moment;
use crate::offer_metrics;
use crate::submission::Fields;
use crate::words::words;

const FORM: &str = "offer";
const FIELDS: &[&str] = &["id", "kind", "title", "url", "period", "starts", "ends", "affiliates_only", "tiers", "time"];
/// No more tiers, and conditions of a tier, than this are edited here.
const TIERS_MAX: usize = 20;
const CONDITIONS_MAX: usize = 20;

/// A condition as entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ConditionRow {
    metric: String,
    at_least: String,
}

/// A tier as entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct TierRows {
    name: String,
    reward: String,
    conditions: Vec<ConditionRow>,
}

impl TierRows {
    fn empty() -> TierRows {
        TierRows { conditions: vec![ConditionRow::default()], ..TierRows::default() }
    }

    fn of(tier: &Tier<'_>) -> TierRows {
        let conditions = tier.all.iter().map(|condition| ConditionRow {
            metric: condition.metric.as_str().to_owned(),
            at_least: match condition.at_least {
                schemas::Threshold::Count(count) => count.to_string(),
                schemas::Threshold::Usd(amount) => amount.to_string(),
            },
        });
        TierRows { name: tier.name.to_string(), reward: tier.reward.to_string(), conditions: conditions.collect() }
    }

    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.reward.is_empty() && self.conditions.iter().all(|row| row.at_least.is_empty())
    }
}

/// An offer as its form shows it.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    filled: Filled,
    affiliates_only: bool,
    tiers: Vec<TierRows>,
    /// Whether its id can still be chosen.
    pub(super) is_new: bool,
}

impl Offered {
    /// An empty form.
    pub(super) fn new() -> Offered {
        let filled = Filled::with(&[("kind", "bonus".to_owned()), ("period", "month".to_owned())]);
        Offered { filled, affiliates_only: true, tiers: vec![TierRows::empty()], is_new: true }
    }

    /// An offer that is there.
    pub(super) fn of(offer: &Offer<'_>) -> Offered {
        let day = |day: Option<schemas::Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let filled = Filled::with(&[
            ("id", offer.id.to_string()),
            ("kind", offer.kind.as_str().to_owned()),
            ("title", offer.title.to_string()),
            ("url", offer.url.to_string()),
            ("period", offer.period.as_str().to_owned()),
            ("starts", day(offer.starts)),
            ("ends", day(offer.ends)),
        ]);
        let tiers = offer.tiers.iter().map(TierRows::of).collect();
        Offered { filled, affiliates_only: offer.affiliates_only, tiers, is_new: false }
    }

    /// A form that was sent.
    pub(super) fn sent(fields: &Fields) -> Offered {
        let rows = |name: &str, most: usize| fields.get(name).parse().unwrap_or(0_usize).min(most);
        let tiers = (0..rows("tiers", TIERS_MAX)).map(|tier| TierRows {
            name: fields.get(&format!("tier-{tier}-name")).to_owned(),
            reward: fields.get(&format!("tier-{tier}-reward")).to_owned(),
            conditions: (0..rows(&format!("tier-{tier}-conditions"), CONDITIONS_MAX))
                .map(|row| ConditionRow {
                    metric: fields.get(&format!("tier-{tier}-{row}-metric")).to_owned(),
                    at_least: fields.get(&format!("tier-{tier}-{row}-at-least")).trim().to_owned(),
                })
                .collect(),
        });
        let known: Vec<(&str, String)> = FIELDS.iter().map(|name| (*name, fields.get(name).to_owned())).collect();
        Offered {
            filled: Filled::with(&known),
            affiliates_only: fields.is_checked("affiliates_only"),
            tiers: tiers.collect(),
            is_new: fields.is_checked("is_new"),
        }
    }

    /// The same, with why it was refused.
    pub(super) fn refused(self, filled: Filled) -> Offered {
        Offered { filled, ..self }
    }

    /// Does what the button of a row says. `false` if the form is to be saved.
    pub(super) fn change_rows(&mut self, button: &str) -> bool {
        let (what, which) = button.split_once(' ').unwrap_or((button, ""));
        let which: usize = which.parse().unwrap_or(usize::MAX);
        match what {
            "add-tier" if self.tiers.len() < TIERS_MAX => self.tiers.push(TierRows::empty()),
            "remove-tier" if which < self.tiers.len() => drop(self.tiers.remove(which)),
            "add-condition" => {
                let tier = self.tiers.get_mut(which).filter(|tier| tier.conditions.len() < CONDITIONS_MAX);
                tier.into_iter().for_each(|tier| tier.conditions.push(ConditionRow::default()));
            }
            _ => return !button.is_empty() && button != "save",
        }
        true
    }

    /// The whole form, without its frame.
    pub(super) fn draw(&self) -> Markup {
        let filled = &self.filled;
        let kinds = [("bonus", words!("operator-bonus")), ("evaluation", words!("operator-evaluation"))];
        let periods = [("month", words!("operator-month")), ("quarter", words!("operator-quarter"))];
        let draw = |name, label, hint, input, is_required| {
            Field { name, form: FORM, label, hint, input, is_required }.draw(filled)
        };
        html! {
            // The key "enter" presses the first button of a form.
            button.visually-hidden type="submit" name="do" value="save" tabindex="-1" { (words!("parts-save")) }
            (filled.general_error(FIELDS))
            @if self.is_new {
                input type="hidden" name="is_new" value="1";
                (draw("id", words!("operator-id"), words!("operator-id-hint"), Input::Text { max: 256 }, true))
            } @else {
                input type="hidden" name="id" value=(filled.value("id"));
                p { (words!("operator-id")) " " code { bdi { (filled.value("id")) } } }
                @if let Some(error) = filled.error("id") { p.error role="alert" lang=[of_the_api(error)] { (error) } }
            }
            (draw("title", words!("operator-title"), "", Input::Text { max: 2_000 }, true))
            (draw("url", words!("operator-url"), "", Input::Text { max: 2_000 }, false))
            div.fields-2 {
                (draw("kind", words!("operator-kind"), "", Input::Select(&kinds), true))
                (draw("period", words!("operator-counts-over"), "", Input::Select(&periods), true))
                (draw("starts", words!("operator-first-day"), words!("operator-empty-always"), Input::Date, false))
                (draw("ends", words!("operator-last-day"), words!("operator-empty-no-end"), Input::Date, false))
            }
            (forms::checkbox(FORM, "affiliates_only", "1", words!("operator-affiliates-only"), self.affiliates_only))
            (self.tiers())
            (from_when(FORM).draw(filled))
            button.primary type="submit" name="do" value="save" { (words!("operator-save-offer")) }
        }
    }

    fn tiers(&self) -> Markup {
        let error = self.filled.error("tiers");
        // The reader of events says `tier 2: …`.
        let at = error.and_then(|error| error.strip_prefix("tier ")?.split(':').next()?.parse::<usize>().ok());
        html! {
            h2 { (words!("operator-tiers-highest-first")) }
            p.hint { (words!("operator-tiers-hint")) }
            @if let Some(error) = error.filter(|_| at.is_none()) { p.error role="alert" lang=[of_the_api(error)] { (error) } }
            input type="hidden" name="tiers" value=(self.tiers.len());
            @for (number, tier) in self.tiers.iter().enumerate() {
                (tier_rows(number, tier, error.filter(|_| at == Some(number + 1))))
            }
            div.row { button type="submit" name="do" value="add-tier" formnovalidate { (words!("operator-add-tier")) } }
        }
    }
}

fn tier_rows(number: usize, tier: &TierRows, error: Option<&str>) -> Markup {
    let id = |part: &str| format!("{FORM}-tier-{number}-{part}");
    let name = |part: &str| format!("tier-{number}-{part}");
    let error_id = id("error");
    let (described, invalid) = (error.map(|_| error_id.as_str()), error.map(|_| "true"));
    html! {
        fieldset.card.tier aria-describedby=[described] {
            legend { (words!("operator-tier", number = number + 1)) }
            @if let Some(error) = error { p.error id=(error_id) role="alert" lang=[of_the_api(error)] { (error) } }
            input type="hidden" name=(name("conditions")) value=(tier.conditions.len());
            div.fields-2 {
                div.field {
                    label for=(id("name")) { (words!("operator-name")) }
                    input id=(id("name")) name=(name("name")) type="text" value=(tier.name) maxlength="2000" autocomplete="off" aria-invalid=[invalid] aria-describedby=[described];
                }
                div.field {
                    label for=(id("reward")) { (words!("operator-reward")) }
                    input id=(id("reward")) name=(name("reward")) type="text" value=(tier.reward) maxlength="2000" autocomplete="off";
                }
            }
            @for (row, condition) in tier.conditions.iter().enumerate() {
                @let (metric, least) = (format!("{row}-metric"), format!("{row}-at-least"));
                div.condition {
                    div.field {
                        label for=(id(&metric)) { (words!("operator-condition", number = row + 1)) }
                        select id=(id(&metric)) name=(name(&metric)) {
                            @for metric in Metric::ALL.iter().copied() {
                                option value=(metric.as_str()) selected[metric.as_str() == condition.metric] {
                                    @if metric.is_count() { (metric_in_words(metric)) }
                                    @else { (words!("metrics-with-unit", label = metric_in_words(metric), unit = "USD")) }
                                }
                            }
                        }
                    }
                    div.field {
                        label for=(id(&least)) { (words!("operator-at-least")) }
                        input id=(id(&least)) name=(name(&least)) type="text" inputmode="decimal" value=(condition.at_least) maxlength="40" autocomplete="off" aria-invalid=[invalid] aria-describedby=[described];
                    }
                }
            }
            div.row {
                button.small type="submit" name="do" value={ "add-condition " (number) } formnovalidate { (words!("operator-add-condition")) span.visually-hidden { " " (words!("operator-to-tier", number = number + 1)) } }
                button.small.quiet type="submit" name="do" value={ "remove-tier " (number) } formnovalidate { (words!("operator-take-tier-away")) span.visually-hidden { (words!("operator-tier-number", number = number + 1)) } }
            }
        }
    }
}

/// A metric as the form names it: in English by the word that events have.
fn metric_in_words(metric: Metric) -> String {
    match Language::now() {
        Language::English => metric.as_str().replace('_', " "),
        Language::Chinese => offer_metrics::label(metric).to_owned(),
    }
}

/// The event that the form asks for.
pub(super) fn draft(fields: &Fields, offered: &Offered) -> Draft {
    let text = |name: &str| fields.get(name).trim();
    let day = |name: &str| if text(name).is_empty() { Value::Null } else { text(name).into() };
    let tiers = offered.tiers.iter().filter(|tier| !tier.is_empty()).map(|tier| {
        let filled_in = tier.conditions.iter().filter(|row| !row.at_least.is_empty());
        let all: Vec<Value> = filled_in.map(|row| json!({"metric": row.metric, "at_least": threshold(row)})).collect();
        json!({"name": tier.name, "reward": tier.reward, "all": all})
    });
    Draft {
        event_type: EventType::Offer,
        time: moment::as_the_api_takes_it(text("time")),
        data: json!({
            "id": text("id"),
            "kind": text("kind"),
            "title": text("title"),
            "url": text("url"),
            "period": text("period"),
            "starts": day("starts"),
            "ends": day("ends"),
            "affiliates_only": offered.affiliates_only,
            "tiers": tiers.collect::<Vec<Value>>(),
        }),
    }
}

/// A count as a number, an amount as a text; what is neither stays as entered, and the reader of events refuses it.
fn threshold(row: &ConditionRow) -> Value {
    let is_count = Metric::parse(&row.metric).is_some_and(Metric::is_count);
    match row.at_least.parse::<u64>() {
        Ok(count) if is_count => count.into(),
        Ok(_) | Err(_) => row.at_least.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn rows_left_empty_are_left_out_and_thresholds_are_of_their_metric() {
        let sent = fields(&[
            ("id", "o"),
            ("tiers", "2"),
            ("tier-0-name", "Gold"),
            ("tier-0-conditions", "3"),
            ("tier-0-0-metric", "traded"),
            ("tier-0-0-at-least", "5"),
            ("tier-0-1-metric", "total_volume"),
            ("tier-0-1-at-least", "1000"),
            ("tier-0-2-metric", "traded"),
            ("tier-1-conditions", "1"),
            ("tier-1-0-metric", "traded"),
        ]);
        let draft = draft(&sent, &Offered::sent(&sent));
        let expected = json!([{"name": "Gold", "reward": "", "all": [
            {"metric": "traded", "at_least": 5}, {"metric": "total_volume", "at_least": "1000"},
        ]}]);
        assert_eq!(draft.data["tiers"], expected);
        assert_eq!(draft.data["starts"], Value::Null);
    }

    #[test]
    fn buttons_of_rows_change_rows_and_do_not_save() {
        let mut offered = Offered::new();
        assert!(offered.change_rows("add-tier") && offered.tiers.len() == 2);
        assert!(offered.change_rows("add-condition 1") && offered.tiers[1].conditions.len() == 2);
        assert!(offered.change_rows("remove-tier 0") && offered.tiers.len() == 1);
        assert!(offered.change_rows("remove-tier 9") && offered.tiers.len() == 1);
        assert!(!offered.change_rows("save") && !offered.change_rows(""));
    }
}
