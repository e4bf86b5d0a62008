//! Quarantined events for people: as a line of a table, or whole.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

/// So many letters of a sentence stand in a table: the whole of it is in `show`.
const SHOWN: usize = 60;

/// A row for a table: its bytes are left out, what is long is cut short.
pub(super) fn shortened(mut row: Json) -> Json {
    if let Json::Object(fields) = &mut row {
        fields.remove("raw");
        for field in ["detail", "origin"] {
            if let Some(Json::String(text)) = fields.get_mut(field)
                && let Some((at, _)) = text.char_indices().nth(SHOWN)
            {
                text.truncate(at);
                text.push('…');
            }
        }
    }
    row
}

/// One whole, with its bytes as they came.
pub(super) fn in_words(row: &Json) -> Vec<u8> {
    let text = |name: &str| row[name].as_str().unwrap_or_default();
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
