//! SQL over the ledger's entries, their postings and the projections: each kind of export is a table, with the columns
//! and types that it has as Parquet, and its rows are made while they are asked for.
//!
//! `ask` takes one statement that reads, and writes what it gives. DataFusion plans and runs it, in the memory and the
//! room for what is laid aside that `Limits` allows. Amounts are decimals throughout: a literal such as `0.1` is one, and a
//! sum that has more digits than its type is an error and no other number.
//!
//! **What this crate does not do.** It holds no rule of the program and no state: what is asked is a view
//! (`Subject`). No statement changes anything, and none reads a file.
//!
//! All of it stands behind the feature `datafusion`, without which there is nothing here.
#![cfg(feature = "datafusion")]
#![allow(clippy::wildcard_enum_match_arm, reason = "types, operators and expressions are DataFusion's, and dozens")]

mod asking;
mod error;
mod limits;
mod narrowing;
mod refusal;
mod rows;
mod session;
mod size;
mod subject;
mod sum;
mod table;
mod writing;

pub use asking::{Answered, Question, ask};
pub use error::SqlError;
pub use limits::{Limits, STATEMENT_BYTES_MAX};
pub use subject::Subject;
pub use writing::Form;
