//! How fast the ledger grows: from its own positions and the times at which they were recorded, so that the figure is
//! the same for everyone who asks, and needs no sampling.

use ledger::{LedgerReader, Position, ReadError};
use schemas::Timestamp;

use crate::words::Key;

const SECOND: i64 = 1_000_000;
/// The width of a bar of the chart, in seconds.
pub(super) const BAR_SECONDS: i64 = 10;
/// How many bars there are: five minutes.
const BARS: i64 = 30;

/// A span up to now, and how many events were recorded in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// What it is called.
    pub(super) label: Key,
    /// How long it is.
    pub(super) seconds: u64,
    /// How many events were recorded in it.
    pub(super) events: u64,
}

impl Span {
    /// Events a second, in tenths, cut.
    pub(super) fn per_second(self) -> String {
        let tenths = self.events * 10 / self.seconds;
        match tenths % 10 {
            0 => (tenths / 10).to_string(),
            part => format!("{}.{part}", tenths / 10),
        }
    }
}

/// Events recorded in the ten seconds from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    /// When it begins.
    pub(super) from: Timestamp,
    /// How many.
    pub(super) events: u64,
}

/// How fast the ledger grew lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Throughput {
    /// The shortest first.
    pub(super) spans: Vec<Span>,
    /// The last whole bars, the oldest first.
    pub(super) bars: Vec<Bar>,
}

impl Throughput {
    /// Looks it up in the ledger.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub(super) fn of(reader: &LedgerReader, end: Position, now: Timestamp) -> Result<Throughput, ReadError> {
        let at = |time: i64| reader.position_at(Timestamp(time)).map(|position| position.min(end));
        let spans = [
            (Key("operator-last-10-seconds"), 10_u32),
            (Key("operator-last-minute"), 60),
            (Key("operator-last-5-minutes"), 300),
            (Key("operator-last-hour"), 3_600),
        ];
        let spans = spans.into_iter().map(|(label, seconds)| {
            let before = at(now.0 - i64::from(seconds) * SECOND)?;
            Ok(Span { label, seconds: u64::from(seconds), events: end - before })
        });
        let spans = spans.collect::<Result<Vec<Span>, ReadError>>()?;
        // Whole bars only, so that none changes once it is shown.
        let width = BAR_SECONDS * SECOND;
        let last = now.0.div_euclid(width) * width;
        let edges = (0..=BARS).map(|bar| last - (BARS - bar) * width);
        let edges = edges.map(|time| Ok((time, at(time - 1)?))).collect::<Result<Vec<_>, ReadError>>()?;
        let bars = edges.windows(2).filter_map(|pair| match pair {
            [(from, before), (_, after)] => Some(Bar { from: Timestamp(*from), events: after - before }),
            _ => None,
        });
        Ok(Throughput { spans, bars: bars.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_cut_to_tenths() {
        let rate = |events, seconds| Span { label: Key("operator-last-hour"), seconds, events }.per_second();
        assert_eq!(rate(0, 10), "0");
        assert_eq!(rate(19, 10), "1.9");
        assert_eq!(rate(59, 60), "0.9");
        assert_eq!(rate(1_200_000, 60), "20000");
    }
}
