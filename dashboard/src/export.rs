//! `GET /v1/rewards/export`: all records of a range as a file (SPEC 4.3). The records are taken at one position;
//! the file is written while it is sent.

mod csv;
mod parquet;
mod send;

use std::io::Write;
use std::sync::Arc;

use ::parquet::errors::ParquetError;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ledger::Position;
use projections::query::{DateRange, RangeRequest};
use projections::views::{RewardKind, RewardRow};
use schemas::Uid;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::app::App;
use crate::asking::Asking;
use crate::feed::POSITION_HEADER;
use crate::openapi::Refusals;
use crate::parameters::{FORMAT, Given, KIND, parameters};
use crate::problem::Problem;
use crate::query::{Answer, Asked};

parameters! { ExportParameters: UID, KIND, FROM, TO, FORMAT, AS_OF }

/// The days of a range where nothing is said, as in `GET /v1/rewards` (SPEC 4.3).
const RANGE_DAYS: i32 = 7;

/// The format of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ExportFormat {
    #[default]
    Csv,
    Ndjson,
    Parquet,
}

impl ExportFormat {
    pub(crate) const NAMES: &'static [&'static str] = &["csv", "ndjson", "parquet"];

    pub(crate) fn parse(text: &str) -> Option<ExportFormat> {
        match text {
            "csv" => Some(ExportFormat::Csv),
            "ndjson" => Some(ExportFormat::Ndjson),
            "parquet" => Some(ExportFormat::Parquet),
            _ => None,
        }
    }

    /// As in the parameter, and as the ending of a file's name.
    fn as_str(self) -> &'static str {
        match self {
            ExportFormat::Csv => "csv",
            ExportFormat::Ndjson => "ndjson",
            ExportFormat::Parquet => "parquet",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            ExportFormat::Csv => "text/csv; charset=utf-8",
            ExportFormat::Ndjson => "application/x-ndjson",
            ExportFormat::Parquet => "application/vnd.apache.parquet",
        }
    }
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

/// Why an export could not be written.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Write(#[from] std::io::Error),
    #[error(transparent)]
    Csv(#[from] ::csv::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Parquet(#[from] ParquetError),
}

/// The records of an export, taken at one position.
struct Export {
    rows: Vec<RewardRow>,
    uid: Uid,
    kind: RewardKind,
    range: DateRange,
    format: ExportFormat,
    position: Position,
}

impl Export {
    fn take(asked: &Asked<'_>) -> Result<Export, Problem> {
        let given = Given::of(asked.parameters, ExportParameters::ALL)?;
        let uid = asked.caller.referrer(&given)?;
        let kind = given.get(&KIND)?.unwrap_or(RewardKind::Commission);
        let format = given.get(&FORMAT)?.unwrap_or_default();
        let range = given.range()?.resolve(asked.view.now, RANGE_DAYS)?;
        let days = RangeRequest { from: Some(range.from), to: Some(range.to) };
        let rows = asked.view.all_rewards(uid, kind, days)?;
        Ok(Export { rows, uid, kind, range, format, position: asked.view.as_of().position })
    }

    fn write(&self, out: &mut (impl Write + Send)) -> Result<(), ExportError> {
        match self.format {
            ExportFormat::Csv => csv::write(&self.rows, self.kind, out),
            ExportFormat::Ndjson => self.rows.iter().try_for_each(|row| {
                serde_json::to_writer(&mut *out, row)?;
                Ok(out.write_all(b"\n")?)
            }),
            ExportFormat::Parquet => parquet::write(&self.rows, self.kind, self.position, out),
        }
    }

    fn file_name(&self) -> String {
        let Export { uid, kind, range, format, .. } = self;
        format!("rewards-{uid}-{}-{}-{}.{}", kind.as_str(), range.from, range.to, format.as_str())
    }
}

/// An export in memory: for the command line.
pub(crate) fn whole(asked: &Asked<'_>) -> Result<Answer, Problem> {
    let export = Export::take(asked)?;
    let mut body = Vec::new();
    export.write(&mut body).map_err(|error| Problem::internal(&error))?;
    Ok(Answer { media_type: export.format.media_type(), body })
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
pub(crate) async fn get_export(State(app): State<App>, asking: Asking) -> Result<Response, Problem> {
    let permit = Arc::clone(app.exports()).acquire_owned().await.map_err(|error| Problem::internal(&error))?;
    let export = app.answer(asking, |asked, _| Export::take(asked)).await?;
    let disposition = format!("attachment; filename=\"{}\"", export.file_name());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(export.format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).map_err(|error| Problem::internal(&error))?),
        (POSITION_HEADER, HeaderValue::from(export.position)),
    ];
    let body = send::written_while_sent(move |out| {
        let written = export.write(out);
        drop(permit);
        written
    });
    Ok((headers, body).into_response())
}
