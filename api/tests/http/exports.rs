//! Exports of rewards: the same records as the query, in each format.

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use serde_json::Value;

use crate::history::{EVENTS, event};
use crate::server::Server;

const RANGE: &str = "from=2026-03-01&to=2026-03-10";

#[tokio::test]
async fn csv_has_the_records_under_a_header() {
    let server = Server::start().await;
    let export = server.get(&format!("/v1/rewards/export?uid=7&{RANGE}")).await;
    assert_eq!((export.status, export.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(export.header("tributary-position"), EVENTS.to_string());
    let disposition = "attachment; filename=\"rewards-7-commission-2026-03-01-2026-03-10.csv\"";
    assert_eq!(export.header("content-disposition"), disposition);
    let expected = "\
date,kind,invitee_uid,product,trades,fee_usd,amount
2026-03-07,commission,100,futures,0,-8,-2
2026-03-05,commission,100,futures,1,8,2
2026-03-04,commission,100,spot,1,10,3
";
    assert_eq!(export.text(), expected);
    let shared = server.get(&format!("/v1/rewards/export?uid=102&kind=shared&format=csv&{RANGE}")).await;
    let expected = "date,kind,referrer_uid,product,trades,fee_usd,amount\n2026-03-06,shared,8,spot,1,3,0.15\n";
    assert_eq!(shared.text(), expected);
    let nothing = server.get("/v1/rewards/export?uid=9999").await;
    assert_eq!(nothing.text(), "date,kind,invitee_uid,product,trades,fee_usd,amount\n");
    let marked = server.get(&format!("/v1/rewards/export?uid=7&csv_bom=true&{RANGE}")).await;
    assert_eq!(marked.text(), format!("\u{feff}{}", export.text()));
    assert_eq!(marked.header("content-length"), marked.text().len().to_string());
    let other = server.get(&format!("/v1/rewards/export?uid=7&csv_bom=true&format=ndjson&{RANGE}")).await;
    other.expect_problem(400, Some("csv_bom"));
    // As in the query, the last 7 days where nothing is said.
    let seven = server.get("/v1/rewards/export?uid=7").await;
    assert!(seven.header("content-disposition").contains("2026-03-04-2026-03-10"));
}

#[tokio::test]
async fn ndjson_has_the_rows_of_the_query() {
    let server = Server::start().await;
    let export = server.get(&format!("/v1/rewards/export?uid=7&format=ndjson&{RANGE}")).await;
    assert_eq!(export.header("content-type"), "application/x-ndjson");
    let rows: Vec<Value> = export.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let query = server.get(&format!("/v1/rewards?uid=7&{RANGE}")).await.expect(200);
    assert_eq!(Value::from(rows), query["rows"]);
}

#[tokio::test]
async fn parquet_has_dates_decimals_and_the_position() {
    let server = Server::start().await;
    let export = server.get(&format!("/v1/rewards/export?uid=7&format=parquet&{RANGE}")).await;
    assert_eq!(export.header("content-type"), "application/vnd.apache.parquet");
    let file = SerializedFileReader::new(export.body.clone()).expect("a file");
    let metadata = file.metadata().file_metadata();
    let position =
        metadata.key_value_metadata().and_then(|pairs| pairs.iter().find(|pair| pair.key == "Tributary-Position"));
    assert_eq!(position.and_then(|pair| pair.value.clone()), Some(EVENTS.to_string()));
    let mut schema = Vec::new();
    parquet::schema::printer::print_schema(&mut schema, metadata.schema());
    let expected = "\
message rewards {
  REQUIRED INT32 date (DATE);
  REQUIRED BYTE_ARRAY kind (STRING);
  REQUIRED INT64 invitee_uid;
  REQUIRED BYTE_ARRAY product (STRING);
  REQUIRED INT64 trades;
  REQUIRED FIXED_LEN_BYTE_ARRAY (16) fee_usd (DECIMAL(38,8));
  REQUIRED FIXED_LEN_BYTE_ARRAY (16) amount (DECIMAL(38,8));
}
";
    assert_eq!(String::from_utf8(schema).expect("UTF-8"), expected);
    let rows: Vec<_> = file.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
    let read = |at: usize| {
        let row = &rows[at];
        let amount = i128::from_be_bytes(row.get_decimal(6).expect("money").data().try_into().expect("16 bytes"));
        let text = |column| row.get_string(column).expect("a text").as_str();
        (text(1), row.get_long(2).expect("a uid"), text(3), row.get_long(4).expect("a count"), amount)
    };
    assert_eq!(rows.len(), 3);
    assert_eq!(read(0), ("commission", 100, "futures", 0, -200_000_000));
    assert_eq!(read(2), ("commission", 100, "spot", 1, 300_000_000));
    let empty = server.get("/v1/rewards/export?uid=9999&format=parquet").await;
    let empty = SerializedFileReader::new(empty.body).expect("a file");
    assert_eq!(empty.metadata().file_metadata().num_rows(), 0);
}

/// Ten trades a day by each of 40 invitees for 90 days: 3,600 records, in several parts.
#[tokio::test]
async fn a_long_export_is_whole_and_newest_first() {
    let server = Server::start().await;
    let mut batch = Vec::new();
    for uid in 1_000..1_040u64 {
        batch.push(crate::history::one_more(uid, "2025-11-01T00:00:00Z").replace("\"ALPHA\"", "\"BETA\""));
        for day in 0..90u32 {
            let date = schemas::Day::parse("2025-12-01").expect("a day").plus(day as i32);
            let data = serde_json::json!({
                "uid": uid, "product": "spot", "symbol": "X", "volume_usd": "1", "fee_usd": "1", "fee_asset": "X",
                "fee_amount": "1", "vip_level": 0,
            });
            batch.push(event("trade", &format!("x{day}"), &format!("{date}T00:00:00Z"), data));
        }
    }
    let code_before = event(
        "code",
        "before",
        "2025-01-01T00:00:00Z",
        serde_json::json!({
            "code": "BETA", "owner_uid": 8, "spot_rebate_rate": "0.05", "futures_rebate_rate": "0.05",
        }),
    );
    batch.push(code_before);
    server.post_events(&format!("[{}]", batch.join(","))).await.expect(200);
    let range = "from=2025-12-01&to=2026-02-28";
    let csv = server.get(&format!("/v1/rewards/export?uid=8&{range}")).await;
    let lines: Vec<&str> = csv.text().lines().collect();
    assert_eq!(lines.len(), 3_601);
    assert_eq!(lines[1], "2026-02-28,commission,1000,spot,1,1,0.15");
    assert_eq!(lines[3_600], "2025-12-01,commission,1039,spot,1,1,0.15");
    assert!(lines[1..].is_sorted_by(|one, other| one[..10] >= other[..10]));
    let parquet = server.get(&format!("/v1/rewards/export?uid=8&format=parquet&{range}")).await;
    let parquet: Bytes = parquet.body;
    assert_eq!(SerializedFileReader::new(parquet).expect("a file").metadata().file_metadata().num_rows(), 3_600);
}
