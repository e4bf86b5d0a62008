//! Quarantined events for people: as a line of a table, or whole.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

/// So many letters of a sentence and of an origin stand in a table: the whole of it is in `show`.
const DETAIL_SHOWN: usize = 48;
const ORIGIN_SHOWN: usize = 32;

/// A row as a line of the list, narrow enough for a terminal; all of it is in `show` and in the other formats.
pub(super) fn listed(row: &Json) -> Json {
    let reason = match row["field"].as_str() {
        Some(field) => format!("{} {field}", text(row, "reason")),
        None => text(row, "reason").to_owned(),
    };
    // To the minute.
    let received: String = text(row, "received_at").chars().take("2026-03-01T00:00".len()).collect();
    let mut line = json!({
        "id": row["id"],
        "reason": reason,
        "repeated": row["repeated"],
        "received": received,
        "origin": end_of(text(row, "origin"), ORIGIN_SHOWN),
    });
    match row["state"].as_str() {
        Some("discarded" | "replaced") => {
            let act = &row["act"];
            line["position"] = act["position"].clone();
            line["by"] = act["by"].clone();
            line["why"] = beginning_of(text(act, "why"), DETAIL_SHOWN).into();
        }
        _ => line["detail"] = beginning_of(text(row, "detail"), DETAIL_SHOWN).into(),
    }
    line
}

/// What became of an event to which something was done, as a line of a table.
pub(super) fn acted(row: &Json) -> Json {
    let outcome = &row["outcome"];
    json!({
        "id": row["id"],
        "state": row["state"],
        "outcome": outcome["outcome"],
        "position": outcome["position"],
        "reason": outcome["reason"],
        "detail": beginning_of(text(outcome, "detail"), DETAIL_SHOWN),
    })
}

fn text<'r>(row: &'r Json, name: &str) -> &'r str {
    row[name].as_str().unwrap_or_default()
}

fn beginning_of(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The end says more of a path with a line, and of a topic with an offset.
fn end_of(text: &str, letters: usize) -> String {
    let over = text.chars().count().saturating_sub(letters);
    match text.char_indices().nth(over) {
        Some((begin, _)) if over > 0 => format!("…{}", &text[begin..]),
        _ => text.to_owned(),
    }
}

/// One whole, with its bytes as they came.
pub(super) fn in_words(row: &Json) -> Vec<u8> {
    let text = |name: &str| text(row, name);
    let field = row["field"].as_str().map(|field| format!(" ({field})")).unwrap_or_default();
    // What is not base64 is shown as it is rather than not at all.
    let raw = STANDARD.decode(text("raw")).unwrap_or_else(|_| text("raw").as_bytes().to_vec());
    let mut words = format!(
        "number    {}\nstate     {}\nreason    {}{field}\ndetail    {}\norigin    {}\nreceived  {}\nrepeated  {}\n",
        row["id"],
        text("state"),
        text("reason"),
        text("detail"),
        text("origin"),
        text("received_at"),
        row["repeated"],
    );
    let act = &row["act"];
    if let (Some(kind), Some(by), Some(at)) = (act["kind"].as_str(), act["by"].as_str(), act["at"].as_str()) {
        let why = act["why"].as_str().filter(|why| !why.is_empty()).map(|why| format!(": {why}")).unwrap_or_default();
        let position = act["position"].as_u64().map(|position| format!(", position {position}")).unwrap_or_default();
        words.push_str(&format!("{kind:9} by {by} at {at}{position}{why}\n"));
    }
    words.push_str(&format!("raw, {} bytes:\n", raw.len()));
    // What is not UTF-8, and what would move a terminal's cursor, is shown escaped.
    for letter in String::from_utf8_lossy(&raw).chars() {
        if letter.is_control() && letter != '\n' && letter != '\t' {
            words.extend(letter.escape_unicode());
        } else {
            words.push(letter);
        }
    }
    words.push('\n');
    words.into_bytes()
}
