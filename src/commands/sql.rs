//! Asks SQL of the ledger and the projections, in a build that has it.

#[cfg(feature = "sql")]
mod asking;
#[cfg(feature = "sql")]
mod subject;
#[cfg(feature = "sql")]
mod wanted;

#[cfg(feature = "sql")]
pub(super) use asking::execute;

/// Says how a build has it that this one has not.
#[cfg(not(feature = "sql"))]
pub(super) fn execute(_: &crate::cli::CommonFlags, _: crate::cli::SqlArgs) -> Result<(), crate::exit::Failure> {
    Err(crate::exit::Failure::usage(anyhow::anyhow!(
        "this build has no SQL, which takes some minutes more to build: `cargo install --path . --features sql` has it. \
         Without it, `tributary export` writes every table as Parquet, for DuckDB and others (docs/ANALYSTS.md)"
    )))
}
