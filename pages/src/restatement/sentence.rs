//! What a restatement comes to, in a sentence: by how much the period changed, and by what kinds of entries.

use maud::{Markup, html};
use projections::views::{Restatement, RestatementRow};
use schemas::{Day, Usd};

use super::super::figures;
use crate::dates;
use crate::words::{marked, words};

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

/// So many entries of a kind in words.
fn words_of(event_type: &str, n: u64) -> Markup {
    let count = figures::count(n);
    match event_type {
        "referral.trade.v1" => marked!("restatement-late-trades", n = n, count = count),
        "referral.reversal.v1" => marked!("restatement-clawbacks", n = n, count = count),
        "referral.registration.v1" => marked!("restatement-late-registrations", n = n, count = count),
        "referral.affiliate.v1" => marked!("restatement-base-rates", n = n, count = count),
        "referral.program.v1" => marked!("restatement-program-rules", n = n, count = count),
        "referral.rebate.v1" => marked!("restatement-invitees-rebates", n = n, count = count),
        "referral.code.v1" => marked!("restatement-code-changes", n = n, count = count),
        _ => marked!("restatement-other-entries", n = n, count = count),
    }
}

/// The period: a month by its name, anything else by its days.
fn period(from: Day, to: Day) -> String {
    if from == from.month_start() && to == from.month_end() {
        dates::month(from)
    } else if from == to {
        from.to_string()
    } else {
        words!("restatement-from-to", from = from, to = to)
    }
}

/// The sentence. Where there are more entries than are told apart, `kinds` is none.
pub(super) fn draw(restatement: &Restatement, kinds: Option<&Kinds>, is_until_now: bool) -> Markup {
    let since = if is_until_now { words!("restatement-since-closed") } else { words!("restatement-between") };
    let difference = restatement.difference.commission;
    let total = restatement.list.total;
    html! {
        p.sentence #restatement-sentence {
            @let period = html! { strong { (period(restatement.from, restatement.to)) } };
            @match difference.0 {
                0 if total == 0 => (marked!("restatement-is-as-it-was", period = period, since = since)),
                0 => (marked!("restatement-as-much", period = period, since = since, causes = causes(total, kinds))),
                1.. => (marked!("restatement-grew", period = period, by = figures::money(difference), since = since, causes = causes(total, kinds))),
                _ => (marked!("restatement-shrank", period = period, by = figures::money(Usd(-difference.0)), since = since, causes = causes(total, kinds))),
            }
        }
    }
}

fn causes(total: u64, kinds: Option<&Kinds>) -> Markup {
    let Some(Kinds(kinds)) = kinds else { return marked!("restatement-entries-in-all", count = figures::count(total)) };
    html! {
        @for (at, (event_type, count)) in kinds.iter().enumerate() {
            @if at > 0 { (words!("restatement-comma")) }
            (words_of(event_type, *count))
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
