//! Every trade in the order of the ledger, as explain shows it: its amounts as they stand, the rates in force with the
//! events that set them, why nothing, its postings, the reversal.

mod names;

use projections::query::RatedTrade;
use schemas::Body;

use self::names::Names;
use super::postings::write_account;
use super::{Entry, Source};
use crate::cells::{Asset, Bool, Int64, Money, Name, Nullable, Position, Rate, Required, Text, Time, Word};
use crate::columns::columns;
use crate::error::ExportError;
use crate::lists::{List, Objects};
use crate::sink::Sink;

columns! {
    /// The fields of explain, nested ones joined by `_`.
    TradeColumns of "trades" {
        position: Required<Position>,
        event_specversion: Required<Word>,
        event_type: Required<Word>,
        event_source: Required<Text>,
        event_id: Required<Name>,
        event_time: Required<Time>,
        event_data_uid: Required<Int64>,
        event_data_product: Required<Word>,
        event_data_symbol: Required<Text>,
        event_data_volume_usd: Required<Money>,
        event_data_fee_usd: Required<Money>,
        event_data_fee_asset: Required<Text>,
        event_data_fee_amount: Required<Asset>,
        event_data_vip_level: Required<Int64>,
        account_uid: Required<Int64>,
        invitee_uid: Nullable<Int64>,
        parent_uid: Nullable<Int64>,
        referrer_uid: Nullable<Int64>,
        code: Nullable<Text>,
        base_rate_rate: Nullable<Rate>,
        base_rate_event_source: Nullable<Text>,
        base_rate_event_id: Nullable<Text>,
        base_rate_event_type: Nullable<Word>,
        base_rate_event_time: Nullable<Time>,
        base_rate_event_position: Nullable<Int64>,
        rebate_rate_rate: Nullable<Rate>,
        rebate_rate_event_source: Nullable<Text>,
        rebate_rate_event_id: Nullable<Text>,
        rebate_rate_event_type: Nullable<Word>,
        rebate_rate_event_time: Nullable<Time>,
        rebate_rate_event_position: Nullable<Int64>,
        eligible: Required<Bool>,
        reason: Nullable<Word>,
        total: Required<Money>,
        commission: Required<Money>,
        rebate: Required<Money>,
        postings: List<TradePostingColumns>,
        reversal_source: Nullable<Text>,
        reversal_id: Nullable<Name>,
        reversal_time: Nullable<Time>,
        reversal_reason: Nullable<Text>,
        reversal_position: Nullable<Position>,
    }
}

columns! {
    /// A posting as explain shows it.
    TradePostingColumns of "postings" {
        position: Required<Position>,
        account: Required<Text>,
        side: Required<Word>,
        amount: Required<Money>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, TradeColumns>) -> Result<(), ExportError> {
    let view = source.view;
    let mut names = Names::default();
    // What takes long and is often not wanted.
    let wants_postings = source.wants(&["postings"]);
    let wants_reversal =
        source.wants(&["reversal_source", "reversal_id", "reversal_time", "reversal_reason", "reversal_position"]);
    source.each_entry(sink, |entry, sink| {
        let Some(rated) = view.rated_trade(entry.position, &entry.event) else { return Ok(()) };
        if source.filter.uid.is_some() && source.filter.uid != rated.referrer_uid {
            return Ok(());
        }
        names.learn(rated.base_rate, view.reader)?;
        names.learn(rated.rebate_rate, view.reader)?;
        let reversal =
            rated.reversed_by.filter(|_| wants_reversal).map(|position| view.reader.event(position)).transpose()?;
        sink.row(|row, at| {
            fill_event(row, entry);
            fill_rating(row, at, &rated, &names);
            row.postings.push(|postings| {
                if wants_postings {
                    add_postings(source, &rated, entry, postings);
                }
            });
            let (Some(event), Some(position)) = (&reversal, rated.reversed_by) else { return };
            row.reversal_source.push(at, &event.source);
            row.reversal_id.push(at, &event.id);
            row.reversal_time.push(at, event.time);
            if let Body::Reversal(reversal) = &event.body {
                row.reversal_reason.push(at, &reversal.reason);
            }
            row.reversal_position.push(at, position);
        })
    })
}

fn fill_event(row: &mut TradeColumns, entry: &Entry<'_>) {
    let event = &entry.event;
    row.position.push(entry.position);
    row.event_specversion.push(schemas::json::SPECVERSION_TEXT);
    row.event_type.push(event.event_type().name());
    row.event_source.push(&event.source);
    row.event_id.push(&event.id);
    row.event_time.push(event.time);
    // Only trades are rated.
    let Body::Trade(trade) = &event.body else { return };
    row.event_data_uid.push(trade.uid.0);
    row.event_data_product.push(trade.product.as_str());
    row.event_data_symbol.push(&trade.symbol);
    row.event_data_volume_usd.push(trade.volume_usd);
    row.event_data_fee_usd.push(trade.fee_usd);
    row.event_data_fee_asset.push(&trade.fee_asset);
    row.event_data_fee_amount.push(trade.fee_amount);
    row.event_data_vip_level.push(trade.vip_level.into());
    row.account_uid.push(trade.uid.0);
}

fn fill_rating(row: &mut TradeColumns, at: usize, rated: &RatedTrade<'_>, names: &Names) {
    row.invitee_uid.push_if(at, rated.invitee_uid.map(|uid| uid.0));
    row.parent_uid.push_if(at, rated.parent_uid.map(|uid| uid.0));
    row.referrer_uid.push_if(at, rated.referrer_uid.map(|uid| uid.0));
    row.code.push_if(at, rated.code);
    row.base_rate_rate.push_if(at, rated.base_rate.map(|set| set.rate));
    if let Some((position, event)) = names.of(rated.base_rate) {
        row.base_rate_event_source.push(at, &event.source);
        row.base_rate_event_id.push(at, &event.id);
        row.base_rate_event_type.push(at, event.event_type);
        row.base_rate_event_time.push(at, event.time);
        row.base_rate_event_position.push(at, position);
    }
    row.rebate_rate_rate.push_if(at, rated.rebate_rate.map(|set| set.rate));
    if let Some((position, event)) = names.of(rated.rebate_rate) {
        row.rebate_rate_event_source.push(at, &event.source);
        row.rebate_rate_event_id.push(at, &event.id);
        row.rebate_rate_event_type.push(at, event.event_type);
        row.rebate_rate_event_time.push(at, event.time);
        row.rebate_rate_event_position.push(at, position);
    }
    row.eligible.push(rated.eligible);
    row.reason.push_if(at, rated.reason.map(|reason| reason.as_str()));
    row.total.push(rated.total());
    row.commission.push(rated.commission);
    row.rebate.push(rated.rebate);
}

fn add_postings(
    source: &Source<'_>,
    rated: &RatedTrade<'_>,
    entry: &Entry<'_>,
    postings: &mut Objects<'_, TradePostingColumns>,
) {
    source.view.each_posting_of(rated, &entry.event, &mut |made| {
        postings.add(|posting| {
            posting.position.push(made.position);
            posting.account.push_with(|out| write_account(made.account, out));
            posting.side.push(made.side.as_str());
            posting.amount.push(made.amount);
        });
    });
}
