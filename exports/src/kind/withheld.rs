//! Every trade that something was withheld of, for one reason, and every reversal of one, as `GET /v1/withheld/trades` shows
//! them: by referrer, invitee, then in the order of the ledger, each trade before what takes it back.

use projections::views::ForgoneTrade;

use super::Source;
use crate::cells::{Date, Int64, Money, Name, Nullable, Required, Text, Time, Word};
use crate::columns::columns;
use crate::error::ExportError;
use crate::sink::Sink;

columns! {
    /// The fields of a trade that something was withheld of, nested ones joined by `_`.
    WithheldColumns of "withheld" {
        trade_uid: Required<Int64>,
        trade_source: Required<Text>,
        trade_id: Required<Name>,
        position: Required<Int64>,
        time: Required<Time>,
        date: Required<Date>,
        product: Required<Word>,
        invitee_uid: Required<Int64>,
        referrer_uid: Required<Int64>,
        code: Required<Text>,
        country: Nullable<Text>,
        reason: Required<Word>,
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

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, WithheldColumns>) -> Result<(), ExportError> {
    let range = source.filter.range()?;
    source.each_referrer(sink, |referrer, sink| {
        source.view.each_withheld_trade::<ExportError>(referrer, range, &mut |withheld| {
            sink.row(|row, at| fill(row, at, &withheld))
        })
    })
}

fn fill(row: &mut WithheldColumns, at: usize, withheld: &ForgoneTrade) {
    row.trade_uid.push(withheld.trade.uid.0);
    row.trade_source.push(&withheld.trade.source);
    row.trade_id.push(&withheld.trade.id);
    row.position.push(withheld.position);
    row.time.push(withheld.time);
    row.date.push(withheld.date);
    row.product.push(withheld.product.as_str());
    row.invitee_uid.push(withheld.invitee_uid.0);
    row.referrer_uid.push(withheld.referrer_uid.0);
    row.code.push(&withheld.code);
    row.country.push_if(at, withheld.country.as_ref().map(schemas::Country::as_str));
    // Each has one.
    row.reason.push(withheld.reason.map_or("", |why| why.as_str()));
    row.fee_usd.push(withheld.sum.fee_usd);
    row.commission.push(withheld.sum.commission);
    row.rebate.push(withheld.sum.rebate);
    row.total.push(withheld.sum.total());
    if let Some(reversal) = &withheld.reversal {
        row.reversal_source.push(at, &reversal.source);
        row.reversal_id.push(at, &reversal.id);
        row.reversal_time.push(at, reversal.time);
        row.reversal_reason.push(at, &reversal.reason);
        row.reversal_position.push(at, reversal.position);
    }
}
