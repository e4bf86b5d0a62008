//! How a file is packed, by the ending of its name: `.gz` or `.zst` behind that of its format.

use std::io::{self, Write};

use flate2::write::GzEncoder;
use zstd::stream::write::Encoder as ZstdEncoder;

/// How what is written is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// As gzip does.
    Gzip,
    /// As zstd does.
    Zstd,
}

impl Compression {
    /// What a file's name says by its ending, and the name without it.
    #[must_use]
    pub fn of_file_name(name: &str) -> (Compression, &str) {
        for (ending, compression) in [(".gz", Compression::Gzip), (".zst", Compression::Zstd)] {
            let Some(at) = name.len().checked_sub(ending.len()).filter(|at| name.is_char_boundary(*at)) else {
                continue;
            };
            if name[at..].eq_ignore_ascii_case(ending) {
                return (compression, &name[..at]);
            }
        }
        (Compression::None, name)
    }

    /// Packs what `write` writes into `out`, whole when this comes back. `fails` tells what an error of `out` means.
    ///
    /// # Errors
    /// If `write` fails, or `out` cannot be written.
    pub fn pack<T, E>(
        self,
        out: &mut (dyn Write + Send),
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<T, E>,
        fails: impl Fn(io::Error) -> E,
    ) -> Result<T, E> {
        match self {
            Compression::None => write(out),
            Compression::Gzip => {
                let mut packed = GzEncoder::new(out, flate2::Compression::default());
                let written = write(&mut packed)?;
                packed.finish().map_err(fails)?;
                Ok(written)
            }
            Compression::Zstd => {
                let mut packed = zstd_encoder(out).map_err(&fails)?;
                let written = write(&mut packed)?;
                packed.finish().map_err(fails)?;
                Ok(written)
            }
        }
    }
}

/// At zstd's own level, with a checksum, so that a cut file is told.
fn zstd_encoder(out: &mut (dyn Write + Send)) -> io::Result<ZstdEncoder<'static, &mut (dyn Write + Send)>> {
    let mut encoder = ZstdEncoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_ending_says_it_and_is_taken_away() {
        for (name, expected) in [
            ("a.csv", (Compression::None, "a.csv")),
            ("a.csv.gz", (Compression::Gzip, "a.csv")),
            ("a.ndjson.ZST", (Compression::Zstd, "a.ndjson")),
            (".gz", (Compression::Gzip, "")),
            ("gz", (Compression::None, "gz")),
            ("é", (Compression::None, "é")),
        ] {
            assert_eq!(Compression::of_file_name(name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_packed_is_the_same_unpacked() {
        let text = b"uid,amount\n7,1.5\n".repeat(1_000);
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let mut packed = Vec::new();
            let written = compression.pack(&mut packed, |out| out.write_all(&text), |error| error);
            written.expect("memory takes it");
            let mut unpacked = Vec::new();
            match compression {
                Compression::None => unpacked = packed,
                Compression::Gzip => {
                    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).map(|_| ()).expect("gzip");
                }
                Compression::Zstd => unpacked = zstd::decode_all(&packed[..]).expect("zstd"),
            }
            assert_eq!(unpacked, text, "{compression:?}");
        }
    }
}
