//! A digest of the projections' canonical state: the same for the same set of events, whatever their order of
//! arrival, the machine, the threads, or the checkpoints taken on the way. It holds no position, no time of
//! recording, and nothing that depends on now.

use std::fmt::Write;

use ledger::column::Shared;
use ledger::{AccountId, EventReader, ReadError};
use schemas::Country;

use crate::codes::CodeRow;
use crate::history::PRESENT;
use crate::slices::Slice;
use crate::state::State;

/// Lines of text hashed one by one, so that a difference can be found by printing them.
struct Lines<'a> {
    take: &'a mut dyn FnMut(&str),
    line: String,
}

impl Lines<'_> {
    fn line(&mut self, content: std::fmt::Arguments<'_>) {
        self.line.clear();
        // Writing into a String cannot fail.
        let _ = self.line.write_fmt(content);
        self.line.push('\n');
        (self.take)(&self.line);
    }
}

impl State {
    /// The digest: BLAKE3 over the canonical lines, as 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn digest(&self, reader: &dyn EventReader) -> Result<String, ReadError> {
        let mut hasher = blake3::Hasher::new();
        self.canonical_lines(reader, &mut |line| {
            hasher.update(line.as_bytes());
        })?;
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Gives the canonical state, line by line: accounts by uid, codes by text, facts in the order of equals.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn canonical_lines(&self, reader: &dyn EventReader, take: &mut dyn FnMut(&str)) -> Result<(), ReadError> {
        let mut lines = Lines { take, line: String::new() };
        let mut accounts: Vec<AccountId> = (0..self.accounts.len() as u32).map(AccountId).collect();
        accounts.sort_unstable_by_key(|account| self.uid(*account));
        for account in &accounts {
            self.account_line(*account, &mut lines);
        }
        let mut codes: Vec<&CodeRow> = self.codes.iter().map(|(_, row)| row).collect();
        codes.sort_unstable_by(|one, other| one.text.cmp(&other.text));
        for code in codes {
            self.code_lines(code, &mut lines);
        }
        lines.line(format_args!("trades before registration {}", self.counters.trades_before_registration));
        self.fact_lines(reader, &mut lines)
    }

    fn account_line(&self, account: AccountId, lines: &mut Lines<'_>) {
        let row = self.account(account);
        let totals = self.totals(account);
        let attribution = self.attribution(account, PRESENT);
        let referrer =
            attribution.and_then(|attribution| attribution.referrer()).map(|(referrer, _)| self.uid(referrer));
        let vip = row.vip.map(|mark| (mark.time.0, mark.level));
        let registered = row.registered.map(|registered| {
            let code = registered.code().map(|code| &self.codes.get(code).text);
            let parent = registered.parent().map(|parent| self.uid(parent));
            (registered.time.0, registered.account_type, registered.relationship, registered.country, code, parent)
        });
        lines.line(format_args!(
            "account {} events {} registered {registered:?} head {:?} referrer {referrer:?} verified {} deposited {} vip {vip:?} first trade {} commission {} rebate {} volume {}",
            row.uid,
            self.index.positions(account).len(),
            attribution.map(|attribution| self.uid(attribution.head)),
            row.first_verified.0,
            row.first_deposit.0,
            row.first_trade.0,
            totals.commission.0,
            totals.rebate.0,
            totals.volume.0,
        ));
    }

    fn code_lines(&self, code: &CodeRow, lines: &mut Lines<'_>) {
        let owner = code.owner.map(|owner| self.uid(owner));
        lines.line(format_args!("code {:?} owner {owner:?} invitees {}", code.text, code.invitees.len()));
        let mut slices: Vec<&(Option<Country>, Shared<Slice>)> = code.slices.iter().collect();
        slices.sort_unstable_by_key(|(country, _)| *country);
        for (country, slice) in slices {
            for (day, metrics) in slice.canonical_days() {
                lines.line(format_args!("slice {:?} {country:?} {day} {metrics:?}", code.text));
            }
        }
    }

    /// Every fact and every reversal of a trade that is there, as the CloudEvent that brought it.
    fn fact_lines(&self, reader: &dyn EventReader, lines: &mut Lines<'_>) -> Result<(), ReadError> {
        let reversals = self.reversals.values().flat_map(|history| history.positions());
        let positions = self.fact_positions().chain(reversals);
        let mut events = positions.map(|position| reader.event(position)).collect::<Result<Vec<_>, _>>()?;
        events.sort_unstable_by(|one, other| {
            (one.event_type(), one.order_key()).cmp(&(other.event_type(), other.order_key()))
        });
        let mut text = Vec::new();
        for event in events {
            text.clear();
            schemas::json::write_event(&event, &mut text);
            lines.line(format_args!("fact {}", String::from_utf8_lossy(&text)));
        }
        Ok(())
    }
}
