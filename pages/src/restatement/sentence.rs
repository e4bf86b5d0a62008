//! What a restatement comes to, in a sentence: by how much the period changed, and by what kinds of entries.

use maud::{Markup, html};
use projections::views::{Restatement, RestatementRow};
use schemas::{Day, Usd};

use super::super::figures;
use crate::dates;

/// How many entries of each kind changed a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(Vec<(&'static str, u64)>);

impl Kinds {
    /// Counts rows, in the order in which their kinds come first.
    pub(super) fn of(rows: &[RestatementRow]) -> Kinds {
        let mut kinds = Kinds::default();
        for row in rows {
            let known = kinds.0.iter_mut().find(|(event_type, _)| *event_type == row.event.event_type);
            match known {
                Some((_, count)) => *count += 1,
                None => kinds.0.push((row.event.event_type, 1)),
            }
        }
        kinds
    }
}

/// A kind of entry in words: one of it, and several.
fn words(event_type: &str) -> (&'static str, &'static str) {
    match event_type {
        "referral.trade.v1" => ("late trade", "late trades"),
        "referral.reversal.v1" => ("clawback", "clawbacks"),
        "referral.registration.v1" => ("late registration", "late registrations"),
        "referral.affiliate.v1" => ("change of your base rates", "changes of your base rates"),
        "referral.program.v1" => ("change of the program's rules", "changes of the program's rules"),
        "referral.rebate.v1" => ("change of an invitee's rebate", "changes of invitees' rebates"),
        "referral.code.v1" => ("change of a code", "changes of codes"),
        _ => ("other entry", "other entries"),
    }
}

/// The name of a month: `September 2026`.
pub(super) fn month_name(first: Day) -> String {
    dates::month(first)
}

/// The period: a month by its name, anything else by its days.
fn period(from: Day, to: Day) -> String {
    if from == from.month_start() && to == from.month_end() {
        month_name(from)
    } else if from == to {
        from.to_string()
    } else {
        format!("{from} to {to}")
    }
}

/// The sentence. Where there are more entries than are told apart, `kinds` is none.
pub(super) fn draw(restatement: &Restatement, kinds: Option<&Kinds>, is_until_now: bool) -> Markup {
    let since = if is_until_now { "since it was closed" } else { "between the two moments" };
    let difference = restatement.difference.commission;
    let total = restatement.list.total;
    html! {
        p.sentence #restatement-sentence {
            strong { (period(restatement.from, restatement.to)) }
            @match difference.0 {
                0 if total == 0 => { " is as it was: nothing was learned about it " (since) "." }
                0 => { " comes to as much as before, though something was learned about it " (since) ": " (causes(total, kinds)) "." }
                1.. => { " grew by " (figures::money(difference)) " " (since) ": " (causes(total, kinds)) "." }
                _ => { " shrank by " (figures::money(Usd(-difference.0))) " " (since) ": " (causes(total, kinds)) "." }
            }
        }
    }
}

fn causes(total: u64, kinds: Option<&Kinds>) -> Markup {
    let Some(Kinds(kinds)) = kinds else { return html! { (figures::count(total)) " entries" } };
    html! {
        @for (at, (event_type, count)) in kinds.iter().enumerate() {
            @if at > 0 { ", " }
            @let (one, several) = words(event_type);
            (figures::count(*count)) " " (if *count == 1 { one } else { several })
        }
    }
}

#[cfg(test)]
mod tests {
    use projections::views::{AsOf, Earned, List, RestatingEvent};
    use schemas::{Timestamp, Uid};

    use super::*;

    fn row(event_type: &'static str) -> RestatementRow {
        let time = Timestamp::parse("2026-11-04T00:00:00Z").expect("a time");
        RestatementRow {
            position: 1,
            recorded_at: time,
            event: RestatingEvent { source: "/s".to_owned(), id: "e".to_owned(), event_type, time },
            trades: 1,
            commission: Usd::ZERO,
            rebate: Usd::ZERO,
        }
    }

    fn told(difference: &str, rows: Vec<RestatementRow>, to: &str) -> String {
        let earned = |text| Earned { commission: Usd::parse(text).expect("an amount"), rebate: Usd::ZERO };
        let day = |text| Day::parse(text).expect("a day");
        let kinds = Kinds::of(&rows);
        let restatement = Restatement {
            uid: Uid(7),
            from: day("2026-10-01"),
            to: day(to),
            code: None,
            before: earned("0"),
            after: earned(difference),
            difference: earned(difference),
            hint: None,
            list: List {
                total: rows.len() as u64,
                rows,
                next_cursor: None,
                as_of: AsOf { position: 1, event_time: None },
            },
        };
        let html = draw(&restatement, Some(&kinds), true).into_string();
        let mut text = String::new();
        let mut is_tag = false;
        for char in html.chars() {
            match char {
                '<' => is_tag = true,
                '>' => is_tag = false,
                _ if is_tag => {}
                char => text.push(char),
            }
        }
        text
    }

    #[test]
    fn the_sentence_says_by_how_much_and_why() {
        let trade = || row("referral.trade.v1");
        let rows = vec![trade(), row("referral.reversal.v1"), trade(), trade()];
        assert_eq!(
            told("12.4", rows, "2026-10-31"),
            "October 2026 grew by 12.40 USD since it was closed: 3 late trades, 1 clawback."
        );
        assert_eq!(
            told("-0.00000001", vec![row("referral.affiliate.v1")], "2026-10-30"),
            "2026-10-01 to 2026-10-30 shrank by 0.00000001 USD since it was closed: 1 change of your base rates."
        );
        assert_eq!(
            told("0", vec![], "2026-10-01"),
            "2026-10-01 is as it was: nothing was learned about it since it was closed."
        );
        assert!(told("0", vec![trade()], "2026-10-31").contains("as much as before"));
    }
}
