//! Charts: clean SVG with title, axes and units; every value stands in a table below as well.
//!
//! Places are whole numbers: pixels down, hundredths of a per cent across, so that a chart is as wide as its page and
//! its text stays as large as the page's. Amounts are scaled in whole steps; nothing passes through binary floating
//! point.

mod axis;
mod comparison;
mod funnel;
mod marks;
mod plot;
mod spark;

pub(crate) use self::comparison::Before;
pub(crate) use self::funnel::{Stage, funnel};
pub(crate) use self::marks::Mark;
pub(crate) use self::plot::{Bucket, Chart, Kind, Series};
pub(crate) use self::spark::spark;
