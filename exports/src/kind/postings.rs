//! Every posting in the order of the entries that made them; those of one entry as in the feed, by the trade they
//! belong to.

use projections::query::PostingAccount;

use super::Source;
use crate::cells::{Int64, Money, Name, Nullable, Position, Required, Text, Time, Word};
use crate::columns::columns;
use crate::error::ExportError;
use crate::format::write_number;
use crate::sink::Sink;

columns! {
    /// The entry, the posting as the feed shows it, and whose the trade is now.
    PostingColumns of "postings" {
        position: Required<Position>,
        recorded_at: Required<Time>,
        event_type: Required<Word>,
        event_source: Required<Text>,
        event_id: Required<Name>,
        event_time: Required<Time>,
        account: Required<Text>,
        side: Required<Word>,
        amount: Required<Money>,
        trade_uid: Required<Int64>,
        trade_source: Required<Text>,
        trade_id: Required<Name>,
        referrer_uid: Nullable<Int64>,
        invitee_uid: Nullable<Int64>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, PostingColumns>) -> Result<(), ExportError> {
    let wanted = source.filter.uid;
    source.each_entry(sink, |entry, sink| {
        let event = &entry.event;
        source.view.each_posting_by::<ExportError>(entry.position, event, &mut |posting| {
            if wanted.is_some() && wanted != posting.referrer_uid {
                return Ok(());
            }
            sink.row(|row, at| {
                row.position.push(entry.position);
                row.recorded_at.push(entry.recorded_at);
                row.event_type.push(event.event_type().name());
                row.event_source.push(&event.source);
                row.event_id.push(&event.id);
                row.event_time.push(event.time);
                row.account.push_with(|out| write_account(posting.account, out));
                row.side.push(posting.side.as_str());
                row.amount.push(posting.amount);
                row.trade_uid.push(posting.trade_uid.0);
                row.trade_source.push(posting.trade_source);
                row.trade_id.push(posting.trade_id);
                row.referrer_uid.push_if(at, posting.referrer_uid.map(|uid| uid.0));
                row.invitee_uid.push_if(at, posting.invitee_uid.map(|uid| uid.0));
            })
        })
    })
}

/// Appends the account as the API writes it.
pub(super) fn write_account(account: PostingAccount, out: &mut Vec<u8>) {
    let (what, whose) = account.parts();
    out.extend_from_slice(what.as_bytes());
    if let Some(uid) = whose {
        write_number(uid.0, out);
    }
}
