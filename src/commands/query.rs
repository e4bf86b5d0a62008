//! Asks the API and prints the answer.

mod local;
mod remote;
mod request;

use std::io::Read;

use anyhow::{Context, anyhow};
use serde::Deserialize;

use crate::cli::{CommonFlags, QueryArgs};
use crate::config::{Key, Value, load, surroundings};
use crate::exit::Failure;
use crate::output::{self, Format, Style};
pub(super) use remote::Daemon;
pub(super) use request::Request;

/// An answer of the API, from wherever it comes.
pub(super) struct ApiResponse {
    /// The HTTP status.
    pub(super) status: u16,
    /// The media type, without parameters.
    pub(super) media_type: String,
    pub(super) body: Box<dyn Read>,
}

/// Prints the answer in the format that is wanted; a refusal goes to standard error alone.
pub(super) fn execute(common: &CommonFlags, args: QueryArgs) -> Result<(), Failure> {
    let style = args.format.wanted()?;
    let request = Request::new(&args.path, args.parameters);
    let daemon = Daemon::of(args.server).filter(|_| args.data.is_none());
    let answer = match daemon {
        Some(daemon) => daemon.ask(&request)?,
        None => {
            let mut flags = common.given();
            if common.log_level.is_none() {
                flags.push((Key::LogLevel, "log-level", Value::Text("off".to_owned())));
            }
            flags.extend(args.data.map(|data| (Key::Data, "data", Value::Text(data))));
            let (settings, _) = load(common.config.as_deref(), surroundings(), flags)?;
            crate::logging::start(&settings.log);
            local::ask(&settings, &request)?
        }
    };
    print(answer, &style, request.kind())
}

fn print(mut answer: ApiResponse, style: &Style, kind: &str) -> Result<(), Failure> {
    if !(200..300).contains(&answer.status) {
        return Err(refusal(&mut answer));
    }
    let has_rows = matches!(answer.media_type.as_str(), "application/json" | "application/x-ndjson");
    if style.format == Format::Json || !has_rows {
        // An export may be of any length: it goes through as it comes.
        return output::print_stream(&mut answer.body, has_rows).map_err(Failure::from);
    }
    let mut body = Vec::new();
    answer.body.read_to_end(&mut body).context("the answer ends too early")?;
    Ok(output::print_as(&body, style, kind)?)
}

/// What the API says of a refusal (RFC 9457).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
    field: Option<String>,
}

/// What the API answers with 400 is bad usage of the command (SPEC 5).
pub(super) fn refusal(answer: &mut ApiResponse) -> Failure {
    const PROBLEM_BYTES_MAX: u64 = 1 << 16;
    let mut body = Vec::new();
    // What can't be read of it leaves the status to tell.
    let _partial = (&mut answer.body).take(PROBLEM_BYTES_MAX).read_to_end(&mut body);
    let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
    let said = [problem.title, problem.detail].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
    let said = if said.is_empty() { format!("status {}", answer.status) } else { said.join(": ") };
    let field = problem.field.map(|field| format!(" ({field})")).unwrap_or_default();
    let error = anyhow!("{said}{field}");
    if answer.status == 400 { Failure::usage(error) } else { Failure::failed(error) }
}
