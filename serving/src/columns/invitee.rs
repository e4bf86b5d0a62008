//! An invitee of a code.

use projections::published::PublishedInvitee;
use schemas::{Rate, Relationship, Timestamp, Uid};
use scylla::value::CqlDecimal;
use scylla::{DeserializeValue, SerializeValue};

use super::{broken, country, country_text, rate, rate_columns, small, usd, usd_columns};
use crate::error::ServingError;

const TABLE: &str = "invitees";

/// An invitee; one without a uid is none.
#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
pub(crate) struct InviteeColumns {
    uid: Option<i64>,
    registered_at: Option<i64>,
    country: Option<String>,
    commission_type: Option<String>,
    verified_at: Option<i64>,
    first_deposit_at: Option<i64>,
    first_trade_at: Option<i64>,
    commission: Option<CqlDecimal>,
    rebate: Option<CqlDecimal>,
    volume: Option<CqlDecimal>,
    vip_level: Option<i32>,
    spot_rebate_rate: Option<CqlDecimal>,
    futures_rebate_rate: Option<CqlDecimal>,
    note: Option<String>,
    vip_levels_to_come: Vec<LevelFrom>,
    rebate_rates_to_come: Vec<RatesFrom>,
    notes_to_come: Vec<NoteFrom>,
}

#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
struct LevelFrom {
    time: i64,
    vip_level: i32,
}

#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
struct RatesFrom {
    time: i64,
    spot_rebate_rate: CqlDecimal,
    futures_rebate_rate: CqlDecimal,
}

#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
struct NoteFrom {
    time: i64,
    note: String,
}

impl InviteeColumns {
    const NOBODY: InviteeColumns = InviteeColumns {
        uid: None,
        registered_at: None,
        country: None,
        commission_type: None,
        verified_at: None,
        first_deposit_at: None,
        first_trade_at: None,
        commission: None,
        rebate: None,
        volume: None,
        vip_level: None,
        spot_rebate_rate: None,
        futures_rebate_rate: None,
        note: None,
        vip_levels_to_come: Vec::new(),
        rebate_rates_to_come: Vec::new(),
        notes_to_come: Vec::new(),
    };

    pub(crate) fn of(invitee: Option<PublishedInvitee>) -> InviteeColumns {
        let Some(invitee) = invitee else { return InviteeColumns::NOBODY };
        let time = |time: Option<Timestamp>| time.map(|time| time.0);
        let (spot, futures) = invitee.rebate_rates;
        let levels = invitee.vip_levels_to_come.into_iter();
        let levels = levels.map(|(time, level)| LevelFrom { time: time.0, vip_level: i32::from(level) });
        let rates = invitee.rebate_rates_to_come.into_iter().map(|(time, (spot, futures))| RatesFrom {
            time: time.0,
            spot_rebate_rate: rate_columns(spot),
            futures_rebate_rate: rate_columns(futures),
        });
        let notes = invitee.notes_to_come.into_iter().map(|(time, note)| NoteFrom { time: time.0, note });
        InviteeColumns {
            // Uids have 53 bits.
            uid: Some(invitee.uid.0 as i64),
            registered_at: Some(invitee.registered_at.0),
            country: Some(country_text(invitee.country)),
            commission_type: Some(invitee.relationship.as_str().to_owned()),
            verified_at: time(invitee.verified_at),
            first_deposit_at: time(invitee.first_deposit_at),
            first_trade_at: time(invitee.first_trade_at),
            commission: Some(usd_columns(invitee.commission)),
            rebate: Some(usd_columns(invitee.rebate)),
            volume: Some(usd_columns(invitee.volume)),
            vip_level: Some(i32::from(invitee.vip_level)),
            spot_rebate_rate: Some(rate_columns(spot)),
            futures_rebate_rate: Some(rate_columns(futures)),
            note: Some(invitee.note),
            vip_levels_to_come: levels.collect(),
            rebate_rates_to_come: rates.collect(),
            notes_to_come: notes.collect(),
        }
    }

    pub(crate) fn invitee(self) -> Result<Option<PublishedInvitee>, ServingError> {
        let Some(uid) = self.uid else { return Ok(None) };
        let missing = |what: &str| broken(TABLE, format!("{uid} has no {what}"));
        let rates = |spot: &CqlDecimal, futures: &CqlDecimal| -> Result<(Rate, Rate), ServingError> {
            Ok((rate(spot, TABLE)?, rate(futures, TABLE)?))
        };
        let amount = |amount: &Option<CqlDecimal>, what: &str| match amount {
            Some(amount) => usd(amount, TABLE),
            None => Err(missing(what)),
        };
        let relationship = self.commission_type.ok_or_else(|| missing("commission_type"))?;
        let known = Relationship::ALL.iter().copied().find(|known| known.as_str() == relationship);
        let (spot, futures) =
            self.spot_rebate_rate.zip(self.futures_rebate_rate).ok_or_else(|| missing("rebate rate"))?;
        let levels = self.vip_levels_to_come.into_iter();
        let levels = levels.map(|level| Ok((Timestamp(level.time), small(level.vip_level, TABLE)?)));
        let to_come = self.rebate_rates_to_come.into_iter();
        let to_come =
            to_come.map(|from| Ok((Timestamp(from.time), rates(&from.spot_rebate_rate, &from.futures_rebate_rate)?)));
        Ok(Some(PublishedInvitee {
            uid: Uid(uid as u64),
            registered_at: Timestamp(self.registered_at.ok_or_else(|| missing("registered_at"))?),
            country: country(self.country.as_deref().ok_or_else(|| missing("country"))?, TABLE)?,
            relationship: known.ok_or_else(|| broken(TABLE, format!("{relationship:?} is no commission type")))?,
            verified_at: self.verified_at.map(Timestamp),
            first_deposit_at: self.first_deposit_at.map(Timestamp),
            first_trade_at: self.first_trade_at.map(Timestamp),
            commission: amount(&self.commission, "commission")?,
            rebate: amount(&self.rebate, "rebate")?,
            volume: amount(&self.volume, "volume")?,
            vip_level: small(self.vip_level.unwrap_or_default(), TABLE)?,
            rebate_rates: rates(&spot, &futures)?,
            note: self.note.unwrap_or_default(),
            vip_levels_to_come: levels.collect::<Result<_, ServingError>>()?,
            rebate_rates_to_come: to_come.collect::<Result<_, ServingError>>()?,
            notes_to_come: self.notes_to_come.into_iter().map(|from| (Timestamp(from.time), from.note)).collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use schemas::{Country, Usd};

    use super::*;

    #[test]
    fn an_invitee_comes_back_from_its_columns_as_it_was() {
        let mut invitee = PublishedInvitee {
            uid: Uid((1 << 53) - 1),
            registered_at: Timestamp(5),
            country: Country::parse("DE"),
            relationship: Relationship::Futures,
            verified_at: Some(Timestamp(6)),
            first_deposit_at: None,
            first_trade_at: Some(Timestamp(7)),
            commission: Usd(i128::MAX),
            rebate: Usd(-1),
            volume: Usd(0),
            vip_level: 9,
            rebate_rates: (Rate(1), Rate(1_000_000)),
            note: "a note".to_owned(),
            vip_levels_to_come: vec![(Timestamp(8), 1), (Timestamp(9), 2)],
            rebate_rates_to_come: vec![(Timestamp(8), (Rate(3), Rate(4)))],
            notes_to_come: vec![(Timestamp(10), String::new())],
        };
        for country in [invitee.country, None] {
            invitee.country = country;
            let columns = InviteeColumns::of(Some(invitee.clone()));
            assert_eq!(columns.clone().invitee().expect("columns"), Some(invitee.clone()));
            let broken = InviteeColumns { vip_level: Some(256), ..columns };
            assert!(matches!(broken.invitee(), Err(ServingError::Row { table: TABLE, .. })));
        }
        assert_eq!(InviteeColumns::of(None).invitee().expect("columns"), None);
    }
}
