//! Every entry in the order of the ledger: position, when it was recorded, the event's attributes, and one column a
//! field of `data`, over all types of event.

mod data;

use super::Source;
use crate::cells::{
    Asset, Bool, Date, Int64, Money, Name, Nullable, Position, Rate, Required, Target, Text, Time, Word,
};
use crate::columns::columns;
use crate::error::ExportError;
use crate::lists::{List, NullableList};
use crate::sink::Sink;

columns! {
    /// The fields of `data` in the order in which the contract first names each.
    EntryColumns of "entries" {
        position: Required<Position>,
        recorded_at: Required<Time>,
        event_specversion: Required<Word>,
        event_type: Required<Word>,
        event_source: Required<Text>,
        event_id: Required<Name>,
        event_time: Required<Time>,
        event_data_uid: Nullable<Int64>,
        event_data_account_type: Nullable<Word>,
        event_data_country: Nullable<Text>,
        event_data_code: Nullable<Text>,
        event_data_relationship: Nullable<Word>,
        event_data_parent_uid: Nullable<Int64>,
        event_data_status: Nullable<Word>,
        event_data_channel: Nullable<Text>,
        event_data_asset: Nullable<Text>,
        event_data_amount: Nullable<Asset>,
        event_data_amount_usd: Nullable<Money>,
        event_data_product: Nullable<Word>,
        event_data_symbol: Nullable<Text>,
        event_data_volume_usd: Nullable<Money>,
        event_data_fee_usd: Nullable<Money>,
        event_data_fee_asset: Nullable<Text>,
        event_data_fee_amount: Nullable<Asset>,
        event_data_vip_level: Nullable<Int64>,
        event_data_trade_source: Nullable<Text>,
        event_data_trade_id: Nullable<Name>,
        event_data_reason: Nullable<Text>,
        event_data_spot_rate: Nullable<Rate>,
        event_data_futures_rate: Nullable<Rate>,
        event_data_futures_window_days: Nullable<Int64>,
        event_data_owner_uid: Nullable<Int64>,
        event_data_spot_rebate_rate: Nullable<Rate>,
        event_data_futures_rebate_rate: Nullable<Rate>,
        event_data_note: Nullable<Text>,
        event_data_is_default: Nullable<Bool>,
        event_data_default_spot_rate: Nullable<Rate>,
        event_data_default_futures_rate: Nullable<Rate>,
        event_data_default_futures_window_days: Nullable<Int64>,
        event_data_spot_vip_max: Nullable<Int64>,
        event_data_futures_vip_max: Nullable<Int64>,
        event_data_id: Nullable<Text>,
        event_data_kind: Nullable<Word>,
        event_data_title: Nullable<Text>,
        event_data_url: Nullable<Text>,
        event_data_period: Nullable<Word>,
        event_data_starts: Nullable<Date>,
        event_data_ends: Nullable<Date>,
        event_data_affiliates_only: Nullable<Bool>,
        event_data_tiers: NullableList<TierColumns>,
        event_data_visibility: Nullable<Word>,
        event_data_description: Nullable<Text>,
        event_data_campaign_id: Nullable<Text>,
        event_data_message: Nullable<Text>,
    }
}

columns! {
    /// A tier of an offer.
    TierColumns of "tiers" {
        name: Required<Text>,
        reward: Required<Text>,
        all: List<ConditionColumns>,
    }
}

columns! {
    /// A condition of a tier.
    ConditionColumns of "conditions" {
        metric: Required<Word>,
        at_least: Required<Target>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, EntryColumns>) -> Result<(), ExportError> {
    source.each_entry(sink, |entry, sink| {
        sink.row(|row, at| {
            let event = &entry.event;
            row.position.push(entry.position);
            row.recorded_at.push(entry.recorded_at);
            row.event_specversion.push(schemas::json::SPECVERSION_TEXT);
            row.event_type.push(event.event_type().name());
            row.event_source.push(&event.source);
            row.event_id.push(&event.id);
            row.event_time.push(event.time);
            data::fill(row, at, event);
        })
    })
}
