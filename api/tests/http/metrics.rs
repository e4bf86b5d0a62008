//! What Prometheus is told of a served ledger, and that the docs list all of it.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use api::{App, Authenticator};
use ingest::metrics::{Described, Metrics};

use crate::server::Server;

#[tokio::test]
async fn a_ledger_tells_how_new_it_is_and_what_is_in_quarantine() {
    let server = Server::start().await;
    let again = crate::history::events();
    server.post_events(&format!("[{},7]", again[0])).await.expect(200);
    let reply = server.get("/metrics").await;
    let value = |series: &str| -> f64 {
        let found = reply.text().lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("{series} in\n{}", reply.text())).parse().expect("a number")
    };
    for (state, count) in [("open", 1.0), ("discarded", 0.0), ("replaced", 0.0)] {
        assert_eq!(value(&format!("tributary_quarantine_events{{state=\"{state}\"}}")), count);
    }
    assert!(value("tributary_latest_entry_timestamp_seconds") >= value("tributary_latest_event_timestamp_seconds"));
    assert!(value("tributary_latest_event_timestamp_seconds") > 0.0);
    for (series, is) in [
        ("tributary_checkpoint_last_successful", 1.0),
        ("tributary_ledger_failed{cause=\"disk_full\"}", 0.0),
        ("tributary_ledger_failed{cause=\"other\"}", 0.0),
        ("tributary_config_last_reload_successful", 1.0),
    ] {
        assert_eq!(value(series), is, "{series}");
    }
    assert!(!reply.text().contains("tributary_disk_free_bytes "), "memory is no disk");
}

/// A row of the table in the docs.
fn row(Described { name, kind, labels, help }: &Described) -> String {
    let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
    format!("| `{name}` | {kind} | {} | {help} |", labels.join(", "))
}

#[test]
fn the_docs_list_every_metric_as_the_code_describes_it() {
    let metrics = Arc::new(Metrics::new());
    let _app = App::new(Authenticator::open(), Arc::clone(&metrics));
    let mut described = metrics.described();
    described.sort_by(|a, b| a.name.cmp(&b.name));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/METRICS.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let listed: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| `tributary_") || line.starts_with("| `process_")).collect();
    let rows: Vec<String> = described.iter().map(row).collect();
    let mut table = String::new();
    rows.iter().for_each(|row| writeln!(table, "{row}").expect("a text takes it"));
    assert_eq!(listed, rows, "docs/METRICS.md has to list\n{table}");
}
