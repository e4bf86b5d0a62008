//! The referral list and one referral (SPEC 4.1).

use schemas::{Body, Country, Day, Relationship, Timestamp, Uid};
use serde_json::{Value, json};

use super::order::{latest, order};
use super::portrait::{Movement, Portrait};
use super::{Answer, Entry, Known, Refusal, usd};

/// The filters of the referral list, its sort column and its order; the default asks for everything.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Prefix of the uid, or part of the note without regard to case.
    pub q: Option<String>,
    /// First day of registration.
    pub registered_from: Option<Day>,
    /// Last day of registration.
    pub registered_to: Option<Day>,
    /// VIP levels.
    pub vip: Option<Vec<u8>>,
    /// Whether it was verified.
    pub verified: Option<bool>,
    /// Whether it deposited.
    pub deposited: Option<bool>,
    /// Whether it traded.
    pub traded: Option<bool>,
    /// The code of its registration.
    pub code: Option<String>,
    /// Its country; `ZZ` finds the unknown.
    pub country: Option<String>,
    /// The product groups of the referral; `spot` and `futures` find `both` too.
    pub commission_type: Option<Relationship>,
    /// A column.
    pub sort: &'static str,
    /// `order=desc`.
    pub descending: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Filter {
            q: None,
            registered_from: None,
            registered_to: None,
            vip: None,
            verified: None,
            deposited: None,
            traded: None,
            code: None,
            country: None,
            commission_type: None,
            sort: "registered_at",
            descending: true,
        }
    }
}

impl Filter {
    /// The columns to sort by.
    pub const COLUMNS: [&'static str; 15] = [
        "uid",
        "registered_at",
        "code",
        "country",
        "verified_at",
        "first_deposit_at",
        "first_trade_at",
        "commission",
        "rebate",
        "volume",
        "vip_level",
        "commission_type",
        "spot_rebate_rate",
        "futures_rebate_rate",
        "note",
    ];

    fn admits(&self, row: &Row) -> bool {
        let q = self
            .q
            .as_ref()
            .is_none_or(|q| row.uid.to_string().starts_with(q) || row.note.to_lowercase().contains(&q.to_lowercase()));
        let country = self.country.as_ref().is_none_or(|wanted| match row.country {
            Some(country) => country.as_str() == wanted,
            None => wanted == "ZZ",
        });
        let commission_type = self.commission_type.is_none_or(|wanted| match wanted {
            Relationship::Both => row.commission_type == Relationship::Both,
            Relationship::Spot | Relationship::Futures => {
                row.commission_type == wanted || row.commission_type == Relationship::Both
            }
        });
        let is = |wanted: Option<bool>, time: Option<Timestamp>| wanted.is_none_or(|wanted| wanted == time.is_some());
        q && country
            && commission_type
            && self.registered_from.is_none_or(|from| row.registered_at.day() >= from)
            && self.registered_to.is_none_or(|to| row.registered_at.day() <= to)
            && self.vip.as_ref().is_none_or(|levels| levels.contains(&row.vip_level))
            && is(self.verified, row.verified_at)
            && is(self.deposited, row.first_deposit_at)
            && is(self.traded, row.first_trade_at)
            && self.code.as_ref().is_none_or(|code| row.code == *code)
    }
}

/// A row of the referral list.
struct Row {
    uid: Uid,
    registered_at: Timestamp,
    code: String,
    country: Option<Country>,
    verified_at: Option<Timestamp>,
    first_deposit_at: Option<Timestamp>,
    first_trade_at: Option<Timestamp>,
    commission: i128,
    rebate: i128,
    volume: i128,
    vip_level: u8,
    commission_type: Relationship,
    spot_rebate_rate: schemas::Rate,
    futures_rebate_rate: schemas::Rate,
    note: String,
}

/// A value to sort by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortValue {
    Number(i128),
    Text(String),
}

impl Row {
    fn shown(&self) -> Value {
        json!({
            "uid": self.uid,
            "registered_at": self.registered_at,
            "code": self.code,
            "country": self.country,
            "verified_at": self.verified_at,
            "first_deposit_at": self.first_deposit_at,
            "first_trade_at": self.first_trade_at,
            "commission": usd(self.commission),
            "rebate": usd(self.rebate),
            "volume": usd(self.volume),
            "vip_level": self.vip_level,
            "commission_type": self.commission_type,
            "spot_rebate_rate": self.spot_rebate_rate,
            "futures_rebate_rate": self.futures_rebate_rate,
            "note": self.note,
        })
    }

    fn sort_value(&self, column: &str) -> Option<SortValue> {
        let moment = |time: Timestamp| SortValue::Number(i128::from(time.0));
        let text = |text: &str| SortValue::Text(text.to_owned());
        match column {
            "uid" => Some(SortValue::Number(i128::from(self.uid.0))),
            "registered_at" => Some(moment(self.registered_at)),
            "code" => Some(text(&self.code)),
            "country" => self.country.map(|country| text(country.as_str())),
            "verified_at" => self.verified_at.map(moment),
            "first_deposit_at" => self.first_deposit_at.map(moment),
            "first_trade_at" => self.first_trade_at.map(moment),
            "commission" => Some(SortValue::Number(self.commission)),
            "rebate" => Some(SortValue::Number(self.rebate)),
            "volume" => Some(SortValue::Number(self.volume)),
            "vip_level" => Some(SortValue::Number(i128::from(self.vip_level))),
            "commission_type" => Some(text(self.commission_type.as_str())),
            "spot_rebate_rate" => Some(SortValue::Number(i128::from(self.spot_rebate_rate.0))),
            "futures_rebate_rate" => Some(SortValue::Number(i128::from(self.futures_rebate_rate.0))),
            "note" => Some(text(&self.note)),
            unknown => panic!("no column {unknown}"),
        }
    }
}

impl Known<'_> {
    /// `GET /v1/referrals`: the whole list.
    pub fn referrals(&self, uid: Uid, filter: &Filter) -> Answer {
        self.must_own(uid, filter.code.as_deref())?;
        let portraits = self.portraits(uid, None);
        let rows: Vec<Row> = portraits.iter().map(|portrait| self.row(portrait)).collect();
        let mut rows: Vec<&Row> = rows.iter().filter(|row| filter.admits(row)).collect();
        rows.sort_by_key(|row| row.uid);
        if filter.descending {
            rows.reverse();
        }
        let (mut with_value, without): (Vec<&Row>, Vec<&Row>) =
            rows.into_iter().partition(|row| row.sort_value(filter.sort).is_some());
        // The sort is stable, so rows of one value stay in the order of their uids.
        with_value.sort_by(|one, other| {
            let ascending = one.sort_value(filter.sort).cmp(&other.sort_value(filter.sort));
            if filter.descending { ascending.reverse() } else { ascending }
        });
        Ok(self.list(with_value.into_iter().chain(without).map(Row::shown).collect()))
    }

    /// `GET /v1/referrals/{invitee}`: its row and its latest 20 trades, newest first, each explained.
    pub fn referral(&self, uid: Uid, invitee: Uid) -> Answer {
        if !self.invitees(uid).contains(&invitee) {
            return Err(Refusal::NotFound);
        }
        let mut trades = self.trades_of(invitee);
        trades.sort_by(|one, other| order(&other.entry.event).cmp(&order(&one.entry.event)));
        let trades: Vec<Value> = trades.iter().take(20).map(|rated| self.explained(rated)).collect();
        let row = self.row(&self.portrait(invitee)).shown();
        Ok(json!({ "referral": row, "trades": trades, "as_of": self.as_of() }))
    }

    fn row(&self, portrait: &Portrait<'_>) -> Row {
        let invitee = portrait.uid;
        let agreed = self.agreed(invitee, self.now).expect("an invitee has a known code");
        let note = latest(self.notes().filter(|(entry, data)| data.uid == invitee && self.is_past(entry)));
        let sum = |amount: &dyn Fn(&Movement<'_>) -> i128| portrait.movements.iter().map(amount).sum();
        Row {
            uid: invitee,
            registered_at: portrait.registered_at,
            code: portrait.registration.code.as_deref().unwrap_or_default().to_owned(),
            country: portrait.registration.country,
            verified_at: portrait.verified_at,
            first_deposit_at: portrait.first_deposit_at,
            first_trade_at: portrait.first_trade_at(),
            commission: sum(&|movement| movement.commission()),
            rebate: sum(&|movement| movement.rebate()),
            volume: sum(&|movement| movement.volume()),
            vip_level: self.vip_level(invitee),
            commission_type: portrait.registration.relationship,
            spot_rebate_rate: agreed.spot_rate,
            futures_rebate_rate: agreed.futures_rate,
            note: note.map(|(_, data)| data.note.to_string()).unwrap_or_default(),
        }
    }

    /// Whether an event's time has come.
    pub(super) fn is_past(&self, entry: &Entry) -> bool {
        entry.event.time <= self.now
    }

    /// The level of the latest event that carries one, of the invitee or one of its sub-accounts, up to now. A trade
    /// before the registration carries none; a VIP event may lie before it.
    fn vip_level(&self, invitee: Uid) -> u8 {
        let carried = self.entries.iter().filter_map(|entry| {
            let (account, level, is_trade) = if let Body::Trade(data) = &entry.event.body {
                (data.uid, data.vip_level, true)
            } else if let Body::Vip(data) = &entry.event.body {
                (data.uid, data.vip_level, false)
            } else {
                return None;
            };
            let home = self.home(account).filter(|home| home.invitee == invitee)?;
            let too_early = is_trade && entry.event.time < home.registered_at;
            (self.is_past(entry) && !too_early).then_some((entry, level))
        });
        latest(carried).map_or(0, |(_, level)| level)
    }
}
