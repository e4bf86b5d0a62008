//! Every day of a referrer: by referrer, code, country (the unknown last), day and product.

use super::Source;
use crate::cells::{Date, Int64, Money, Nullable, Required, Text, Word};
use crate::columns::columns;
use crate::error::ExportError;
use crate::sink::Sink;

columns! {
    /// What came of a day's trades and reversals.
    DailyColumns of "daily" {
        referrer_uid: Required<Int64>,
        code: Required<Text>,
        country: Nullable<Text>,
        date: Required<Date>,
        product: Required<Word>,
        trades: Required<Int64>,
        fee_usd: Required<Money>,
        volume: Required<Money>,
        commission: Required<Money>,
        rebate: Required<Money>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, DailyColumns>) -> Result<(), ExportError> {
    let range = source.filter.range()?;
    source.each_referrer(sink, |referrer, sink| {
        source.view.each_day::<ExportError>(referrer, range, &mut |day| {
            sink.row(|row, at| {
                row.referrer_uid.push(referrer.0);
                row.code.push(day.code);
                row.country.push_if(at, day.country.as_ref().map(schemas::Country::as_str));
                row.date.push(day.date);
                row.product.push(day.product.as_str());
                row.trades.push(day.trades);
                row.fee_usd.push(day.fee_usd);
                row.volume.push(day.volume);
                row.commission.push(day.commission);
                row.rebate.push(day.rebate);
            })
        })
    })
}
