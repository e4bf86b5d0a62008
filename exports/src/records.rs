//! The records of `GET /v1/rewards/export` (SPEC 4.3): those of one kind, as the query shows them.

use std::io::Write;

use ledger::Position;
use projections::views::{RewardKind, RewardRow};

use crate::cells::{Date, Int64, Money, Required, Text};
use crate::columns::columns;
use crate::error::ExportError;
use crate::export::DirectOutlet;
use crate::format::Format;
use crate::sink::{Sink, Table};

columns! {
    /// What this user earned as a referrer.
    CommissionColumns of "rewards" {
        date: Required<Date>,
        kind: Required<Text>,
        invitee_uid: Required<Int64>,
        product: Required<Text>,
        trades: Required<Int64>,
        fee_usd: Required<Money>,
        amount: Required<Money>,
    }
}

columns! {
    /// What it got back of its own fees as an invitee.
    SharedColumns of "rewards" {
        date: Required<Date>,
        kind: Required<Text>,
        referrer_uid: Required<Int64>,
        product: Required<Text>,
        trades: Required<Int64>,
        fee_usd: Required<Money>,
        amount: Required<Money>,
    }
}

/// Writes records one by one.
pub struct RewardRecords;

/// Gives the records, one after the other, to who is given.
pub type GiveRecords<'g> =
    &'g mut dyn FnMut(&mut dyn FnMut(RewardRow) -> Result<(), ExportError>) -> Result<(), ExportError>;

impl RewardRecords {
    /// Writes the records that `give` gives, as of a position of each ledger that they are of.
    ///
    /// # Errors
    /// What `give` says, and what keeps them from being written.
    pub fn write(
        kind: RewardKind,
        format: Format,
        positions: &[Position],
        out: &mut (dyn Write + Send),
        give: GiveRecords<'_>,
    ) -> Result<(), ExportError> {
        match kind {
            RewardKind::Commission => write::<CommissionColumns>(format, positions, out, give, |row, record, uid| {
                row.date.push(record.date);
                row.kind.push(record.kind.as_str());
                row.invitee_uid.push(uid);
                row.product.push(record.product.as_str());
                row.trades.push(record.trades);
                row.fee_usd.push(record.fee_usd);
                row.amount.push(record.amount);
            }),
            RewardKind::Shared => write::<SharedColumns>(format, positions, out, give, |row, record, uid| {
                row.date.push(record.date);
                row.kind.push(record.kind.as_str());
                row.referrer_uid.push(uid);
                row.product.push(record.product.as_str());
                row.trades.push(record.trades);
                row.fee_usd.push(record.fee_usd);
                row.amount.push(record.amount);
            }),
        }
    }
}

fn write<T: Table>(
    format: Format,
    positions: &[Position],
    out: &mut (dyn Write + Send),
    give: GiveRecords<'_>,
    fill: fn(&mut T, &RewardRow, u64),
) -> Result<(), ExportError> {
    let mut outlet = DirectOutlet::begin(format.begin(T::TITLE, T::COLUMNS, positions, out)?);
    let mut sink = Sink::<T>::new(&mut outlet);
    give(&mut |record| {
        // A record of either kind has its counterparty.
        let uid = record.invitee_uid.or(record.referrer_uid).map_or(0, |uid| uid.0);
        sink.row(|row, _| fill(row, &record, uid))
    })?;
    sink.finish()?;
    outlet.finish()
}
