//! Events that borrow from nothing.

use std::borrow::Cow;

use super::{
    Application, Body, Campaign, Code, Deposit, Event, Join, Note, Offer, Registration, Reversal, Tier, Trade,
};

fn own(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

impl Event<'_> {
    /// The same event, borrowing from nothing.
    #[must_use]
    pub fn into_owned(self) -> Event<'static> {
        Event { source: own(self.source), id: own(self.id), time: self.time, body: self.body.into_owned() }
    }
}

impl Body<'_> {
    /// The same body, borrowing from nothing.
    #[must_use]
    pub fn into_owned(self) -> Body<'static> {
        match self {
            Body::Registration(data) => Body::Registration(Registration {
                uid: data.uid,
                account_type: data.account_type,
                country: data.country,
                code: data.code.map(own),
                relationship: data.relationship,
                parent_uid: data.parent_uid,
            }),
            Body::Kyc(data) => Body::Kyc(data),
            Body::Deposit(data) => Body::Deposit(Deposit {
                uid: data.uid,
                channel: own(data.channel),
                asset: own(data.asset),
                amount: data.amount,
                amount_usd: data.amount_usd,
            }),
            Body::Trade(data) => Body::Trade(Trade {
                uid: data.uid,
                product: data.product,
                symbol: own(data.symbol),
                volume_usd: data.volume_usd,
                fee_usd: data.fee_usd,
                fee_asset: own(data.fee_asset),
                fee_amount: data.fee_amount,
                vip_level: data.vip_level,
            }),
            Body::Reversal(data) => Body::Reversal(Reversal {
                uid: data.uid,
                trade_source: own(data.trade_source),
                trade_id: own(data.trade_id),
                reason: own(data.reason),
            }),
            Body::Vip(data) => Body::Vip(data),
            Body::Affiliate(data) => Body::Affiliate(data),
            Body::Code(data) => Body::Code(Code {
                code: own(data.code),
                owner_uid: data.owner_uid,
                spot_rebate_rate: data.spot_rebate_rate,
                futures_rebate_rate: data.futures_rebate_rate,
                note: own(data.note),
                is_default: data.is_default,
            }),
            Body::Rebate(data) => Body::Rebate(data),
            Body::Note(data) => Body::Note(Note { uid: data.uid, note: own(data.note) }),
            Body::Program(data) => Body::Program(data),
            Body::Offer(data) => Body::Offer(Offer {
                id: own(data.id),
                kind: data.kind,
                title: own(data.title),
                url: own(data.url),
                period: data.period,
                starts: data.starts,
                ends: data.ends,
                affiliates_only: data.affiliates_only,
                tiers: data
                    .tiers
                    .into_iter()
                    .map(|tier| Tier { name: own(tier.name), reward: own(tier.reward), all: tier.all })
                    .collect(),
            }),
            Body::Campaign(data) => Body::Campaign(Campaign {
                id: own(data.id),
                visibility: data.visibility,
                title: own(data.title),
                description: own(data.description),
                url: own(data.url),
                starts: data.starts,
                ends: data.ends,
            }),
            Body::Join(data) => Body::Join(Join { uid: data.uid, campaign_id: own(data.campaign_id) }),
            Body::Application(data) => Body::Application(Application { uid: data.uid, message: own(data.message) }),
        }
    }
}
