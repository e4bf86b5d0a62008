//! What is a referrer's own: codes with their terms, standings, and the rules of the platform.

use std::net::IpAddr;

use ledger::Actor;
use projections::published::{PublishedCode, PublishedRules, PublishedStanding, PublishedTerms};
use schemas::{Affiliate, AffiliateStatus, Program, Timestamp, Uid};
use scylla::value::{CqlDate, CqlDecimal};
use scylla::{DeserializeValue, SerializeValue};

use super::{broken, date, day, rate, rate_columns, small};
use crate::error::ServingError;

/// A code; one without a time is not the owner's.
#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
pub(crate) struct CodeColumns {
    created_at: Option<i64>,
    first_day: Option<CqlDate>,
    last_day: Option<CqlDate>,
    invitees: i64,
    terms: Vec<TermsColumns>,
}

/// What an event of a code says.
#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
struct TermsColumns {
    time: i64,
    source: String,
    id: String,
    spot_rebate_rate: CqlDecimal,
    futures_rebate_rate: CqlDecimal,
    note: String,
    is_default: bool,
}

/// A standing.
#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
pub(crate) struct StandingColumns {
    time: i64,
    source: String,
    id: String,
    status: String,
    spot_rate: CqlDecimal,
    futures_rate: CqlDecimal,
    futures_window_days: Option<i32>,
    actor: Option<ActorColumns>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
struct ActorColumns {
    who: Option<String>,
    role: String,
    address: Option<String>,
    request_id: Option<String>,
}

/// The platform's rules.
#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
pub(crate) struct RulesColumns {
    time: i64,
    source: String,
    id: String,
    default_spot_rate: CqlDecimal,
    default_futures_rate: CqlDecimal,
    default_futures_window_days: Option<i32>,
    spot_vip_max: i32,
    futures_vip_max: i32,
}

impl CodeColumns {
    pub(crate) fn of(code: Option<PublishedCode>) -> CodeColumns {
        let Some(PublishedCode { created_at, days, invitees, terms }) = code else {
            return CodeColumns { created_at: None, first_day: None, last_day: None, invitees: 0, terms: Vec::new() };
        };
        CodeColumns {
            created_at: Some(created_at.0),
            first_day: days.map(|(first, _)| date(first)),
            last_day: days.map(|(_, last)| date(last)),
            invitees: i64::from(invitees),
            terms: terms.into_iter().map(TermsColumns::of).collect(),
        }
    }

    pub(crate) fn code(self) -> Result<Option<PublishedCode>, ServingError> {
        let CodeColumns { created_at, first_day, last_day, invitees, terms } = self;
        let Some(created_at) = created_at.map(Timestamp) else { return Ok(None) };
        let days = first_day.zip(last_day).map(|(first, last)| (day(first), day(last)));
        let invitees = u32::try_from(invitees).map_err(|_| broken("codes", format!("{invitees} invitees")))?;
        let terms = terms.into_iter().map(TermsColumns::terms).collect::<Result<_, _>>()?;
        Ok(Some(PublishedCode { created_at, days, invitees, terms }))
    }
}

impl TermsColumns {
    fn of(terms: PublishedTerms) -> TermsColumns {
        let PublishedTerms { time, source, id, spot_rebate_rate, futures_rebate_rate, note, is_default } = terms;
        TermsColumns {
            time: time.0,
            source,
            id,
            spot_rebate_rate: rate_columns(spot_rebate_rate),
            futures_rebate_rate: rate_columns(futures_rebate_rate),
            note,
            is_default,
        }
    }

    fn terms(self) -> Result<PublishedTerms, ServingError> {
        let TermsColumns { time, source, id, spot_rebate_rate, futures_rebate_rate, note, is_default } = self;
        Ok(PublishedTerms {
            time: Timestamp(time),
            source,
            id,
            spot_rebate_rate: rate(&spot_rebate_rate, "codes")?,
            futures_rebate_rate: rate(&futures_rebate_rate, "codes")?,
            note,
            is_default,
        })
    }
}

impl StandingColumns {
    pub(crate) fn of(standing: PublishedStanding, actor: Option<Actor>) -> StandingColumns {
        let PublishedStanding { time, source, id, position: _, standing } = standing;
        StandingColumns {
            time: time.0,
            source,
            id,
            status: standing.status.as_str().to_owned(),
            spot_rate: rate_columns(standing.spot_rate),
            futures_rate: rate_columns(standing.futures_rate),
            futures_window_days: standing.futures_window_days.map(i32::from),
            actor: actor.map(ActorColumns::of),
        }
    }

    /// The standing with who the event is of. Where it stands in its ledger is not told.
    pub(crate) fn standing(self, uid: Uid) -> Result<(PublishedStanding, Option<Actor>), ServingError> {
        const TABLE: &str = "standings";
        let status = AffiliateStatus::ALL.iter().copied().find(|status| status.as_str() == self.status);
        let standing = Affiliate {
            uid,
            status: status.ok_or_else(|| broken(TABLE, format!("a status {:?}", self.status)))?,
            spot_rate: rate(&self.spot_rate, TABLE)?,
            futures_rate: rate(&self.futures_rate, TABLE)?,
            futures_window_days: self.futures_window_days.map(|days| small(days, TABLE)).transpose()?,
        };
        let (time, source, id) = (Timestamp(self.time), self.source, self.id);
        let actor = self.actor.map(ActorColumns::actor).transpose()?;
        Ok((PublishedStanding { time, source, id, position: 0, standing }, actor))
    }
}

impl ActorColumns {
    fn of(actor: Actor) -> ActorColumns {
        let Actor { who, role, address, request_id } = actor;
        ActorColumns { who, role, address: address.map(|address| address.to_string()), request_id }
    }

    fn actor(self) -> Result<Actor, ServingError> {
        let ActorColumns { who, role, address, request_id } = self;
        let read = |text: String| {
            let address: Result<IpAddr, _> = text.parse();
            address.map_err(|_| broken("standings", format!("{text:?} is no address")))
        };
        Ok(Actor { who, role, address: address.map(read).transpose()?, request_id })
    }
}

impl RulesColumns {
    pub(crate) fn of(rules: PublishedRules) -> RulesColumns {
        let PublishedRules { time, source, id, rules } = rules;
        RulesColumns {
            time: time.0,
            source,
            id,
            default_spot_rate: rate_columns(rules.default_spot_rate),
            default_futures_rate: rate_columns(rules.default_futures_rate),
            default_futures_window_days: rules.default_futures_window_days.map(i32::from),
            spot_vip_max: i32::from(rules.spot_vip_max),
            futures_vip_max: i32::from(rules.futures_vip_max),
        }
    }

    pub(crate) fn rules(self) -> Result<PublishedRules, ServingError> {
        const TABLE: &str = "rules";
        let rules = Program {
            default_spot_rate: rate(&self.default_spot_rate, TABLE)?,
            default_futures_rate: rate(&self.default_futures_rate, TABLE)?,
            default_futures_window_days: self.default_futures_window_days.map(|days| small(days, TABLE)).transpose()?,
            spot_vip_max: small(self.spot_vip_max, TABLE)?,
            futures_vip_max: small(self.futures_vip_max, TABLE)?,
        };
        Ok(PublishedRules { time: Timestamp(self.time), source: self.source, id: self.id, rules })
    }
}
