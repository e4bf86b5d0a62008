//! Every record of rewards, of both kinds, with both who are in it: by referrer, invitee, day, product and kind.

use super::Source;
use crate::cells::{Date, Int64, Money, Required, Word};
use crate::columns::columns;
use crate::error::ExportError;
use crate::sink::Sink;

columns! {
    /// The fields of rewards.
    RewardColumns of "rewards" {
        referrer_uid: Required<Int64>,
        invitee_uid: Required<Int64>,
        date: Required<Date>,
        kind: Required<Word>,
        product: Required<Word>,
        trades: Required<Int64>,
        fee_usd: Required<Money>,
        amount: Required<Money>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, RewardColumns>) -> Result<(), ExportError> {
    let range = source.filter.range()?;
    source.each_referrer(sink, |referrer, sink| {
        source.view.each_reward::<ExportError>(referrer, range, &mut |record| {
            sink.row(|row, _| {
                row.referrer_uid.push(referrer.0);
                row.invitee_uid.push(record.invitee_uid.0);
                row.date.push(record.date);
                row.kind.push(record.kind.as_str());
                row.product.push(record.product.as_str());
                row.trades.push(record.trades);
                row.fee_usd.push(record.fee_usd);
                row.amount.push(record.amount);
            })
        })
    })
}
