//! Writes single events down: gives each its source and id. What history and live stream have in common.

use std::borrow::Cow;

use schemas::{
    Application, AssetAmount, Body, Code, Decimal, Deposit, Event, Join, Kyc, KycStatus, Note, Product, Rate, Rebate,
    Registration, Reversal, Timestamp, Trade, Uid, Usd, Vip,
};

use crate::dice::Dice;
use crate::ids::Ids;
use crate::market::{DEPOSIT_ASSETS, amount_of, draw_trade};
use crate::population::account::{Account, Pace};
use crate::texts;

/// Gives identities, and draws what the population leaves open.
pub(crate) struct Scribe {
    pub(crate) ids: Ids,
    pub(crate) dice: Dice,
}

/// How people pay in; what `other` stands for is no deposit in the contract's sense.
const CHANNELS: [(u32, &str); 8] = [
    (22, "p2p"),
    (44, "crypto"),
    (16, "fiat"),
    (4, "cash"),
    (6, "card"),
    (4, "internal"),
    (3, "airdrop"),
    (1, "Crypto"),
];

impl Scribe {
    pub(crate) fn event(
        &mut self,
        source: &'static str,
        prefix: &str,
        time: Timestamp,
        body: Body<'static>,
    ) -> Event<'static> {
        let id = self.ids.prefixed(prefix, &mut self.dice);
        Event { source: Cow::Borrowed(source), id: Cow::Owned(id), time, body }
    }

    pub(crate) fn registration(&mut self, account: &Account, code: Option<String>) -> Event<'static> {
        let data = Registration {
            uid: account.uid,
            account_type: account.kind,
            country: account.country,
            code: code.map(Cow::Owned),
            relationship: account.relationship,
            parent_uid: account.parent,
        };
        self.event("/accounts", "reg-", account.registered, Body::Registration(data))
    }

    pub(crate) fn kyc(&mut self, uid: Uid, status: KycStatus, time: Timestamp) -> Event<'static> {
        self.event("/identity", "kyc-", time, Body::Kyc(Kyc { uid, status }))
    }

    pub(crate) fn deposit(&mut self, uid: Uid, pace: Pace, time: Timestamp) -> Event<'static> {
        let channel = self.dice.weighted(&CHANNELS);
        let asset = *self.dice.pick(&DEPOSIT_ASSETS);
        let least: u32 = match pace {
            Pace::Whale => 2_000_000,
            Pace::Heavy => 100_000,
            Pace::Regular => 5_000,
            Pace::Casual => 1_000,
        };
        let unit = least << self.dice.below(6);
        let cents = if channel == "airdrop" { 0 } else { i64::from(unit) + i64::from(self.dice.below(unit)) };
        let mut amount = amount_of(cents * 1_000_000, asset);
        // Chains count in up to 18 decimals.
        if channel == "crypto"
            && self.dice.below(8) == 0
            && (1..1_000_000_000_000).contains(&amount.decimal().mantissa())
        {
            let least = Decimal::new(1, AssetAmount::DECIMALS_MAX);
            // Twelve digits and what stands before eighteen decimals are no more than an event may hold.
            amount = AssetAmount::of(amount.decimal() + least).unwrap_or(amount);
        }
        let data = Deposit {
            uid,
            channel: Cow::Borrowed(channel),
            asset: Cow::Borrowed(asset.name),
            amount,
            amount_usd: Usd(i128::from(cents) * 1_000_000),
        };
        let source = if channel == "p2p" { "/p2p" } else { "/wallet" };
        self.event(source, "d-", time, Body::Deposit(data))
    }

    pub(crate) fn trade(&mut self, uid: Uid, pace: Pace, vip_level: u8, time: Timestamp) -> Event<'static> {
        let data = draw_trade(uid, pace, vip_level, &mut self.dice);
        let (source, id) = match data.product {
            Product::Spot => ("/exchange/spot", self.ids.decimal(&mut self.dice)),
            Product::Margin => ("/exchange/margin", self.ids.decimal(&mut self.dice)),
            Product::Futures => ("/exchange/futures", self.ids.hexadecimal(&mut self.dice)),
        };
        Event { source: Cow::Borrowed(source), id: Cow::Owned(id), time, body: Body::Trade(data) }
    }

    /// The other side of an execution: another account's trade under the same source, id and time.
    pub(crate) fn other_side(&mut self, trade: &Event<'static>, uid: Uid, vip_level: u8) -> Option<Event<'static>> {
        let Body::Trade(data) = &trade.body else { return None };
        let data = Trade { uid, vip_level, ..data.clone() };
        Some(Event { body: Body::Trade(data), ..trade.clone() })
    }

    pub(crate) fn reversal(&mut self, trade: &Event<'static>, time: Timestamp) -> Option<Event<'static>> {
        let Body::Trade(data) = &trade.body else { return None };
        Some(self.reversal_of(data.uid, trade.source.clone(), trade.id.clone(), time))
    }

    /// A reversal of a trade that does not exist.
    pub(crate) fn orphan_reversal(&mut self, uid: Uid, time: Timestamp) -> Event<'static> {
        let id = format!("lost-{}", self.dice.below(1_000_000));
        self.reversal_of(uid, Cow::Borrowed("/exchange/spot"), Cow::Owned(id), time)
    }

    fn reversal_of(
        &mut self,
        uid: Uid,
        source: Cow<'static, str>,
        id: Cow<'static, str>,
        time: Timestamp,
    ) -> Event<'static> {
        let reason = Cow::Borrowed(*self.dice.pick(&texts::REVERSAL_REASONS));
        let data = Reversal { uid, trade_source: source, trade_id: id, reason };
        self.event("/risk", "rev-", time, Body::Reversal(data))
    }

    pub(crate) fn vip(&mut self, uid: Uid, vip_level: u8, time: Timestamp) -> Event<'static> {
        self.event("/accounts", "vip-", time, Body::Vip(Vip { uid, vip_level }))
    }

    pub(crate) fn note(&mut self, uid: Uid, time: Timestamp) -> Event<'static> {
        let note = Cow::Borrowed(*self.dice.pick(&texts::NOTES));
        self.event("/referral", "n-", time, Body::Note(Note { uid, note }))
    }

    pub(crate) fn rebate(&mut self, uid: Uid, rates: (Rate, Rate), time: Timestamp) -> Event<'static> {
        let data = Rebate { uid, spot_rebate_rate: rates.0, futures_rebate_rate: rates.1 };
        self.event("/referral", "rb-", time, Body::Rebate(data))
    }

    pub(crate) fn code(&mut self, data: Code<'static>, time: Timestamp) -> Event<'static> {
        self.event("/referral", "c-", time, Body::Code(data))
    }

    pub(crate) fn join(&mut self, uid: Uid, campaign_id: &'static str, time: Timestamp) -> Event<'static> {
        let data = Join { uid, campaign_id: Cow::Borrowed(campaign_id) };
        self.event("/referral", "j-", time, Body::Join(data))
    }

    pub(crate) fn application(&mut self, uid: Uid, time: Timestamp) -> Event<'static> {
        let message = Cow::Borrowed(*self.dice.pick(&texts::APPLICATIONS));
        self.event("/referral", "ap-", time, Body::Application(Application { uid, message }))
    }
}
