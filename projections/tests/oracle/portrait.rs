//! One invitee as the rules see it: its firsts, and what moved its sums, each dated.

use schemas::{KycStatus, ProductGroup, Registration, Timestamp, Uid};

use super::Known;
use super::rating::Rated;

/// A trade, or what takes it back: the amounts of `rated`, `sign` times, dated `time`.
#[derive(Clone, Debug)]
pub(super) struct Movement<'a> {
    pub time: Timestamp,
    pub sign: i128,
    pub rated: Rated<'a>,
}

impl Movement<'_> {
    pub(super) fn is_trade(&self) -> bool {
        self.sign > 0
    }

    pub(super) fn group(&self) -> ProductGroup {
        self.rated.trade.product.group()
    }

    pub(super) fn volume(&self) -> i128 {
        self.sign * self.rated.trade.volume_usd.0
    }

    pub(super) fn fee(&self) -> i128 {
        self.sign * self.rated.trade.fee_usd.0
    }

    pub(super) fn commission(&self) -> i128 {
        self.sign * self.rated.amounts.commission
    }

    pub(super) fn rebate(&self) -> i128 {
        self.sign * self.rated.amounts.rebate
    }
}

/// One invitee.
#[derive(Clone, Debug)]
pub(super) struct Portrait<'a> {
    pub uid: Uid,
    pub registered_at: Timestamp,
    pub registration: &'a Registration<'static>,
    pub verified_at: Option<Timestamp>,
    pub first_deposit_at: Option<Timestamp>,
    /// Of the trades that count, not of those before the registration.
    pub movements: Vec<Movement<'a>>,
}

impl Portrait<'_> {
    /// Its first trade; one taken back stays the first.
    pub(super) fn first_trade_at(&self) -> Option<Timestamp> {
        self.movements.iter().filter(|movement| movement.is_trade()).map(|movement| movement.time).min()
    }

    /// Its first trade of a product group.
    pub(super) fn first_trade_in(&self, group: ProductGroup) -> Option<Timestamp> {
        let trades = self.movements.iter().filter(|movement| movement.is_trade() && movement.group() == group);
        trades.map(|movement| movement.time).min()
    }
}

impl<'a> Known<'a> {
    /// The portrait of a registered major account.
    pub(super) fn portrait(self, invitee: Uid) -> Portrait<'a> {
        let (entry, registration) = self.registration(invitee).expect("an invitee is registered");
        let verified = self.kycs().filter(|(_, data)| data.status == KycStatus::Verified);
        let deposits = self.deposits().filter(|(_, data)| matches!(&*data.channel, "p2p" | "crypto" | "fiat" | "cash"));
        let mut movements = Vec::new();
        for rated in self.trades_of(invitee).into_iter().filter(Rated::counts) {
            let reversal = rated.reversal.map(|(entry, _)| entry.event.time);
            movements.push(Movement { time: rated.entry.event.time, sign: 1, rated: rated.clone() });
            movements.extend(reversal.map(|time| Movement { time, sign: -1, rated }));
        }
        Portrait {
            uid: invitee,
            registered_at: entry.event.time,
            registration,
            verified_at: verified.filter_map(|(entry, data)| self.credited(invitee, data.uid, entry.event.time)).min(),
            first_deposit_at: deposits
                .filter_map(|(entry, data)| self.credited(invitee, data.uid, entry.event.time))
                .min(),
            movements,
        }
    }

    /// When a KYC or deposit of an account counts for an invitee: at its time, but not before the registration.
    fn credited(self, invitee: Uid, account: Uid, time: Timestamp) -> Option<Timestamp> {
        let home = self.home(account).filter(|home| home.invitee == invitee)?;
        Some(time.max(home.registered_at))
    }

    /// The portraits of a referrer's invitees, by uid; of those of one code, if one is given.
    pub(super) fn portraits(self, referrer: Uid, code: Option<&str>) -> Vec<Portrait<'a>> {
        let portraits = self.invitees(referrer).into_iter().map(|invitee| self.portrait(invitee));
        portraits.filter(|portrait| code.is_none() || portrait.registration.code.as_deref() == code).collect()
    }
}
