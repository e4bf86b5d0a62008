//! Where an answer goes, and in which form.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::anyhow;
use exports::{Compression, Format};

use crate::cli::{SqlArgs, SqlFormat};
use crate::commands::export::format_of;
use crate::exit::Failure;

/// What is wanted.
pub(super) enum Wanted {
    /// A table on standard output.
    Table,
    /// Rows on standard output.
    Rows(Format),
    /// A file, packed or not.
    File(PathBuf, Format, Compression),
}

impl Wanted {
    /// What the flags say.
    ///
    /// # Errors
    /// A form that has no place where it is to go.
    pub(super) fn of(args: &SqlArgs) -> Result<Wanted, Failure> {
        let said = if args.json { SqlFormat::Json } else { args.format };
        let format = match said {
            SqlFormat::Auto | SqlFormat::Table => None,
            SqlFormat::Json => Some(Format::Ndjson),
            SqlFormat::Csv => Some(Format::Csv),
            SqlFormat::Parquet => Some(Format::Parquet),
        };
        let wanted = match (&args.out, format) {
            (Some(_), None) if said == SqlFormat::Table => {
                return Err(Failure::usage(anyhow!(
                    "a table is for a terminal: --format csv, json or parquet is for --out"
                )));
            }
            (Some(path), format) => {
                let format = format.map_or_else(|| format_of(path), Ok)?;
                let (compression, _) = Compression::of_file_name(&path.to_string_lossy());
                if format == Format::Parquet && compression != Compression::None {
                    return Err(Failure::usage(anyhow!("parquet is packed inside: let the path end in .parquet")));
                }
                Wanted::File(path.clone(), format, compression)
            }
            (None, Some(Format::Parquet)) => {
                return Err(Failure::usage(anyhow!(
                    "parquet needs a file: give --out a path, or --format csv or json"
                )));
            }
            (None, Some(format)) => Wanted::Rows(format),
            (None, None) if said == SqlFormat::Table || std::io::stdout().is_terminal() => Wanted::Table,
            (None, None) => Wanted::Rows(Format::Ndjson),
        };
        let is_csv = matches!(wanted, Wanted::Rows(Format::Csv) | Wanted::File(_, Format::Csv, _));
        if args.csv_bom && !is_csv {
            return Err(Failure::usage(anyhow!("--csv-bom is for --format csv")));
        }
        Ok(wanted)
    }
}
