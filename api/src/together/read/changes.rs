//! Answers about what changed the terms.

use projections::views::{ChangeKind, ChangeRow, ChangedTerms, Changes, Standing};

use super::figures::uid_or_null;
use super::trades::event_ref;
use super::{Fields, Read};

const KINDS: [ChangeKind; 5] =
    [ChangeKind::Standing, ChangeKind::Code, ChangeKind::Program, ChangeKind::CampaignStarts, ChangeKind::CampaignEnds];

/// The answer of `GET /v1/changes`.
pub(crate) fn changes(mut fields: Fields) -> Read<Changes> {
    Some(Changes {
        uid: uid_or_null(&fields)?,
        from: fields.day("from")?,
        to: fields.day("to")?,
        code: fields.owned_or_null("code")?,
        list: fields.list(change)?,
    })
}

fn change(mut row: Fields) -> Read<ChangeRow> {
    Some(ChangeRow {
        date: row.day("date")?,
        kind: row.text("kind", |text| KINDS.into_iter().find(|kind| kind.as_str() == text))?,
        code: row.owned_or_null("code")?,
        campaign_id: row.owned_or_null("campaign_id")?,
        title: row.owned_or_null("title")?,
        before: row.object_or_null("before", terms)?,
        after: row.object_or_null("after", terms)?,
        event: event_ref(row.object("event")?)?,
    })
}

/// What that kind of change has nothing to do with is absent.
fn terms(terms: Fields) -> Read<ChangedTerms> {
    Some(ChangedTerms {
        status: terms.or_absent("status", || terms.text("status", Standing::parse))?,
        spot_rate: terms.or_absent("spot_rate", || terms.rate("spot_rate"))?,
        futures_rate: terms.or_absent("futures_rate", || terms.rate("futures_rate"))?,
        futures_window_days: terms.or_absent("futures_window_days", || terms.small("futures_window_days"))?,
        spot_vip_max: terms.or_absent("spot_vip_max", || terms.small("spot_vip_max"))?,
        futures_vip_max: terms.or_absent("futures_vip_max", || terms.small("futures_vip_max"))?,
    })
}
