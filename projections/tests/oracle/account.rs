//! A referrer's account (SPEC 4).

use schemas::{AffiliateStatus, Uid};
use serde_json::{Value, json};

use super::order::order;
use super::{Answer, Known};

impl Known<'_> {
    /// `GET /v1/account`.
    pub fn account(&self, uid: Uid) -> Answer {
        let base = self.base(uid, self.now);
        let mut past: Vec<_> =
            self.affiliates().filter(|(entry, data)| data.uid == uid && self.is_past(entry)).collect();
        past.sort_by(|(one, _), (other, _)| order(&one.event).cmp(&order(&other.event)));
        let history = past.into_iter().map(|(entry, data)| {
            json!({
                "time": entry.event.time,
                "status": data.status,
                "spot_rate": data.spot_rate,
                "futures_rate": data.futures_rate,
                "futures_window_days": data.futures_window_days,
            })
        });
        Ok(json!({
            "uid": uid,
            "status": base.status.map_or("none", AffiliateStatus::as_str),
            "spot_rate": base.spot_rate,
            "futures_rate": base.futures_rate,
            "futures_window_days": base.futures_window_days,
            "history": history.collect::<Vec<Value>>(),
            "default_code": self.default_code(uid),
            "as_of": self.as_of(),
        }))
    }
}
