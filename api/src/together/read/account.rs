//! Answers about a referrer's standing, and about what it can join.

use projections::query::CodeSplit;
use projections::views::{Account, CampaignRow, List, Standing, StandingEvent};
use schemas::{Timestamp, Visibility};

use super::{Fields, Read};

/// The answer of `GET /v1/account`. Where its events stand is not told: they are counted from 1 on.
pub(crate) fn account(mut fields: Fields) -> Read<Account> {
    let mut history = fields.rows("history", standing_event)?;
    for (event, position) in history.iter_mut().zip(1..) {
        event.position = position;
    }
    Some(Account {
        uid: fields.uid("uid")?,
        status: fields.text("status", Standing::parse)?,
        spot_rate: fields.rate("spot_rate")?,
        futures_rate: fields.rate("futures_rate")?,
        futures_window_days: window(&fields)?,
        history,
        default_code: fields.owned_or_null("default_code")?,
        as_of: fields.as_of()?,
    })
}

fn standing_event(event: Fields) -> Read<StandingEvent> {
    Some(StandingEvent {
        time: event.time("time")?,
        status: event.text("status", Standing::parse)?,
        spot_rate: event.rate("spot_rate")?,
        futures_rate: event.rate("futures_rate")?,
        futures_window_days: window(&event)?,
        position: 0,
    })
}

fn window(fields: &Fields) -> Read<Option<u16>> {
    let name = "futures_window_days";
    fields.or_null(name, || fields.small(name))
}

/// The rows of `GET /v1/account/codes`.
pub(crate) fn code_splits(mut fields: Fields) -> Read<Vec<CodeSplit>> {
    fields.rows("rows", |row| {
        Some(CodeSplit {
            code: row.owned("code")?,
            spot_rate: row.rate("spot_rate")?,
            futures_rate: row.rate("futures_rate")?,
            spot_rebate_rate: row.rate("spot_rebate_rate")?,
            futures_rebate_rate: row.rate("futures_rebate_rate")?,
            link: row.owned("link")?,
        })
    })
}

/// Since when an answer is waited for, as `GET /v1/account/application` tells it.
pub(crate) fn application(fields: Fields) -> Read<Option<Timestamp>> {
    fields.time_or_null("waiting_since")
}

/// The answer of `GET /v1/campaigns`.
pub(crate) fn campaigns(mut fields: Fields) -> Read<List<CampaignRow>> {
    fields.list(campaign)
}

fn campaign(row: Fields) -> Read<CampaignRow> {
    Some(CampaignRow {
        id: row.owned("id")?,
        visibility: row.text("visibility", Visibility::parse)?,
        title: row.owned("title")?,
        description: row.owned("description")?,
        url: row.owned("url")?,
        starts: row.day("starts")?,
        ends: row.day("ends")?,
        joined: row.flag("joined")?,
        share_link: row.owned_or_null("share_link")?,
    })
}
