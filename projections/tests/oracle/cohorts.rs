//! Cohorts (SPEC 7): months are texts such as `2026-03`, and each figure is counted from all that an invitee did.

use std::collections::BTreeSet;

use schemas::{Day, Timestamp, Uid};
use serde_json::{Value, json};

use super::portrait::{Movement, Portrait};
use super::{Answer, Known, Refusal, usd, with};

fn month_of(day: Day) -> String {
    day.to_string()[..7].to_owned()
}

fn parts(month: &str) -> (u32, u32) {
    (month[..4].parse().expect("a year"), month[5..].parse().expect("a month"))
}

fn next(month: &str) -> String {
    match parts(month) {
        (year, 12) => format!("{:04}-01", year + 1),
        (year, month) => format!("{year:04}-{:02}", month + 1),
    }
}

fn before(month: &str) -> String {
    match parts(month) {
        (year, 1) => format!("{:04}-12", year - 1),
        (year, month) => format!("{year:04}-{:02}", month - 1),
    }
}

/// The eleventh month away.
fn eleven(month: String, step: fn(&str) -> String) -> String {
    (0..11).fold(month, |month, _| step(&month))
}

fn first_day(month: &str) -> Day {
    Day::parse(&format!("{month}-01")).expect("a day")
}

/// The first and the last month that are asked for.
fn months_asked(from: Option<Day>, to: Option<Day>, today: Day) -> Result<(String, String), Refusal> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(Refusal::FromAfterTo),
        (Some(from), Some(to)) => Ok((month_of(from), month_of(to))),
        (Some(from), None) => Ok((month_of(from), eleven(month_of(from), next))),
        (None, to) => {
            let last = month_of(to.unwrap_or(today));
            Ok((eleven(last.clone(), before), last))
        }
    }
}

fn row(month: &str, invitees: &[&Portrait<'_>], now: &str) -> Value {
    let count = |holds: &dyn Fn(&Portrait<'_>) -> bool| invitees.iter().filter(|invitee| holds(invitee)).count();
    let mut months = Vec::new();
    let mut at = month.to_owned();
    while *at <= *now {
        let is_then = |movement: &Movement<'_>| month_of(movement.time.day()) == at;
        let sum = |amount: &dyn Fn(&Movement<'_>) -> i128| {
            let then = invitees.iter().flat_map(|invitee| &invitee.movements).filter(|movement| is_then(movement));
            usd(then.map(amount).sum())
        };
        let has_traded = |invitee: &Portrait<'_>| invitee.movements.iter().any(|one| one.is_trade() && is_then(one));
        months.push(json!({
            "traded": count(&has_traded),
            "commission": sum(&|one| one.commission()),
            "rebate": sum(&|one| one.rebate()),
            "volume": sum(&|one| one.volume()),
        }));
        at = next(&at);
    }
    json!({
        "month": month,
        "registered": invitees.len(),
        "verified": count(&|invitee| invitee.verified_at.is_some()),
        "deposited": count(&|invitee| invitee.first_deposit_at.is_some()),
        "first_time_trade": count(&|invitee| invitee.first_trade_at().is_some()),
        "months": months,
    })
}

impl Known<'_> {
    /// `GET /v1/cohorts`; of all referrers together where none is named.
    pub fn cohorts(
        &self,
        uid: Option<Uid>,
        code: Option<&str>,
        country: Option<&str>,
        (from, to): (Option<Day>, Option<Day>),
    ) -> Answer {
        let (first, last) = months_asked(from, to, self.now.day())?;
        let all = match uid {
            Some(uid) => {
                self.must_own(uid, code)?;
                self.portraits(uid, code)
            }
            None => self.of_everybody(code)?.into_iter().flatten().collect(),
        };
        let is_there = |invitee: &Portrait<'_>| {
            let own = invitee.registration.country.map_or("ZZ".to_owned(), |country| country.to_string());
            country.is_none_or(|wanted| wanted == own)
        };
        let registered = |invitee: &Portrait<'_>| month_of(invitee.registered_at.day());
        let all: Vec<&Portrait<'_>> = all.iter().filter(|invitee| is_there(invitee)).collect();
        let months: BTreeSet<String> = all.iter().map(|invitee| registered(invitee)).collect();
        let within = months.into_iter().filter(|month| first <= *month && *month <= last);
        let rows = within.map(|month| {
            let cohort: Vec<&Portrait<'_>> = all.iter().copied().filter(|one| registered(one) == month).collect();
            row(&month, &cohort, &month_of(self.now.day()))
        });
        let list = self.list(rows.collect());
        let asked = json!({
            "uid": uid, "code": code, "country": country.map(|country| [country]),
            "from": first_day(&first), "to": first_day(&next(&last)).plus(-1),
        });
        Ok(with(list, asked))
    }
}
