//! Every trade that a reversal took something back of, with the reversal, as `GET /v1/clawbacks/trades` shows them, without
//! `reason`, which they have none of: in the order of the trades in the ledger.

use projections::views::ForgoneTrade;

use super::Source;
use crate::cells::{Date, Int64, Money, Name, Nullable, Position, Required, Text, Time, Word};
use crate::columns::columns;
use crate::error::ExportError;
use crate::sink::Sink;

columns! {
    /// The fields of a trade that was taken back, nested ones joined by `_`.
    ClawbackColumns of "clawbacks" {
        trade_uid: Required<Int64>,
        trade_source: Required<Text>,
        trade_id: Required<Name>,
        position: Required<Position>,
        time: Required<Time>,
        date: Required<Date>,
        product: Required<Word>,
        invitee_uid: Required<Int64>,
        referrer_uid: Required<Int64>,
        code: Required<Text>,
        country: Nullable<Text>,
        fee_usd: Required<Money>,
        commission: Required<Money>,
        rebate: Required<Money>,
        total: Required<Money>,
        reversal_source: Nullable<Text>,
        reversal_id: Nullable<Name>,
        reversal_time: Nullable<Time>,
        reversal_reason: Nullable<Text>,
        reversal_position: Nullable<Int64>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, ClawbackColumns>) -> Result<(), ExportError> {
    let range = source.filter.range()?;
    source.view.each_clawback_trade::<ExportError>(source.filter.uid, range, &mut |position, clawback| {
        sink.progress(position)?;
        clawback.map_or(Ok(()), |clawback| sink.row(|row, at| fill(row, at, &clawback)))
    })
}

fn fill(row: &mut ClawbackColumns, at: usize, clawback: &ForgoneTrade) {
    row.trade_uid.push(clawback.trade.uid.0);
    row.trade_source.push(&clawback.trade.source);
    row.trade_id.push(&clawback.trade.id);
    row.position.push(clawback.position);
    row.time.push(clawback.time);
    row.date.push(clawback.date);
    row.product.push(clawback.product.as_str());
    row.invitee_uid.push(clawback.invitee_uid.0);
    row.referrer_uid.push(clawback.referrer_uid.0);
    row.code.push(&clawback.code);
    row.country.push_if(at, clawback.country.as_ref().map(schemas::Country::as_str));
    row.fee_usd.push(clawback.sum.fee_usd);
    row.commission.push(clawback.sum.commission);
    row.rebate.push(clawback.sum.rebate);
    row.total.push(clawback.sum.total());
    if let Some(reversal) = &clawback.reversal {
        row.reversal_source.push(at, &reversal.source);
        row.reversal_id.push(at, &reversal.id);
        row.reversal_time.push(at, reversal.time);
        row.reversal_reason.push(at, &reversal.reason);
        row.reversal_position.push(at, reversal.position);
    }
}
