//! A referrer's codes (SPEC 4.2).

use schemas::{Code, Rate, Uid};
use serde_json::{Value, json};

use super::order::{earliest, latest, order};
use super::portrait::Movement;
use super::{Answer, Entry, Filter, Known, LINK, Refusal, usd, with};

impl<'a> Known<'a> {
    fn states_of(self, code: &str) -> impl Iterator<Item = (&'a Entry, &'a Code<'static>)> {
        self.code_states().filter(move |(_, state)| state.code == code)
    }

    /// Whether the code belongs to this referrer and its time has come.
    fn owns(&self, uid: Uid, code: &str) -> bool {
        let in_force = self.states_of(code).any(|(entry, _)| self.is_past(entry));
        in_force && self.owner(code) == Some(uid)
    }

    /// Refuses a code asked about that is not the referrer's.
    pub(super) fn must_own(&self, uid: Uid, code: Option<&str>) -> Result<(), Refusal> {
        match code {
            Some(code) if !self.owns(uid, code) => Err(Refusal::NotFound),
            Some(_) | None => Ok(()),
        }
    }

    /// `GET /v1/codes`: by code.
    pub fn codes(&self, uid: Uid) -> Answer {
        let mut codes: Vec<&str> = self.code_states().map(|(_, state)| &*state.code).collect();
        codes.sort_unstable();
        codes.dedup();
        Ok(self
            .list(codes.into_iter().filter(|code| self.owns(uid, code)).map(|code| self.code_row(uid, code)).collect()))
    }

    /// `GET /v1/codes/{code}`.
    pub fn code(&self, uid: Uid, code: &str) -> Answer {
        self.must_own(uid, Some(code))?;
        Ok(with(self.code_row(uid, code), json!({ "as_of": self.as_of() })))
    }

    /// `GET /v1/codes/{code}/referrals`: the referral list of one code, the latest registration first.
    pub fn code_referrals(&self, uid: Uid, code: &str) -> Answer {
        self.referrals(uid, &Filter { code: Some(code.to_owned()), ..Filter::default() })
    }

    fn code_row(&self, uid: Uid, code: &str) -> Value {
        let (first, _) = earliest(self.states_of(code)).expect("a code in force has a first event");
        let past = self.states_of(code).filter(|(entry, _)| self.is_past(entry));
        let (_, state) = latest(past).expect("a code in force has an event up to now");
        let invitees = self.portraits(uid, Some(code));
        let movements = invitees.iter().flat_map(|invitee| &invitee.movements);
        let base = self.base(uid, self.now);
        let kept = |rate: Rate, rebate: Rate| {
            if base.is_suspended() { Rate::ZERO } else { Rate(rate.0.saturating_sub(rebate.0)) }
        };
        json!({
            "code": code,
            "created_at": first.event.time,
            "referrals": invitees.len(),
            "commission": usd(movements.map(Movement::commission).sum()),
            "spot_rate": kept(base.spot_rate, state.spot_rebate_rate),
            "futures_rate": kept(base.futures_rate, state.futures_rebate_rate),
            "spot_rebate_rate": state.spot_rebate_rate,
            "futures_rebate_rate": state.futures_rebate_rate,
            "note": state.note,
            "is_default": self.default_code(uid) == Some(code),
            "link": LINK,
        })
    }

    /// The code of the owner's latest event that says default, unless a later event of that code says otherwise.
    pub(super) fn default_code(&self, uid: Uid) -> Option<&'a str> {
        let past =
            || self.code_states().filter(|(entry, state)| self.is_past(entry) && self.owner(&state.code) == Some(uid));
        let (chosen, state) = latest(past().filter(|(_, state)| state.is_default))?;
        let withdrawn = past().any(|(entry, later)| {
            later.code == state.code && !later.is_default && order(&entry.event) > order(&chosen.event)
        });
        (!withdrawn).then_some(&*state.code)
    }
}
