//! Rewards are saved as files, and the file has the API's rows, each once.

use serde_json::Value;

use crate::harness::downloads::{keep_downloads_in, saved};
use crate::harness::people::AFFILIATE;
use crate::harness::platform::{Caller, exact};
use crate::harness::{Looks, history, walk};

/// The columns of a file of rewards that a row is known by.
const COLUMNS: [&str; 6] = ["date", "invitee_uid", "product", "trades", "fee_usd", "amount"];

fn day(before: i64) -> String {
    history::end().plus_days(-before).day().to_string()
}

/// Waits until the browser has saved a file that ends so, and reads it.
fn rows_of(file: &str, format: &str) -> Vec<Vec<String>> {
    if format == "csv" {
        let mut reader = csv::Reader::from_reader(file.as_bytes());
        let heads = reader.headers().expect("headings").clone();
        let at = COLUMNS.map(|name| heads.iter().position(|head| head == name).unwrap_or_else(|| panic!("{name}")));
        return reader
            .records()
            .map(|row| row.expect("a row"))
            .map(|row| at.iter().map(|at| row[*at].to_owned()).collect())
            .collect();
    }
    let row = |line: &str| -> Vec<String> {
        let row: Value = serde_json::from_str(line).expect("JSON");
        COLUMNS.iter().map(|name| exact(&row[*name])).collect()
    };
    file.lines().map(row).collect()
}

#[test]
fn a_file_of_any_range_has_the_apis_rows() {
    for (name, looks) in [("export", Looks::default()), ("export-without-scripts", Looks::without_scripts())] {
        walk(name, async |walk| {
            let caller = Caller::Affiliate(AFFILIATE);
            let window = walk.signed_in_with(caller, looks).await;
            let range = format!("from={}&to={}", day(30), day(2));
            let asked: Vec<Vec<String>> = walk
                .platform
                .rows(caller, &format!("/v1/rewards?kind=commission&{range}"))
                .iter()
                .map(|row| COLUMNS.iter().map(|name| exact(&row[*name])).collect())
                .collect();
            assert!(asked.len() > 100, "{}", asked.len());
            for format in ["csv", "ndjson"] {
                let folder = tempfile::tempdir().expect("a folder");
                keep_downloads_in(&window, folder.path()).await;
                window.open("/rewards").await;
                window.pick_day("From", &day(30)).await;
                window.pick_day("To", &day(2)).await;
                window.press("Show").await;
                window.until_at(&day(30)).await;
                window.choose("Format", format).await;
                window.press("Download").await;
                assert_eq!(rows_of(&saved(folder.path(), format), format), asked, "{format}");
            }
        });
    }
}

#[test]
fn the_two_tabs_show_the_apis_records() {
    walk("rewards", async |walk| {
        let caller = Caller::Affiliate(AFFILIATE);
        let window = walk.signed_in(caller).await;
        window.open(&format!("/rewards?from={}&to={}", day(30), day(2))).await;
        for kind in ["commission", "shared"] {
            if kind == "shared" {
                window.press("Shared commission").await;
                window.until_at("kind=shared").await;
            }
            let asked = walk.platform.get(caller, &format!("/v1/rewards?kind={kind}&from={}&to={}", day(30), day(2)));
            let with = if kind == "commission" { "invitee_uid" } else { "referrer_uid" };
            let names = ["date", with, "product", "trades", "fee_usd", "amount"];
            let asked: Vec<Vec<String>> = asked["rows"]
                .as_array()
                .expect("rows")
                .iter()
                .map(|row| names.iter().map(|name| exact(&row[*name])).collect())
                .collect();
            assert_eq!(window.rows("#rewards tbody tr").await, asked, "{kind}");
        }
    });
}
