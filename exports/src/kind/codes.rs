//! Every code in force, with whose it is: by referrer, then code.

use super::Source;
use crate::cells::{Bool, Int64, Money, Rate, Required, Text, Time};
use crate::columns::columns;
use crate::error::ExportError;
use crate::sink::Sink;

columns! {
    /// The fields of the list of codes.
    CodeColumns of "codes" {
        referrer_uid: Required<Int64>,
        code: Required<Text>,
        created_at: Required<Time>,
        referrals: Required<Int64>,
        commission: Required<Money>,
        spot_rate: Required<Rate>,
        futures_rate: Required<Rate>,
        spot_rebate_rate: Required<Rate>,
        futures_rebate_rate: Required<Rate>,
        note: Required<Text>,
        is_default: Required<Bool>,
        link: Required<Text>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, CodeColumns>) -> Result<(), ExportError> {
    let range = source.filter.range()?;
    source.each_referrer(sink, |referrer, sink| {
        source.view.each_code::<ExportError>(referrer, range, &mut |code| {
            sink.row(|row, _| {
                row.referrer_uid.push(referrer.0);
                row.code.push(&code.code);
                row.created_at.push(code.created_at);
                row.referrals.push(code.referrals);
                row.commission.push(code.commission);
                row.spot_rate.push(code.spot_rate);
                row.futures_rate.push(code.futures_rate);
                row.spot_rebate_rate.push(code.spot_rebate_rate);
                row.futures_rebate_rate.push(code.futures_rebate_rate);
                row.note.push(&code.note);
                row.is_default.push(code.is_default);
                row.link.push(&code.link);
            })
        })
    })
}
