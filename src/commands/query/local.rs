//! Answers from the directory of a ledger, beside a daemon or without one.

use std::io::Cursor;

use anyhow::anyhow;
use api::{Caller, answer, moment_asked};
use ingest::{Clock, SystemClock};
use ledger::LedgerReader;
use projections::View;
use schemas::Timestamp;

use super::ApiResponse;
use super::request::Request;
use crate::config::Settings;
use crate::exit::Failure;
use crate::place::Place;

/// Replays the ledger, or what came after its checkpoint, and answers. Who can read the directory is an operator.
pub(super) fn ask(settings: &Settings, request: &Request) -> Result<ApiResponse, Failure> {
    let place = Place::of(settings)?;
    let path: Vec<&str> = request.path.split('/').collect();
    let asked = |view: &View<'_>, reader: &LedgerReader, present: Timestamp| {
        answer(view, reader, &Caller::operator(), &path, &request.parameters, present)
    };
    let answered = match moment_asked(&path, &request.parameters) {
        Ok(None) => {
            let (handle, _) = place.read(settings)?;
            let reader = handle.reader();
            handle.read(|view| asked(view, &reader, view.now))
        }
        Ok(Some(moment)) => {
            let past = place.as_of(settings, moment)?;
            asked(&past.view(), past.reader(), SystemClock::new().now())
        }
        Err(problem) => Err(problem),
    };
    match answered {
        Ok(answer) => {
            let media_type = answer.media_type.split(';').next().unwrap_or_default().trim().to_owned();
            Ok(ApiResponse { status: 200, media_type, body: Box::new(Cursor::new(answer.body)) })
        }
        Err(problem) if problem.status() == 400 => Err(Failure::usage(anyhow!("{problem}"))),
        Err(problem) => Err(Failure::failed(anyhow!("{problem}"))),
    }
}
