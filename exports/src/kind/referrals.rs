//! Every invitee as the referral list shows it, with whose it is: by referrer, then invitee.

use super::Source;
use crate::cells::{Int64, Money, Nullable, Rate, Required, Text, Time};
use crate::columns::columns;
use crate::error::ExportError;
use crate::sink::Sink;

columns! {
    /// The fields of the referral list.
    ReferralColumns of "referrals" {
        referrer_uid: Required<Int64>,
        invitee_uid: Required<Int64>,
        uid: Required<Int64>,
        registered_at: Required<Time>,
        code: Required<Text>,
        country: Nullable<Text>,
        verified_at: Nullable<Time>,
        first_deposit_at: Nullable<Time>,
        first_trade_at: Nullable<Time>,
        commission: Required<Money>,
        rebate: Required<Money>,
        volume: Required<Money>,
        vip_level: Required<Int64>,
        commission_type: Required<Text>,
        spot_rebate_rate: Required<Rate>,
        futures_rebate_rate: Required<Rate>,
        note: Required<Text>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, ReferralColumns>) -> Result<(), ExportError> {
    let range = source.filter.range()?;
    source.each_referrer(sink, |referrer, sink| {
        source.view.each_referral::<ExportError>(referrer, range, &mut |referral| {
            sink.row(|row, at| {
                row.referrer_uid.push(referrer.0);
                row.invitee_uid.push(referral.uid.0);
                row.uid.push(referral.uid.0);
                row.registered_at.push(referral.registered_at);
                row.code.push(&referral.code);
                row.country.push_if(at, referral.country.as_ref().map(schemas::Country::as_str));
                row.verified_at.push_if(at, referral.verified_at);
                row.first_deposit_at.push_if(at, referral.first_deposit_at);
                row.first_trade_at.push_if(at, referral.first_trade_at);
                row.commission.push(referral.commission);
                row.rebate.push(referral.rebate);
                row.volume.push(referral.volume);
                row.vip_level.push(referral.vip_level.into());
                row.commission_type.push(referral.commission_type.as_str());
                row.spot_rebate_rate.push(referral.spot_rebate_rate);
                row.futures_rebate_rate.push(referral.futures_rebate_rate);
                row.note.push(&referral.note);
            })
        })
    })
}
