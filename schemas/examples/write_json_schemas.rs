//! Writes the JSON Schemas of all events into `schemas/json/`: `cargo run -p tributary-schemas --example write_json_schemas`.

use std::path::Path;
use std::{fs, io};

use schemas::EventType;
use schemas::json_schema::{file_name, file_text};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("json");
    fs::create_dir_all(&folder)?;
    for event_type in EventType::ALL {
        fs::write(folder.join(file_name(*event_type)), file_text(*event_type))?;
    }
    Ok(())
}
