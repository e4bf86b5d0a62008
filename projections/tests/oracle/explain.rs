//! One trade explained (SPEC 4.4).

use schemas::Uid;
use serde_json::{Value, json};

use super::cloud_event::cloud_event;
use super::postings::Posting;
use super::rating::{Rated, Sourced};
use super::{Answer, Entry, Known, Refusal, usd, with};

impl Known<'_> {
    /// `GET /v1/trades/explain`; `account` is the uid in the trade event.
    pub fn explain(&self, account: Uid, source: &str, id: &str) -> Answer {
        let is_asked = |entry: &Entry| entry.event.source == source && entry.event.id == id;
        let (entry, trade) =
            self.trades().find(|(entry, trade)| trade.uid == account && is_asked(entry)).ok_or(Refusal::NotFound)?;
        Ok(with(self.explained(&self.rate(entry, trade)), json!({ "as_of": self.as_of() })))
    }

    /// A trade explained, as it stands among others.
    pub(super) fn explained(&self, rated: &Rated<'_>) -> Value {
        let invitee = rated.home.map(|home| home.invitee);
        let code = invitee.and_then(|invitee| self.registration(invitee)?.1.code.clone());
        let parent = self.registration(rated.trade.uid).and_then(|(_, registration)| registration.parent_uid);
        let postings = self.postings_for(rated.entry, rated.trade);
        json!({
            "event": cloud_event(&rated.entry.event),
            "position": rated.entry.position,
            "account_uid": rated.trade.uid,
            "invitee_uid": invitee,
            "parent_uid": parent,
            "referrer_uid": rated.referrer,
            "code": code,
            "base_rate": rated.base.map(sourced),
            "rebate_rate": rated.rebate.map(sourced),
            "eligible": rated.eligible,
            "reason": rated.reason.map(|reason| reason.as_str()),
            "total": usd(rated.amounts.total),
            "commission": usd(rated.amounts.commission),
            "rebate": usd(rated.amounts.rebate),
            "postings": postings.iter().map(Posting::shown_in_explain).collect::<Vec<_>>(),
            "reversal": rated.reversal.map(|(entry, reversal)| json!({
                "source": entry.event.source,
                "id": entry.event.id,
                "time": entry.event.time,
                "reason": reversal.reason,
                "position": entry.position,
            })),
        })
    }
}

/// A rate and where it comes from.
fn sourced(rate: Sourced<'_>) -> Value {
    json!({
        "rate": rate.rate,
        "event": rate.event.map(|entry| json!({
            "source": entry.event.source,
            "id": entry.event.id,
            "type": entry.event.event_type().name(),
            "time": entry.event.time,
            "position": entry.position,
        })),
    })
}
