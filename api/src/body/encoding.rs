//! Bodies that come compressed (`Content-Encoding`). What a body may have of bytes holds for what it comes to, so a
//! small one that would grow without end is refused when it has grown too large.

use std::io::Read;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::problem::{Problem, ProblemKind};

/// A zstd body may ask for so much memory as window, 2^23 bytes, and no more (RFC 9659).
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Gzip,
    Zstd,
}

/// Why a body is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It comes to more bytes than it may have.
    TooLarge,
    /// It is not what its headers say.
    Damaged(String),
}

impl Encoding {
    /// What the headers say, none where the body stands as it is.
    ///
    /// # Errors
    /// 415 if it is compressed in a way that is not known here, or in several ways.
    pub(super) fn told(headers: &HeaderMap) -> Result<Option<Encoding>, Problem> {
        let values = headers.get_all(header::CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
        let names = values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase());
        let mut names = names.filter(|name| !name.is_empty() && name != "identity");
        let (first, second) = (names.next(), names.next());
        match (first.as_deref(), second) {
            (None, _) => Ok(None),
            (Some("gzip" | "x-gzip"), None) => Ok(Some(Encoding::Gzip)),
            (Some("zstd"), None) => Ok(Some(Encoding::Zstd)),
            (Some(_), _) => {
                let detail = "expected Content-Encoding: gzip or zstd, or none";
                let field = header::CONTENT_ENCODING.as_str();
                let problem = Problem::of_field(ProblemKind::UnsupportedMediaType, field, detail);
                Err(problem.with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, zstd")))
            }
        }
    }

    /// What a compressed body comes to, if that has at most so many bytes: all its members or frames, one behind another.
    /// Zeros behind them are passed over, as in a file.
    pub(super) fn decode(self, body: &[u8], bytes_max: usize) -> Result<Vec<u8>, Broken> {
        let mut decoded = Vec::new();
        let mut rest = body;
        loop {
            // One byte more tells that there is more.
            let room = (bytes_max + 1).saturating_sub(decoded.len()) as u64;
            rest = self.decode_member(rest, &mut decoded, room).map_err(|error| Broken::Damaged(error.to_string()))?;
            if decoded.len() > bytes_max {
                return Err(Broken::TooLarge);
            }
            rest = &rest[rest.iter().position(|byte| *byte != 0).unwrap_or(rest.len())..];
            if rest.is_empty() {
                return Ok(decoded);
            }
            if !self.begins(rest) {
                let detail = format!("behind its {} data stands something else", self.as_str());
                return Err(Broken::Damaged(detail));
            }
        }
    }

    /// Decodes the first member or frame, at most so many bytes of it; what stands behind it.
    fn decode_member<'a>(self, body: &'a [u8], decoded: &mut Vec<u8>, room: u64) -> std::io::Result<&'a [u8]> {
        match self {
            Encoding::Gzip => {
                let mut decoder = flate2::bufread::GzDecoder::new(body);
                decoder.by_ref().take(room).read_to_end(decoded)?;
                Ok(decoder.into_inner())
            }
            Encoding::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(body)?.single_frame();
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                decoder.by_ref().take(room).read_to_end(decoded)?;
                Ok(decoder.finish())
            }
        }
    }

    /// Whether a further member or frame begins here; of zstd also one that is to be skipped.
    fn begins(self, rest: &[u8]) -> bool {
        match self {
            Encoding::Gzip => rest.starts_with(b"\x1f\x8b"),
            Encoding::Zstd => {
                let is_skippable = rest.len() >= 4 && rest[0] & 0xf0 == 0x50 && rest[1..4] == *b"\x2a\x4d\x18";
                rest.starts_with(b"\x28\xb5\x2f\xfd") || is_skippable
            }
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Encoding::Gzip => "gzip",
            Encoding::Zstd => "zstd",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("written");
        encoder.finish().expect("whole")
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 3).expect("whole")
    }

    #[test]
    fn zeros_behind_a_body_are_passed_over_and_anything_else_is_told() {
        for (encoding, packed) in [(Encoding::Gzip, gzip(b"{}")), (Encoding::Zstd, zstd(b"{}"))] {
            let behind = |tail: &[u8]| [&packed, tail].concat();
            assert_eq!(encoding.decode(&behind(&[0; 512]), 2), Ok(b"{}".to_vec()), "{encoding:?}");
            let again = [&behind(&[0; 3])[..], &packed].concat();
            assert_eq!(encoding.decode(&again, 4), Ok(b"{}{}".to_vec()), "{encoding:?}");
            assert_eq!(encoding.decode(&again, 3), Err(Broken::TooLarge), "{encoding:?}");
            let Err(Broken::Damaged(said)) = encoding.decode(&behind(b"more"), 2) else { panic!("{encoding:?}") };
            assert!(said.contains("stands something else"), "{said}");
        }
    }

    #[test]
    fn a_body_is_compressed_in_one_way_that_is_known_or_not_at_all() {
        let told = |values: &[&'static str]| {
            let values = values.iter().map(|value| (header::CONTENT_ENCODING, HeaderValue::from_static(value)));
            Encoding::told(&values.collect()).map_err(|problem| problem.status())
        };
        for (values, encoding) in [
            (&[][..], None),
            (&[""], None),
            (&["identity"], None),
            (&["GZIP"], Some(Encoding::Gzip)),
            (&["x-gzip"], Some(Encoding::Gzip)),
            (&[" zstd , identity"], Some(Encoding::Zstd)),
        ] {
            assert_eq!(told(values), Ok(encoding), "{values:?}");
        }
        for values in [&["br"][..], &["deflate"], &["gzip, gzip"], &["gzip", "zstd"], &["compress"]] {
            assert_eq!(told(values), Err(415), "{values:?}");
        }
    }

    #[test]
    fn all_of_a_body_is_read_and_what_is_cut_or_follows_is_damage() {
        for (encoding, encode) in [(Encoding::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Encoding::Zstd, zstd)] {
            let one = encode(b"[1,2]");
            assert_eq!(encoding.decode(&one, 5), Ok(b"[1,2]".to_vec()), "{encoding:?}");
            // Two that follow one another are one, as files of such parts are.
            let two = [encode(b"[1,"), encode(b"2]")].concat();
            assert_eq!(encoding.decode(&two, 5), Ok(b"[1,2]".to_vec()), "{encoding:?}");
            for length in 1..one.len() {
                let cut = encoding.decode(&one[..length], 5);
                assert!(matches!(cut, Err(Broken::Damaged(_))), "{encoding:?} cut to {length}: {cut:?}");
            }
            let followed = encoding.decode(&[&*one, b"no"].concat(), 5);
            assert!(matches!(followed, Err(Broken::Damaged(_))), "{encoding:?}: {followed:?}");
            assert!(matches!(encoding.decode(b"[1,2]", 5), Err(Broken::Damaged(_))), "{encoding:?}");
        }
    }

    #[test]
    fn what_a_body_comes_to_is_bounded_however_small_it_is() {
        let bomb = vec![0; 1 << 20];
        for (encoding, small) in [(Encoding::Gzip, gzip(&bomb)), (Encoding::Zstd, zstd(&bomb))] {
            assert!(small.len() < 2_000);
            assert_eq!(encoding.decode(&small, bomb.len()).map(|decoded| decoded.len()), Ok(bomb.len()));
            assert_eq!(encoding.decode(&small, bomb.len() - 1), Err(Broken::TooLarge));
        }
    }

    #[test]
    fn a_window_that_wants_more_memory_than_it_may_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
        encoder.window_log(27).expect("a window");
        encoder.include_contentsize(false).expect("told");
        encoder.write_all(&vec![7; 1 << 16]).expect("written");
        let wide = encoder.finish().expect("whole");
        assert!(matches!(Encoding::Zstd.decode(&wide, 1 << 20), Err(Broken::Damaged(_))));
    }
}
