//! Has a daemon revoke a token, and lists those that are revoked.

use std::io::Read;

use anyhow::{Context, anyhow};
use serde_json::{Map, Value as Json};

use crate::cli::{ServerFlags, TokenAction};
use crate::commands::query::{ApiResponse, Daemon, Request, refusal};
use crate::exit::Failure;
use crate::output;

/// Does what is asked.
pub(super) fn execute(action: TokenAction) -> Result<(), Failure> {
    match action {
        TokenAction::Revoke { server, leaked, jti, expires_at, why } => {
            let daemon = daemon_of(server)?;
            let token = leaked.as_deref().map(read_token).transpose()?;
            let given = [("token", token), ("jti", jti), ("expires_at", expires_at), ("reason", why)];
            let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
            let body = Json::Object(given.collect::<Map<String, Json>>()).to_string();
            let target = Request::new("tokens/revoke", Vec::new()).target;
            let row = ask(&daemon, &target, Some(("application/json", body.as_bytes())))?;
            let until = row["expires_at"].as_str().map_or("for ever".to_owned(), |at| format!("until {at}"));
            let jti = row["jti"].as_str().unwrap_or_default();
            output::print_raw(format!("token {jti} is revoked {until}\n").as_bytes())?;
            Ok(())
        }
        TokenAction::Revoked { server, format } => {
            let daemon = daemon_of(server)?;
            let style = format.wanted()?;
            let (mut rows, mut cursor) = (Vec::new(), None::<String>);
            loop {
                let mut given = vec![("limit".to_owned(), "500".to_owned())];
                given.extend(cursor.take().map(|cursor| ("cursor".to_owned(), cursor)));
                let page = ask(&daemon, &Request::new("tokens/revoked", given).target, None)?;
                rows.extend(page["rows"].as_array().cloned().unwrap_or_default());
                cursor = page["next_cursor"].as_str().map(str::to_owned);
                if cursor.is_none() {
                    break;
                }
            }
            let answer = serde_json::to_vec(&serde_json::json!({ "rows": rows })).map_err(anyhow::Error::from)?;
            Ok(output::print_as(&answer, &style, "tokens/revoked")?)
        }
    }
}

/// The token that a file holds: not an argument, which every user of the machine could read.
fn read_token(path: &str) -> Result<String, Failure> {
    let read = if path == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
    let text = read.with_context(|| format!("can't read {path}")).map_err(Failure::usage)?;
    let text: String = text.split_whitespace().collect();
    // A header is often copied whole.
    Ok(text.strip_prefix("Bearer").unwrap_or(&text).to_owned())
}

fn daemon_of(server: ServerFlags) -> Result<Daemon, Failure> {
    Daemon::of(server).ok_or_else(|| Failure::usage(anyhow!("--url says which daemon is asked")))
}

fn ask(daemon: &Daemon, target: &str, body: Option<(&str, &[u8])>) -> Result<Json, Failure> {
    let mut answer: ApiResponse = daemon.send(target, body)?;
    if !(200..300).contains(&answer.status) {
        return Err(refusal(&mut answer));
    }
    let mut text = Vec::new();
    answer.body.read_to_end(&mut text).context("the answer ends too early")?;
    Ok(serde_json::from_slice(&text).context("the answer is no JSON")?)
}
