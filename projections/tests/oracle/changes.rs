//! What changed the terms of a referrer, of a code and of the program; and when campaigns ran.

use schemas::{Day, Uid, Visibility};
use serde_json::{Value, json};

use super::order::order;
use super::range::Span;
use super::{Answer, Entry, Known, with};

/// A row with what it is sorted by.
type Row = ((Day, i64, u8, u64), Value);

impl Known<'_> {
    /// `GET /v1/changes`.
    pub fn changes(&self, uid: Option<Uid>, from: Option<Day>, to: Option<Day>, code: Option<&str>) -> Answer {
        let span = self.span(from, to)?;
        match uid {
            Some(uid) => self.must_own(uid, code)?,
            None => drop(self.of_everybody(code)?),
        }
        let mut rows: Vec<Row> = Vec::new();
        if let Some(uid) = uid {
            let said = self.affiliates().filter(|(_, data)| data.uid == uid).map(|(entry, data)| {
                let terms = json!({
                    "status": data.status, "spot_rate": data.spot_rate, "futures_rate": data.futures_rate,
                    "futures_window_days": data.futures_window_days,
                });
                (entry, terms)
            });
            rows.extend(self.turns(said.collect(), "standing", 0, json!({})));
        }
        let mut codes: Vec<&str> = self.code_states().map(|(_, state)| &*state.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.retain(|one| code.is_none_or(|code| code == *one) && uid.is_none_or(|uid| self.owner(one) == Some(uid)));
        for one in codes.into_iter().filter(|_| uid.is_some() || code.is_some()) {
            let said = self.code_states().filter(|(_, state)| state.code == one).map(|(entry, state)| {
                (entry, json!({ "spot_rate": state.spot_rebate_rate, "futures_rate": state.futures_rebate_rate }))
            });
            rows.extend(self.turns(said.collect(), "code", 1, json!({ "code": one })));
        }
        let said = self.programs().map(|(entry, rules)| {
            let terms = json!({
                "spot_rate": rules.default_spot_rate, "futures_rate": rules.default_futures_rate,
                "futures_window_days": rules.default_futures_window_days, "spot_vip_max": rules.spot_vip_max,
                "futures_vip_max": rules.futures_vip_max,
            });
            (entry, terms)
        });
        rows.extend(self.turns(said.collect(), "program", 2, json!({})));
        rows.extend(self.days_of_campaigns(uid));
        rows.retain(|((day, ..), _)| span.holds(day.start()) && *day <= self.now.day());
        rows.sort_by_key(|(place, _)| *place);
        let answer = with(self.list(rows.into_iter().map(|(_, row)| row).collect()), span.shown());
        Ok(with(answer, json!({ "uid": uid, "code": code })))
    }

    /// Of all that was ever said about one thing, up to now and in the order of equals, what said something new.
    fn turns(&self, mut said: Vec<(&Entry, Value)>, kind: &str, rank: u8, named: Value) -> Vec<Row> {
        said.retain(|(entry, _)| self.is_past(entry));
        said.sort_by(|(one, _), (other, _)| order(&one.event).cmp(&order(&other.event)));
        let mut rows = Vec::new();
        for (at, (entry, terms)) in said.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &said[before].1);
            if before == Some(terms) {
                continue;
            }
            let row = row(entry, entry.event.time.day(), kind);
            let row = with(row, json!({ "before": before.map(told), "after": told(terms) }));
            rows.push(((entry.event.time.day(), entry.event.time.0, rank, entry.position), with(row, named.clone())));
        }
        rows
    }

    fn days_of_campaigns(&self, uid: Option<Uid>) -> Vec<Row> {
        let may_see = uid.is_none_or(|uid| self.is_approved_affiliate(uid));
        let mut rows = Vec::new();
        for (entry, campaign) in self.campaign_states().filter(|(entry, _)| self.is_past(entry)) {
            let is_latest = !self.campaign_states().any(|(other, state)| {
                state.id == campaign.id && self.is_past(other) && order(&other.event) > order(&entry.event)
            });
            if !is_latest || (campaign.visibility == Visibility::Exclusive && !may_see) {
                continue;
            }
            for (kind, rank, day) in [("campaign_starts", 3, campaign.starts), ("campaign_ends", 4, campaign.ends)] {
                let named = json!({ "campaign_id": campaign.id, "title": campaign.title });
                let time = entry.event.time.0.max(day.start().0);
                rows.push(((day, time, rank, entry.position), with(row(entry, day, kind), named)));
            }
        }
        rows
    }
}

/// What has nothing to do with it is left out.
fn told(terms: &Value) -> Value {
    let fields = terms.as_object().expect("terms").iter().filter(|(_, value)| !value.is_null());
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn row(entry: &Entry, day: Day, kind: &str) -> Value {
    let event = &entry.event;
    json!({
        "date": day, "kind": kind, "code": null, "campaign_id": null, "title": null, "before": null, "after": null,
        "event": {
            "source": event.source, "id": event.id, "type": event.event_type().name(), "time": event.time,
            "position": entry.position,
        },
    })
}
