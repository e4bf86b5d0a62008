//! Exports: the ledger's entries, their postings and the projections as Parquet, CSV and NDJSON (SPEC 6), streamed
//! at bounded memory however long the ledger.
//!
//! A [`Kind`] declares its columns once and gives its rows; a [`Format`] writes any kind from the declared columns.
//! Rows are gathered in batches of bounded size; one thread makes them while others encode and write them. A file
//! is complete or absent ([`WholeFile`]).
//!
//! **What this crate does not do.** It holds no rule of the program: what a trade comes to is the projections' to
//! say. It has no clock and chooses no position: a view is of a state, and the rows are of that state.

mod batch;
mod cells;
mod column;
mod columns;
mod compression;
mod error;
mod export;
mod filter;
mod format;
mod kind;
mod lists;
#[cfg(feature = "arrow")]
mod record_batch;
mod records;
#[cfg(feature = "arrow")]
mod scan;
mod sink;
mod whole_file;

pub use column::{Column, ColumnType};
pub use compression::Compression;
pub use error::ExportError;
pub use export::{Export, Progress, Written};
pub use filter::{Filter, FilterError};
pub use format::{BYTE_ORDER_MARK, Format, POSITION_KEY, write_csv_text};
pub use kind::Kind;
pub use records::{GiveRecords, RewardRecords};
#[cfg(feature = "arrow")]
pub use scan::{Scan, Taker};
pub use whole_file::WholeFile;
