//! Comma-separated values (RFC 4180, with a line feed). A record holds no text from outside: dates, names of
//! ours, whole numbers and amounts, so no cell can begin a formula (SPEC 6).

use std::io::Write;

use projections::views::{RewardKind, RewardRow};

use super::ExportError;

/// Writes the records under a header.
pub(super) fn write(rows: &[RewardRow], kind: RewardKind, out: &mut impl Write) -> Result<(), ExportError> {
    let counterparty = match kind {
        RewardKind::Commission => "invitee_uid",
        RewardKind::Shared => "referrer_uid",
    };
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["date", "kind", counterparty, "product", "trades", "fee_usd", "amount"])?;
    for row in rows {
        let uid = row.invitee_uid.or(row.referrer_uid).map_or_else(String::new, |uid| uid.to_string());
        writer.write_record([
            &row.date.to_string(),
            row.kind.as_str(),
            &uid,
            row.product.as_str(),
            &row.trades.to_string(),
            &row.fee_usd.to_string(),
            &row.amount.to_string(),
        ])?;
    }
    writer.flush()?;
    Ok(())
}
