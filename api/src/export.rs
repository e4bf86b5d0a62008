//! `GET /v1/rewards/export`: all records of a range as a file (SPEC 4.3). The records are taken at one position: what
//! does not fit into a little memory waits on disk for the client.

mod send;
mod together;

use std::io::{Read, Seek, Write};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use exports::{ExportError, Format, GiveRecords, RewardRecords};
use ledger::Position;
use projections::query::{DateRange, RangeRequest};
use projections::views::{self, RewardKind};
use schemas::Uid;
use tempfile::SpooledTempFile;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub use self::together::{Records, RewardsExport};
use crate::app::App;
use crate::as_of::moment_of;
use crate::asking::Asking;
use crate::caller::Caller;
use crate::feed::POSITION_HEADER;
use crate::openapi::Refusals;
use crate::parameters::{CSV_BOM, FORMAT, Given, KIND, parameters};
use crate::past_places::{PastLimits, PastPlace, PastPlaces};
use crate::problem::{Problem, ProblemKind};
use crate::query::{Answer, Asked};
use crate::views::RewardRow;

parameters! { ExportParameters: UID, KIND, FROM, TO, FORMAT, CSV_BOM, AS_OF }

/// The days of a range where nothing is said, as in `GET /v1/rewards` (SPEC 4.3).
const RANGE_DAYS: i32 = 7;
/// So much of an export is held in memory; a longer one lies in a file without a name until it is sent.
const MEMORY_BYTES_MAX: usize = 4 << 20;

/// So many exports are written and sent at a time.
const AT_ONCE: usize = 4;

/// Bounds how many exports are under way.
#[derive(Clone)]
struct ExportSlots(Arc<Semaphore>);

impl Default for ExportSlots {
    fn default() -> Self {
        ExportSlots(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// The same of those as of earlier positions, which wait until there is a place for a question about the past.
#[derive(Clone)]
struct PastExportSlots(PastPlaces);

impl Default for PastExportSlots {
    fn default() -> Self {
        PastExportSlots(PastPlaces::new(PastLimits { all: AT_ONCE, of_caller: AT_ONCE / 2, ..PastLimits::default() }))
    }
}

/// What an export has until it is sent.
pub struct ExportPlace {
    _held: Held,
}

enum Held {
    Present { _slot: OwnedSemaphorePermit },
    Past { _place: PastPlace },
}

async fn place(app: &App, asking: &Asking) -> Result<ExportPlace, Problem> {
    let held = match moment_of(&asking.parameters)? {
        None => Held::Present {
            _slot: app.kept(ExportSlots::default).0.acquire_owned().await.map_err(|error| Problem::internal(&error))?,
        },
        Some(_) => Held::Past { _place: app.kept(PastExportSlots::default).0.take(&asking.caller).await? },
    };
    Ok(ExportPlace { _held: held })
}

/// What an export is asked for, but its days.
#[derive(Clone, Debug)]
struct AskedFor {
    uid: Uid,
    kind: RewardKind,
    format: Format,
    csv_bom: bool,
}

impl AskedFor {
    fn of(caller: &Caller, parameters: &[(String, String)]) -> Result<(AskedFor, RangeRequest), Problem> {
        let given = Given::of(parameters, ExportParameters::ALL)?;
        let uid = caller.referrer(&given)?;
        let kind = given.get(&KIND)?.unwrap_or(RewardKind::Commission);
        let format = given.get(&FORMAT)?.unwrap_or_default();
        let csv_bom = given.get(&CSV_BOM)?.unwrap_or_default();
        if csv_bom && format != Format::Csv {
            return Err(Problem::of_field(ProblemKind::InvalidParameter, "csv_bom", "expected format=csv beside it"));
        }
        Ok((AskedFor { uid, kind, format, csv_bom }, given.range()?))
    }
}

/// Held by the answer that a client waits for: it is dropped when the client has gone.
#[derive(Default)]
struct Waiting(Arc<()>);

impl Waiting {
    /// Tells, on any thread, whether somebody still waits.
    fn look(&self) -> impl Fn() -> bool + Send + 'static {
        let waiting = Arc::downgrade(&self.0);
        move || waiting.strong_count() > 0
    }
}

/// Takes records as long as somebody waits for them.
fn as_long_as(
    is_waited_for: &dyn Fn() -> bool,
    take: &mut dyn FnMut(views::RewardRow) -> Result<(), ExportError>,
    record: views::RewardRow,
) -> Result<(), ExportError> {
    if is_waited_for() { take(record) } else { Err(ExportError::Interrupted) }
}

/// A file in the OpenAPI document.
struct ParquetFile;

impl PartialSchema for ParquetFile {
    fn schema() -> RefOr<Schema> {
        let file = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom("binary".into())));
        RefOr::T(Schema::Object(file.build()))
    }
}

impl ToSchema for ParquetFile {}

/// An export, taken at one position, of several ledgers at one of each: written whole, and sent as the client takes it.
pub struct Export {
    written: SpooledTempFile,
    bytes: u64,
    asked: AskedFor,
    range: DateRange,
    positions: Vec<Position>,
}

impl Export {
    fn take(asked: &Asked<'_>, is_waited_for: &dyn Fn() -> bool) -> Result<Export, Problem> {
        let (asked_for, range) = AskedFor::of(asked.caller, asked.parameters)?;
        let range = range.resolve(asked.view.now, RANGE_DAYS)?;
        let position = asked.view.as_of().position;
        let (uid, kind) = (asked_for.uid, asked_for.kind);
        Export::write((asked_for, range), vec![position], &mut |take| {
            asked.view.each_record(uid, kind, range, &mut |record| as_long_as(is_waited_for, take, record))
        })
    }

    fn write(
        (asked, range): (AskedFor, DateRange),
        positions: Vec<Position>,
        give: GiveRecords<'_>,
    ) -> Result<Export, Problem> {
        let mut written = SpooledTempFile::new(MEMORY_BYTES_MAX);
        let internal = |error: &dyn std::fmt::Display| Problem::internal(&error);
        if asked.csv_bom {
            written.write_all(exports::BYTE_ORDER_MARK).map_err(|error| internal(&error))?;
        }
        RewardRecords::write(asked.kind, asked.format, &positions, &mut written, give).map_err(|error| {
            // Nobody is told, and nothing is wrong.
            let has_gone = matches!(error, ExportError::Interrupted);
            if has_gone { Problem::new(ProblemKind::Unavailable, error.to_string()) } else { internal(&error) }
        })?;
        let bytes = written.stream_position().map_err(|error| internal(&error))?;
        written.rewind().map_err(|error| internal(&error))?;
        Ok(Export { written, bytes, asked, range, positions })
    }

    /// The answer, which keeps its place until it is sent.
    ///
    /// # Errors
    /// If its headers cannot be written.
    pub fn response(mut self, place: ExportPlace) -> Result<Response, Problem> {
        let disposition = format!("attachment; filename=\"{}\"", self.file_name());
        let positions = self.positions.iter().map(Position::to_string).collect::<Vec<_>>().join(",");
        let text = |value: String| HeaderValue::try_from(value).map_err(|error| Problem::internal(&error));
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.asked.format.media_type())),
            (header::CONTENT_LENGTH, HeaderValue::from(self.bytes)),
            (header::CONTENT_DISPOSITION, text(disposition)?),
            (POSITION_HEADER, text(positions)?),
        ];
        let body = send::written_while_sent(move |out| {
            let sent = std::io::copy(&mut self.written, out);
            drop(place);
            sent.map(drop)
        });
        Ok((headers, body).into_response())
    }

    fn file_name(&self) -> String {
        let Export { asked: AskedFor { uid, kind, format, .. }, range, .. } = self;
        format!("rewards-{uid}-{}-{}-{}.{}", kind.as_str(), range.from, range.to, format.as_str())
    }
}

/// An export in memory: for the command line.
pub(crate) fn whole(asked: &Asked<'_>) -> Result<Answer, Problem> {
    let mut export = Export::take(asked, &|| true)?;
    let mut body = Vec::new();
    export.written.read_to_end(&mut body).map_err(|error| Problem::internal(&error))?;
    Ok(Answer { media_type: export.asked.format.media_type(), body })
}

/// All records of a range, as a file; the last 7 UTC days by default.
#[utoipa::path(
    get, path = "/v1/rewards/export", tag = "rewards", params(ExportParameters),
    responses(
        (
            status = 200, description = "The records, newest first.",
            content(
                (String = "text/csv"), (RewardRow = "application/x-ndjson"),
                (ParquetFile = "application/vnd.apache.parquet"),
            ),
            headers(
                ("Tributary-Position" = u64, description = "The ledger position that the records reflect."),
                ("Content-Disposition" = String, description = "A name for the file."),
            ),
        ),
        Refusals
    )
)]
pub async fn get_export(State(app): State<App>, asking: Asking) -> Result<Response, Problem> {
    let place = place(&app, &asking).await?;
    let waiting = Waiting::default();
    let is_waited_for = waiting.look();
    let taking = app.answer_about_referrer(asking, move |asked, _| Export::take(asked, &is_waited_for));
    let export = taking.await?;
    drop(waiting);
    export.response(place)
}

#[cfg(test)]
mod tests {
    use schemas::{Day, Product, Usd};

    use super::*;

    #[test]
    fn once_the_client_has_gone_no_more_records_are_taken() {
        let record = views::RewardRow {
            date: Day(20_000),
            kind: RewardKind::Commission,
            invitee_uid: Some(Uid(70)),
            referrer_uid: None,
            product: Product::Spot,
            trades: 1,
            fee_usd: Usd(1),
            amount: Usd(1),
        };
        let waiting = Waiting::default();
        let is_waited_for = waiting.look();
        let mut taken = 0;
        let mut take = |_| {
            taken += 1;
            Ok(())
        };
        assert!(as_long_as(&is_waited_for, &mut take, record.clone()).is_ok());
        drop(waiting);
        assert!(matches!(as_long_as(&is_waited_for, &mut take, record), Err(ExportError::Interrupted)));
        assert_eq!(taken, 1);
    }
}
