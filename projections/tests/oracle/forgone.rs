//! What was withheld and taken back, by its definition: all trades are looked at, each rated by everything that is known.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{Day, Timestamp, Uid};
use serde_json::{Value, json};

use super::range::Span;
use super::rating::{Rated, Reason};
use super::{Answer, Known, usd, with};

/// Which of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgone {
    /// What trades without commission did not give.
    Withheld,
    /// What reversals took back.
    Clawbacks,
}

/// What is asked for: everything given must hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct ForgoneAsked<'a> {
    pub uid: Option<Uid>,
    pub code: Option<&'a str>,
    pub country: Option<&'a str>,
    pub reason: Option<&'a str>,
    pub from: Option<Day>,
    pub to: Option<Day>,
}

/// A trade that counts on a day.
struct Piece<'a> {
    rated: Rated<'a>,
    owner: Uid,
    invitee: Uid,
    code: String,
    country: String,
    dated: Timestamp,
    reason: String,
    is_reversal: bool,
    trades: u64,
    fee: i128,
    commission: i128,
    rebate: i128,
}

/// Sums in one.
#[derive(Default)]
struct Sums {
    trades: u64,
    fee: i128,
    commission: i128,
    rebate: i128,
}

impl Sums {
    fn of<'p>(pieces: impl IntoIterator<Item = &'p Piece<'p>>) -> Sums {
        pieces.into_iter().fold(Sums::default(), |sums, piece| Sums {
            trades: sums.trades + piece.trades,
            fee: sums.fee + piece.fee,
            commission: sums.commission + piece.commission,
            rebate: sums.rebate + piece.rebate,
        })
    }

    fn shown(&self) -> Value {
        json!({
            "trades": self.trades, "fee_usd": usd(self.fee), "commission": usd(self.commission),
            "rebate": usd(self.rebate), "total": usd(self.commission + self.rebate),
        })
    }
}

const DEFAULT_DAYS: i32 = 7;

impl<'a> Known<'a> {
    /// All that was ever forgone.
    fn pieces(self, what: Forgone) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        for (entry, trade) in self.trades() {
            let rated = self.rate(entry, trade);
            let Some(home) = rated.home else { continue };
            let Some((_, registration)) = self.registration(home.invitee) else { continue };
            let Some((code, owner)) = registration.code.as_deref().and_then(|code| Some((code, self.owner(code)?)))
            else {
                continue;
            };
            let piece = |rated: Rated<'a>, dated: Timestamp, reason: &str, is_reversal: bool| Piece {
                rated,
                owner,
                invitee: home.invitee,
                code: code.to_owned(),
                country: registration.country.map_or("ZZ".to_owned(), |country| country.to_string()),
                dated,
                reason: reason.to_owned(),
                is_reversal,
                trades: 1,
                fee: trade.fee_usd.0,
                commission: 0,
                rebate: 0,
            };
            let reversal = rated.reversal;
            match (what, rated.reason, reversal) {
                (Forgone::Clawbacks, _, Some((taken_back, reversal))) if rated.amounts.total != 0 => {
                    let (commission, rebate) = (rated.amounts.commission, rated.amounts.rebate);
                    let piece = piece(rated, taken_back.event.time, &reversal.reason, true);
                    pieces.push(Piece { commission, rebate, ..piece });
                }
                (Forgone::Clawbacks, ..) | (Forgone::Withheld, None, _) => {}
                (Forgone::Withheld, Some(reason), _) => {
                    let (commission, rebate) = self.would_have_given(&rated, owner, home.invitee);
                    let whole =
                        Piece { commission, rebate, ..piece(rated.clone(), entry.event.time, reason.as_str(), false) };
                    let back = reversal.map(|(taken_back, _)| Piece {
                        trades: 0,
                        fee: -whole.fee,
                        commission: -commission,
                        rebate: -rebate,
                        ..piece(rated, taken_back.event.time, reason.as_str(), true)
                    });
                    pieces.push(whole);
                    pieces.extend(back);
                }
            }
        }
        pieces
    }

    /// By the rates in force at the trade, less what it gave.
    fn would_have_given(self, rated: &Rated<'a>, owner: Uid, invitee: Uid) -> (i128, i128) {
        let (group, time, fee) = (rated.trade.product.group(), rated.entry.event.time, rated.trade.fee_usd.0);
        let base = self.base(owner, time).rate(group);
        let agreed = self.agreed(invitee, time).expect("its code is there").rate(group).min(base);
        let share = |rate: schemas::Rate| if fee > 0 { fee * i128::from(rate.0) / 1_000_000 } else { 0 };
        match rated.reason {
            // The invitee has its rebate.
            Some(Reason::Suspended | Reason::RateZero) => (share(base) - share(agreed), 0),
            _ => (share(base) - share(agreed), share(agreed)),
        }
    }

    fn pieces_asked(self, what: Forgone, asked: &ForgoneAsked<'_>) -> Result<(Span, Vec<Piece<'a>>), super::Refusal> {
        let span = Span::asked(asked.from, asked.to, DEFAULT_DAYS, self.now.day())?;
        match asked.uid {
            Some(uid) => self.must_own(uid, asked.code)?,
            None => self.of_everybody(asked.code).map(|_| ())?,
        }
        let holds = |wanted: Option<&str>, has: &str| wanted.is_none_or(|wanted| wanted == has);
        let is_asked = |piece: &Piece<'_>| {
            span.holds(piece.dated)
                && asked.uid.is_none_or(|uid| uid == piece.owner)
                && holds(asked.code, &piece.code)
                && holds(asked.country, &piece.country)
                && holds(asked.reason, &piece.reason)
        };
        Ok((span, self.pieces(what).into_iter().filter(is_asked).collect()))
    }

    /// `GET /v1/withheld`, `GET /v1/clawbacks`.
    pub fn forgone(self, what: Forgone, asked: &ForgoneAsked<'_>, by: &str) -> Answer {
        let (span, pieces) = self.pieces_asked(what, asked)?;
        let key = |piece: &Piece<'_>| match by {
            "referrer" => piece.owner.to_string(),
            "reason" => piece.reason.clone(),
            "code" => piece.code.clone(),
            "country" => piece.country.clone(),
            _ => piece.dated.day().to_string(),
        };
        let keys: BTreeSet<String> = pieces.iter().map(key).collect();
        let of_key = |name: &String| Sums::of(pieces.iter().filter(|piece| key(piece) == *name));
        let mut rows: Vec<(i128, String)> = keys
            .iter()
            .map(|name| {
                let sums = of_key(name);
                (sums.commission + sums.rebate, name.clone())
            })
            .collect();
        match by {
            "day" => rows.reverse(),
            "referrer" => rows.sort_by_key(|(total, name)| (-total, name.parse::<u64>().expect("a uid"))),
            _ => rows.sort_by_key(|(total, name)| (-total, name.clone())),
        }
        let rows = rows.into_iter().map(|(_, name)| with(of_key(&name).shown(), json!({ "key": name }))).collect();
        Ok(self.asked_back(asked, span, rows, json!({ "by": by, "sum": Sums::of(&pieces).shown() })))
    }

    /// `GET /v1/withheld/trades`, `GET /v1/clawbacks/trades`.
    pub fn forgone_trades(self, what: Forgone, asked: &ForgoneAsked<'_>) -> Answer {
        let (span, pieces) = self.pieces_asked(what, asked)?;
        let mut rows: BTreeMap<(i128, Uid, String, String, bool), Value> = BTreeMap::new();
        for piece in &pieces {
            let event = &piece.rated.entry.event;
            let (uid, source, id) = (piece.rated.trade.uid, event.source.to_string(), event.id.to_string());
            let row = json!({
                "trade": { "uid": uid, "source": source, "id": id },
                "position": piece.rated.entry.position,
                "time": event.time,
                "date": piece.dated.day(),
                "product": piece.rated.trade.product,
                "invitee_uid": piece.invitee,
                "referrer_uid": piece.owner,
                "code": piece.code,
                "country": (piece.country != "ZZ").then_some(&piece.country),
                "reason": (what == Forgone::Withheld).then_some(&piece.reason),
                "reversal": piece.rated.reversal.filter(|_| piece.is_reversal).map(|(entry, reversal)| json!({
                    "source": entry.event.source,
                    "id": entry.event.id,
                    "time": entry.event.time,
                    "reason": reversal.reason,
                    "position": entry.position,
                })),
            });
            let total = piece.commission + piece.rebate;
            let sums = with(Sums::of([piece]).shown(), row);
            let sums = {
                let mut sums = sums;
                sums.as_object_mut().map(|row| row.remove("trades"));
                sums
            };
            rows.insert((-total, uid, source, id, piece.is_reversal), sums);
        }
        Ok(self.asked_back(asked, span, rows.into_values().collect(), json!({ "sum": Sums::of(&pieces).shown() })))
    }

    fn asked_back(self, asked: &ForgoneAsked<'_>, span: Span, rows: Vec<Value>, more: Value) -> Value {
        let back = json!({
            "uid": asked.uid, "code": asked.code, "country": asked.country.map(|country| [country]),
            "reason": asked.reason.map(|reason| [reason]),
        });
        with(with(with(self.list(rows), span.shown()), back), more)
    }
}
