//! The fields of `data`, each in its column, with its default where it was left out.

use schemas::{Body, Event, Offer, Registration, Trade};

use super::EntryColumns;

/// Fills the columns of the event's fields; all others stay without a cell in this row.
pub(super) fn fill(row: &mut EntryColumns, at: usize, event: &Event<'_>) {
    match &event.body {
        Body::Registration(data) => fill_registration(row, at, data),
        Body::Kyc(data) => {
            row.event_data_uid.push(at, data.uid.0);
            row.event_data_status.push(at, data.status.as_str());
        }
        Body::Deposit(data) => {
            row.event_data_uid.push(at, data.uid.0);
            row.event_data_channel.push(at, &data.channel);
            row.event_data_asset.push(at, &data.asset);
            row.event_data_amount.push(at, data.amount);
            row.event_data_amount_usd.push(at, data.amount_usd);
        }
        Body::Trade(data) => fill_trade(row, at, data),
        Body::Reversal(data) => {
            row.event_data_uid.push(at, data.uid.0);
            row.event_data_trade_source.push(at, &data.trade_source);
            row.event_data_trade_id.push(at, &data.trade_id);
            row.event_data_reason.push(at, &data.reason);
        }
        Body::Vip(data) => {
            row.event_data_uid.push(at, data.uid.0);
            row.event_data_vip_level.push(at, data.vip_level.into());
        }
        Body::Affiliate(data) => {
            row.event_data_uid.push(at, data.uid.0);
            row.event_data_status.push(at, data.status.as_str());
            row.event_data_spot_rate.push(at, data.spot_rate);
            row.event_data_futures_rate.push(at, data.futures_rate);
            row.event_data_futures_window_days.push_if(at, data.futures_window_days.map(u64::from));
        }
        Body::Code(data) => {
            row.event_data_code.push(at, &data.code);
            row.event_data_owner_uid.push(at, data.owner_uid.0);
            row.event_data_spot_rebate_rate.push(at, data.spot_rebate_rate);
            row.event_data_futures_rebate_rate.push(at, data.futures_rebate_rate);
            row.event_data_note.push(at, &data.note);
            row.event_data_is_default.push(at, data.is_default);
        }
        Body::Rebate(data) => {
            row.event_data_uid.push(at, data.uid.0);
            row.event_data_spot_rebate_rate.push(at, data.spot_rebate_rate);
            row.event_data_futures_rebate_rate.push(at, data.futures_rebate_rate);
        }
        Body::Note(data) => {
            row.event_data_uid.push(at, data.uid.0);
            row.event_data_note.push(at, &data.note);
        }
        Body::Program(data) => {
            row.event_data_default_spot_rate.push(at, data.default_spot_rate);
            row.event_data_default_futures_rate.push(at, data.default_futures_rate);
            row.event_data_default_futures_window_days.push_if(at, data.default_futures_window_days.map(u64::from));
            row.event_data_spot_vip_max.push(at, data.spot_vip_max.into());
            row.event_data_futures_vip_max.push(at, data.futures_vip_max.into());
        }
        Body::Offer(data) => fill_offer(row, at, data),
        Body::Campaign(data) => {
            row.event_data_id.push(at, &data.id);
            row.event_data_visibility.push(at, data.visibility.as_str());
            row.event_data_title.push(at, &data.title);
            row.event_data_description.push(at, &data.description);
            row.event_data_url.push(at, &data.url);
            row.event_data_starts.push(at, data.starts);
            row.event_data_ends.push(at, data.ends);
        }
        Body::Join(data) => {
            row.event_data_uid.push(at, data.uid.0);
            row.event_data_campaign_id.push(at, &data.campaign_id);
        }
        Body::Application(data) => {
            row.event_data_uid.push(at, data.uid.0);
            row.event_data_message.push(at, &data.message);
        }
    }
}

fn fill_registration(row: &mut EntryColumns, at: usize, data: &Registration<'_>) {
    row.event_data_uid.push(at, data.uid.0);
    row.event_data_account_type.push(at, data.account_type.as_str());
    row.event_data_country.push_if(at, data.country.as_ref().map(schemas::Country::as_str));
    row.event_data_code.push_if(at, data.code.as_deref());
    row.event_data_relationship.push(at, data.relationship.as_str());
    row.event_data_parent_uid.push_if(at, data.parent_uid.map(|uid| uid.0));
}

fn fill_trade(row: &mut EntryColumns, at: usize, data: &Trade<'_>) {
    row.event_data_uid.push(at, data.uid.0);
    row.event_data_product.push(at, data.product.as_str());
    row.event_data_symbol.push(at, &data.symbol);
    row.event_data_volume_usd.push(at, data.volume_usd);
    row.event_data_fee_usd.push(at, data.fee_usd);
    row.event_data_fee_asset.push(at, &data.fee_asset);
    row.event_data_fee_amount.push(at, data.fee_amount);
    row.event_data_vip_level.push(at, data.vip_level.into());
}

fn fill_offer(row: &mut EntryColumns, at: usize, data: &Offer<'_>) {
    row.event_data_id.push(at, &data.id);
    row.event_data_kind.push(at, data.kind.as_str());
    row.event_data_title.push(at, &data.title);
    row.event_data_url.push(at, &data.url);
    row.event_data_period.push(at, data.period.as_str());
    row.event_data_starts.push_if(at, data.starts);
    row.event_data_ends.push_if(at, data.ends);
    row.event_data_affiliates_only.push(at, data.affiliates_only);
    row.event_data_tiers.push(at, |tiers| {
        for tier in &data.tiers {
            tiers.add(|row| {
                row.name.push(&tier.name);
                row.reward.push(&tier.reward);
                row.all.push(|conditions| {
                    for condition in &tier.all {
                        conditions.add(|row| {
                            row.metric.push(condition.metric.as_str());
                            row.at_least.push(condition.at_least);
                        });
                    }
                });
            });
        }
    });
}
