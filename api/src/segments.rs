//! The ledger itself, byte for byte, for who copies it over the network: `GET /v1/ledger/segments` tells which segments there
//! are, `GET /v1/ledger/segments/{number}` gives durable bytes of one. What is durable ends with a whole frame, and a byte
//! that was durable never changes; so a copy goes on where it ends, and is held against the hash chain (`docs/FORMAT.md`).

use std::io;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use ledger::{DurableSegment, Head, LedgerReader};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{App, blocking};
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::feed::POSITION_HEADER;
use crate::openapi::Refusals;
use crate::parameters::{
    FIRST_SEGMENT, Given, RANGE_BYTES, RANGE_OFFSET, SEGMENTS_LIMIT, SNAPSHOT_STANDBY, parameters,
};
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;

parameters! { SegmentsParameters: FIRST_SEGMENT, SEGMENTS_LIMIT, SNAPSHOT_STANDBY }
parameters! { RangeParameters: RANGE_OFFSET, RANGE_BYTES, SNAPSHOT_STANDBY }

const LIMIT_DEFAULT: usize = 1_000;
/// So much of a range is in memory while it is sent.
const PIECE: u64 = 256 * 1024;

/// A segment, as far as it is durable.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Segment {
    /// Its number, from 1 on.
    number: u64,
    /// The name of its file.
    file: String,
    /// The position of the first event that it may hold.
    first_position: u64,
    /// The length of its file; what is not durable is zero in a copy.
    file_bytes: u64,
    /// So many of its bytes are durable: all of a segment that another one follows, else up to the end of a frame.
    bytes: u64,
    /// The hash of the frame before its first one, 64 hexadecimal digits; zeros in the first segment.
    previous: String,
    /// The place before its first frame: a cursor's 72 bytes as hexadecimal digits.
    start: String,
}

/// `GET /v1/ledger/segments`: the segments, and up to where they go.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Segments {
    /// The format that is needed to read the ledger.
    format: u32,
    /// The last position that is durable.
    position: u64,
    /// The hash of the frame that ends there, 64 hexadecimal digits.
    head: String,
    /// The place after that frame: a cursor's 72 bytes as hexadecimal digits.
    end: String,
    /// The number of the segment in which it lies; there are more to ask for as long as the last one told is before it.
    last: u64,
    /// Those asked for, by number.
    segments: Vec<Segment>,
}

impl From<DurableSegment> for Segment {
    fn from(segment: DurableSegment) -> Segment {
        let DurableSegment { number, first_position, file_bytes, bytes, start } = segment;
        let previous = Head::at(&start).hex();
        Segment { number, file: segment.file_name(), first_position, file_bytes, bytes, previous, start: start.hex() }
    }
}

/// The segments of the ledger with their lengths and hashes, to copy it byte for byte.
#[utoipa::path(
    get, path = "/v1/ledger/segments", tag = "operation", params(SegmentsParameters),
    responses((status = 200, body = Segments), Refusals)
)]
pub(crate) async fn get_segments(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    asking.caller.require(Privilege::SeeOperation)?;
    let given = Given::of(&asking.parameters, SegmentsParameters::ALL)?;
    let first = given.get(&FIRST_SEGMENT)?.unwrap_or(1);
    let limit = given.get(&SEGMENTS_LIMIT)?.unwrap_or(LIMIT_DEFAULT);
    let ledger = app.ledger_to_copy(&asking.caller, given.get(&SNAPSHOT_STANDBY)?)?;
    let told = app.question(move || {
        let reader = ledger.reader();
        let end = reader.end();
        let segments = reader.durable_segments(&end, first, limit).map_err(|error| Problem::internal(&error))?;
        let head = Head::at(&end);
        Answer::json(&Segments {
            format: reader.format().map_err(|error| Problem::internal(&error))?,
            position: head.position,
            head: head.hex(),
            end: end.hex(),
            last: end.segment(),
            segments: segments.into_iter().map(Segment::from).collect(),
        })
    });
    told.await?
}

/// Durable bytes of a segment from an offset on, as they stand on disk.
#[utoipa::path(
    get, path = "/v1/ledger/segments/{number}", tag = "operation",
    params(("number" = u64, Path, description = "Its number."), RangeParameters),
    responses(
        (
            status = 200, content_type = "application/octet-stream", body = Vec<u8>,
            description = "The bytes, fewer than asked for where no more are durable; none behind that.",
            headers(("Tributary-Position" = u64, description = "The position up to which the ledger is durable."))
        ),
        Refusals
    )
)]
pub(crate) async fn get_segment(State(app): State<App>, asking: Asking) -> Result<Response, Problem> {
    asking.caller.require(Privilege::SeeOperation)?;
    let given = Given::of(&asking.parameters, RangeParameters::ALL)?;
    let from = given.get(&RANGE_OFFSET)?.unwrap_or(0) as u64;
    let most = given.get(&RANGE_BYTES)?.map_or(u64::MAX, |bytes| bytes as u64);
    let name = asking.path.first().to_owned();
    let reader = app.ledger_to_copy(&asking.caller, given.get(&SNAPSHOT_STANDBY)?)?.reader();
    let found = {
        let reader = reader.clone();
        app.question(move || {
            let end = reader.end();
            let number = name.parse().ok().filter(|number| (1..=end.segment()).contains(number));
            let none = || Problem::new(ProblemKind::NotFound, format!("there is no segment {name}"));
            let number = number.ok_or_else(none)?;
            let found = reader.durable_segments(&end, number, 1).map_err(|error| Problem::internal(&error))?;
            Ok::<_, Problem>((end.position(), found.first().copied().ok_or_else(none)?))
        })
    };
    let (position, segment) = found.await??;
    let bytes = segment.bytes.saturating_sub(from).min(most);
    let range = stream::try_unfold((from, bytes), move |(at, left)| {
        let reader = reader.clone();
        async move {
            if left == 0 {
                return Ok::<_, io::Error>(None);
            }
            let length = PIECE.min(left);
            let piece = blocking(move || piece(&reader, segment.number, at, length)).await;
            let piece = piece.map_err(|problem| io::Error::other(problem.to_string()))??;
            Ok(Some((piece, (at + length, left - length))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(bytes)),
        (POSITION_HEADER, HeaderValue::from(position)),
    ];
    Ok((headers, Body::from_stream(range)).into_response())
}

/// What is told to be durable can be had; if not, the body is cut off, and so is seen not to be whole.
fn piece(reader: &LedgerReader, number: u64, at: u64, length: u64) -> Result<Bytes, io::Error> {
    let read =
        reader.durable_bytes(number, at, length as usize).map_err(|error| io::Error::other(error.to_string()))?;
    if read.len() as u64 == length {
        Ok(Bytes::copy_from_slice(&read))
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
